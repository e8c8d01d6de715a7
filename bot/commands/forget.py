"""``/forget``: delete what was said in a conversation from our database."""

from __future__ import annotations

from bot.commands.authority import require_admin
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.core.errors import BadInput
from bot.core.place import Place
from bot.core.view import Button, Tone, View
from storage.conversations import Conversation
from storage.forgetting import Extent

_NOTHING = "Nothing was said here yet, so there is nothing to forget."
_IN_A_THREAD = (
    "`/forget` belongs to a conversation, and every thread is one of its own: "
    "write `@Switchboard forget` in a thread."
)
_ELSEWHERE = "That conversation is not part of this place; `/forget` without a number means the one here."
_BUSY = (
    "The answer that is being written could not be ended in time, so nothing was forgotten. "
    "Try again in a moment; `/stop` ends it too."
)
_QUESTION = (
    "Forget this conversation? {counted} will be deleted from Switchboard's database for good, and with them drafts, "
    "summaries and what waits. An answer that is being written is stopped. What it cost stays in the books, without a "
    "word of it."
)
_NOT_OURS_ON_SITE = "What providers of models have been given is not ours to delete."
_NOT_OURS = (
    "What providers of models have been given is not ours to delete, nor are the messages that you see here: those "
    "stay until somebody deletes them."
)
_INSTEAD = "Fork of a conversation that was forgotten."


async def _forget(tools: Tools, asked: Asked, values: Values) -> Answer:
    number = values.get("conversation")
    conversation = await _meant(tools, asked, None if number is None else int(number))
    if asked.shared and conversation.person_id != asked.person_id:
        await require_admin(tools, asked, "forget a conversation that somebody else began")
    if number is None:
        return await _ask(tools, asked, conversation)
    gone = await tools.engine.forget(conversation.id, asked.person_id, _INSTEAD)
    if gone is None:
        raise BadInput(f"conversation {conversation.id} is busy", say=_BUSY)
    text = f"Forgotten: {_counted(gone)}. What is written here next begins a new conversation."
    return Answer(View(text, tone=Tone.NOTICE), refresh=True)


async def _meant(tools: Tools, asked: Asked, number: int | None) -> Conversation:
    """The place's conversation, or the one that the question named. Raises BadInput."""
    if number is None:
        if not asked.in_conversation:
            raise BadInput(f"/forget at {asked.place}", say=_IN_A_THREAD)
        found = await tools.store.conversations.current(str(asked.place))
        if found is None:
            raise BadInput("no conversation", say=_NOTHING)
        return found
    try:
        conversation = await tools.store.conversations.get(number)
    except LookupError:
        conversation = None
    # Numbers run over all conversations: one from elsewhere must not open a door to it.
    if conversation is None or not _is_within(asked, Place.parse(conversation.place)):
        raise BadInput(f"conversation {number} is not at {asked.place}", say=_ELSEWHERE)
    if conversation.deleted_at is not None:
        raise BadInput(f"conversation {number} is deleted", say="That conversation is forgotten already.")
    return conversation


def _is_within(asked: Asked, place: Place) -> bool:
    return asked.place in ((place,) if asked.in_conversation else tuple(place.widen())[:-1])


async def _ask(tools: Tools, asked: Asked, conversation: Conversation) -> Answer:
    extent = await tools.store.forgetting.extent(conversation.id)
    parts = [_QUESTION.format(counted=_counted(extent).capitalize())]
    parts.append(_NOT_OURS_ON_SITE if asked.on_site else _NOT_OURS)
    if extent.forks:
        forks = "One fork shares" if extent.forks == 1 else f"{extent.forks} forks share"
        parts.append(f"{forks} some of it and will have lost that part.")
    if conversation.parent_message_id is not None:
        parts.append(
            "What was said before this fork belongs to the conversation it comes from, and stays there."
        )
    button = Button("Forget it", f"forget #{conversation.id}")
    return Answer(View(" ".join(parts), tone=Tone.NOTICE, buttons=(button,)))


def _counted(extent: Extent) -> str:
    messages = "1 message" if extent.messages == 1 else f"{extent.messages} messages"
    files = "1 file" if extent.files == 1 else f"{extent.files} files"
    return f"{messages} and {files}" if extent.files else messages


FORGET = Command(
    name="forget",
    summary="delete what was said in this conversation; asks once",
    handler=_forget,
    options=(Option("conversation", OptionKind.NUMBER, "the number that the question before it names"),),
    anywhere=True,
)
