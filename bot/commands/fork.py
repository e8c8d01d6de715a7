"""``/fork``: go on elsewhere from a message, with all that led to it."""

from __future__ import annotations

from bot.calls import access
from bot.commands.conversation import REPLY, meant
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.forking import Forked, Forking
from bot.core.errors import BadInput
from bot.core.view import Tone, View
from storage.replies import ReplyRow

_GROWING = (
    "That answer is still being written. Let it end, then fork it; `/fork` and a number takes an earlier one."
)
_UNKNOWN = "Only what was said to me, and what I answered, can be forked; that message is neither."
_EMPTY = "Nothing was said in that answer, so there is nothing to go on from."


async def _fork(tools: Tools, asked: Asked, values: Values) -> Answer:
    model = await _model(tools, asked, str(values.get("model", "")).strip())
    message_id, page = await _from(tools, asked, values)
    made = await tools.engine.fork(
        Forking(asked.place, message_id, asked.key, asked.person_id, asked.author_name, model, page)
    )
    return Answer(View(_said(made, asked.author_name), tone=Tone.NOTICE), refresh=made.fresh)


async def _model(tools: Tools, asked: Asked, typed: str) -> str | None:
    """The model that is to answer in the fork, None for that of the conversation. Raises BadInput, AccessRefused."""
    if not typed:
        return None
    model = tools.registry.find(typed)
    rules = await access.rules(tools.store, asked.place, asked.person_id)
    access.check(rules, model, [each.id for each in tools.registry.models()])
    return str(model)


async def _from(tools: Tools, asked: Asked, values: Values) -> tuple[int, str]:
    """The message to go on from, and the platform's id of it where it is ours. Raises BadInput."""
    if asked.about and "reply" not in values:
        message_id = await tools.engine.named(asked.place, asked.about)
        if message_id is None:
            raise BadInput(f"{asked.about} at {asked.place}", say=_UNKNOWN)
        return message_id, ""
    reply = await _reply(tools, asked, values)
    if reply.message_id is None:
        raise BadInput(f"reply {reply.id} is open", say=_GROWING)
    message = (await tools.store.conversations.branch(reply.message_id))[-1]
    if not message.text:
        raise BadInput(f"reply {reply.id} has no text", say=_EMPTY)
    pages = [page.message_id for page in reply.pages if page.message_id]
    return reply.message_id, pages[-1] if pages else ""


async def _reply(tools: Tools, asked: Asked, values: Values) -> ReplyRow:
    """The answer that a number names, of this place's earlier conversations too; else the last one."""
    if (number := values.get("reply")) is not None:
        reply = await tools.store.replies.get(int(number))
        if reply is not None and reply.place == str(asked.place):
            return reply
    return await meant(tools, asked, values)


def _said(made: Forked, name: str) -> str:
    if not made.beside:
        old = "To go on with the one before it, reply to one of its messages."
        return f"From here on the fork goes on: what is written next is said in it. {old}"
    there = f"[Go on there]({made.link})." if made.link else ""
    begun = f"{name} has forked this conversation." if made.fresh else "This was forked already."
    return " ".join(filter(None, [begun, there, "Here nothing has changed."]))


FORK = Command(
    name="fork",
    summary="go on in a new thread with all that was said up to here",
    handler=_fork,
    options=(REPLY, Option("model", OptionKind.MODEL, "the model that shall answer there")),
    example="/fork demo/thorough",
)
