"""``/new``, ``/stop``, ``/retry``, ``/continue``: what may be done with a conversation."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.calls import access
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.core.errors import BadInput
from bot.core.message import AskedAgain, Author, Incoming
from bot.core.view import Tone, View
from storage.replies import ReplyRow

_REPLY = Option("reply", OptionKind.NUMBER, "the number of an answer in this conversation; else the last one")


async def _new(tools: Tools, asked: Asked, values: Values) -> Answer:
    conversations, place = tools.store.conversations, str(asked.place)
    old = await conversations.current(place)
    choice = await tools.settings.choose(asked.place, asked.person_id, None)
    answers = f"**{choice.model}** answers: {choice.reason}."
    if old is not None and old.head_id is None and old.current_model is None:
        return _notice(f"This conversation is new already. {answers}")
    await conversations.start_new(place, asked.person_id)
    left = (
        f" **{old.current_model}** stays with the old one." if old is not None and old.current_model else ""
    )
    kept = "What was said above is kept, but no model reads it from here on."
    return _notice(f"A new conversation starts here. {kept} {answers}{left}", refresh=True)


async def _stop(tools: Tools, asked: Asked, values: Values) -> Answer:
    conversation = await tools.store.conversations.current(str(asked.place))
    stopped = 0 if conversation is None else await tools.engine.stop(conversation.id)
    if not stopped:
        return _notice("Nothing is being written here.")
    return _notice("Stopped. The text so far is kept, and what was used is billed.")


async def _retry(tools: Tools, asked: Asked, values: Values) -> Answer:
    typed = str(values.get("model", "")).strip()
    model = tools.registry.find(typed) if typed else None
    if model is not None:
        rules = await access.rules(tools.store, asked.place, asked.person_id)
        access.check(rules, model, [each.id for each in tools.registry.models()])
    reply = await _meant(tools, asked, values)
    await _ask_again(tools, asked, AskedAgain(reply.id, None if model is None else str(model)))
    by = "" if model is None else f" from **{model}**"
    when = "follows the one being written" if reply.state == "open" else "is on its way"
    return _notice(f"Another answer{by} {when}.")


async def _continue(tools: Tools, asked: Asked, values: Values) -> Answer:
    reply = await _meant(tools, asked, values)
    if reply.state == "open":
        return _notice("That answer is still being written.")
    await _ask_again(tools, asked, AskedAgain(reply.id, go_on=True))
    return _notice("The rest is on its way.")


async def _meant(tools: Tools, asked: Asked, values: Values) -> ReplyRow:
    """The answer that a number names, or the last one. Raises BadInput where this conversation has none."""
    conversation = await tools.store.conversations.current(str(asked.place))
    if conversation is None:
        raise BadInput("no conversation", say="Nothing was asked here yet; write a message first.")
    number = values.get("reply")
    replies = tools.store.replies
    reply = await (replies.last(conversation.id) if number is None else replies.get(int(number)))
    if reply is None and number is None:
        raise BadInput("no reply", say="Nothing was asked here yet; write a message first.")
    # Numbers run over all conversations: one from elsewhere must not open a door to it.
    if reply is None or reply.conversation_id != conversation.id:
        say = f"Answer #{number} is not part of this conversation; without a number the last one is meant."
        raise BadInput(f"reply {number} is not in conversation {conversation.id}", say=say)
    return reply


async def _ask_again(tools: Tools, asked: Asked, what: AskedAgain) -> None:
    author = Author(external_id="", name=asked.author_name, person_id=asked.person_id)
    await tools.engine.receive(Incoming(asked.key, asked.place, author, what, datetime.now(UTC)))


def _notice(text: str, *, refresh: bool = False) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE), refresh)


NEW = Command(
    name="new",
    summary="start a new conversation here",
    handler=_new,
    aliases=("reset",),
)
STOP = Command(
    name="stop",
    summary="end the answer being written; its text is kept",
    handler=_stop,
    aliases=("cancel",),
)
RETRY = Command(
    name="retry",
    summary="answer the question again, perhaps by another model",
    handler=_retry,
    options=(_REPLY, Option("model", OptionKind.MODEL, "the model that shall answer")),
    aliases=("again",),
    example="/retry demo/thorough",
)
CONTINUE = Command(
    name="continue",
    summary="go on with an answer that broke off",
    handler=_continue,
    options=(_REPLY,),
)
