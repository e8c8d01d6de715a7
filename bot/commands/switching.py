"""What a switch to another model changes, in sentences: what no longer fits, where the text goes, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import describe
from bot.commands.grammar import Tools
from bot.conversation import agents, context
from bot.conversation.settings import Choice
from bot.core.errors import NotConfigured
from bot.core.provider import ModelId
from bot.providers.registry import Model
from storage.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model gets to read of a conversation: messages left out, and tokens."""

    omitted: int
    tokens: int


def known(tools: Tools, model: ModelId) -> Model | None:
    """What is known of a model, None where it is not set up here any more."""
    try:
        return tools.registry.model(model)
    except NotConfigured:
        return None


async def consequences(
    tools: Tools, before: Choice, wanted: ModelId, conversation: Conversation | None
) -> list[str]:
    """The sentences on a switch; ``conversation`` is the one that is switched in the middle, if it is one."""
    old, new = known(tools, before.model), tools.registry.model(wanted)
    said = changes(old, new)
    if conversation is None or conversation.head_id is None:
        return said
    reading = await _reading(tools, conversation, new)
    earlier = None if old is None else await _reading(tools, conversation, old)
    return [*_forgets(old, new, reading), *said, *_again(old, new, earlier, reading)]


def changes(old: Model | None, new: Model) -> list[str]:
    """What is different from now on, in sentences: privacy, retirement, price."""
    said = []
    if not new.local and (old is None or old.id.provider != new.id.provider):
        said.append(f"What is said here now goes to {new.privacy}")
    if end := describe.ends(new):
        said.append(f"It {end}.")
    price, earlier = describe.price(new), None if old is None else describe.price(old)
    if price != earlier:
        said.append(f"Price: {price}" + ("." if earlier is None else f" (before: {earlier})."))
    return said


def _forgets(old: Model | None, new: Model, reading: Reading) -> list[str]:
    """What of the conversation the new model will not get to read."""
    if not reading.omitted or (old is not None and new.window >= old.window):
        return []
    omitted = reading.omitted
    messages = "message no longer fits" if omitted == 1 else f"{omitted} messages no longer fit"
    return [f"It reads {describe.window(new)}: the oldest {messages}."]


def _again(old: Model | None, new: Model, earlier: Reading | None, reading: Reading) -> list[str]:
    """What it costs that the conversation is read again with each message, where that changes."""
    cost = describe.reading(new, reading.tokens)
    was = None if old is None or earlier is None else describe.reading(old, earlier.tokens)
    if cost == was or (new.local and old is None):
        return []
    before = "" if was is None else f" (before: {was})"
    return [
        f"Each message sends what was said so far again, about {reading.tokens:,} tokens: {cost}{before}."
    ]


async def _reading(tools: Tools, conversation: Conversation, model: Model) -> Reading:
    assert conversation.head_id is not None
    branch = await tools.store.conversations.branch(conversation.head_id)
    agent = await tools.settings.agent(conversation)
    fitted = context.build(
        branch,
        {},
        window=model.window,
        max_output=model.max_output,
        vision=model.vision,
        system=agents.system_text(agent, conversation),
    )
    return Reading(fitted.omitted, fitted.tokens)
