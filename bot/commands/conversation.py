"""``/new``, ``/stop``, ``/retry``, ``/continue``: what may be done with a conversation."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.calls import access
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.agents import called
from bot.core.errors import BadInput
from bot.core.message import AskedAgain, Author, Incoming
from bot.core.provider import ModelId
from bot.core.view import Tone, View
from storage.conversations import Conversation
from storage.replies import ReplyRow

REPLY = Option("reply", OptionKind.NUMBER, "the number of an answer in this conversation; else the last one")


async def _new(tools: Tools, asked: Asked, values: Values) -> Answer:
    conversations, place = tools.store.conversations, str(asked.place)
    old = await conversations.current(place)
    if old is not None and old.head_id is None and not await _left(tools, old):
        choice = await tools.settings.choose(asked.place, asked.person_id, None)
        return _notice(f"This conversation is new already. **{choice.model}** answers: {choice.reason}.")
    begun = await conversations.start_new(place, asked.person_id)
    choice = await tools.settings.choose(asked.place, asked.person_id, begun)
    kept = "What was said above is kept, but no model reads it from here on."
    inherits = f"It inherits its model, **{choice.model}**: {choice.reason}."
    left = [] if old is None else await _left(tools, old)
    stays = f" {' and '.join(left)} {'stays' if len(left) == 1 else 'stay'} with the old one." if left else ""
    return _notice(f"A new conversation starts here. {kept} {inherits}{stays}", refresh=True)


async def _left(tools: Tools, old: Conversation) -> list[str]:
    """What a conversation has of its own, and the next one does not inherit."""
    agent = await tools.settings.agent(old)
    own = (
        f"the model **{old.current_model}**" if old.current_model else "",
        f"the agent **{called(agent)}**" if agent is not None else "",
        "the system text" if old.system else "",
    )
    found = [one for one in own if one]
    return [f"{found[0][:1].upper()}{found[0][1:]}", *found[1:]] if found else []


async def _stop(tools: Tools, asked: Asked, values: Values) -> Answer:
    conversation = await tools.store.conversations.current(str(asked.place))
    stopped = 0 if conversation is None else await tools.engine.stop(conversation.id)
    if not stopped:
        return _notice("Nothing is being written here.")
    return _notice("Stopped. The text so far is kept, and what was used is billed.")


async def _retry(tools: Tools, asked: Asked, values: Values) -> Answer:
    model = await _by(tools, asked, values)
    reply = await meant(tools, asked, values)
    await _ask_again(tools, asked, _again(reply.id, model, values))
    by = "" if model is None else f" from **{model}**"
    when = "follows the one being written" if reply.state == "open" else "is on its way"
    return _notice(f"Another answer{by} {when}.")


async def _by(tools: Tools, asked: Asked, values: Values) -> ModelId | None:
    """The model that shall answer, None where none was named. Raises BadInput, NotConfigured, AccessRefused."""
    typed = str(values.get("model", "")).strip()
    model = tools.registry.find(typed) if typed else None
    if model is not None:
        offered = [each.id for each in tools.registry.models()]
        await access.require(tools.store, asked.place, asked.person_id, model, offered)
    return model


def _again(reply_id: int, model: ModelId | None, values: Values) -> AskedAgain:
    return AskedAgain(reply_id, None if model is None else str(model), anyway=bool(values.get("anyway")))


async def _continue(tools: Tools, asked: Asked, values: Values) -> Answer:
    model = await _by(tools, asked, values)
    reply = await meant(tools, asked, values)
    if reply.state == "open":
        return _notice("That answer is still being written.")
    await _ask_again(tools, asked, AskedAgain(reply.id, None if model is None else str(model), go_on=True))
    by = "" if model is None else f", from **{model}**"
    return _notice(f"The rest is on its way{by}.")


async def meant(tools: Tools, asked: Asked, values: Values) -> ReplyRow:
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
    summary="start a new conversation here, and say what it inherits",
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
    options=(
        REPLY,
        Option("anyway", OptionKind.FLAG, "though it is expensive"),
        Option("model", OptionKind.MODEL, "the model that shall answer"),
    ),
    aliases=("again",),
    example="/retry demo/thorough",
)
CONTINUE = Command(
    name="continue",
    summary="go on with an answer that broke off",
    handler=_continue,
    options=(REPLY, Option("model", OptionKind.MODEL, "the model that shall go on")),
)
