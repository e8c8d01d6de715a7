"""``/model``: which model answers here and why, which others there are, and the switch."""

from __future__ import annotations

from collections.abc import Sequence

from bot.calls import access
from bot.commands import describe
from bot.commands.complete import containing
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation import context
from bot.core.errors import BadInput, NotConfigured
from bot.core.provider import ModelId
from bot.core.view import Tone, View
from bot.providers.registry import Model
from storage.conversations import Conversation

_LISTED = 10  # models shown at once
_DEFAULT = "default"  # the word that takes a thread's own choice back


async def _model(tools: Tools, asked: Asked, values: Values) -> Answer:
    typed = str(values.get("model", "")).strip()
    if not typed:
        return _notice(await _show(tools, asked))
    if typed.lower() == _DEFAULT:
        return _notice(await _back_to_default(tools, asked), refresh=True)
    try:
        wanted = tools.registry.find(typed)
    except BadInput:
        found = containing(typed, tools.registry.models())
        if not found:
            raise
        return _notice(_list(f"Models with “{typed}”:", found))
    return _notice(await _switch(tools, asked, wanted), refresh=True)


async def _show(tools: Tools, asked: Asked) -> str:
    conversation = await tools.store.conversations.current(str(asked.place))
    choice = await tools.settings.choose(asked.place, asked.person_id, conversation)
    known = _known(tools, choice.model)
    about = "It is not set up here any more" if known is None else describe.in_full(known)
    others = [model for model in tools.registry.models() if model.id != choice.model]
    text = f"**{choice.model}** answers here: {choice.reason}. {about}."
    return f"{text}\n\n{_list('Others:', others)}" if others else text


async def _back_to_default(tools: Tools, asked: Asked) -> str:
    conversation = await tools.store.conversations.current(str(asked.place))
    if conversation is not None and conversation.current_model:
        await tools.store.conversations.set_model(conversation.id, None, by=asked.person_id)
    choice = await tools.settings.choose(asked.place, asked.person_id, None)
    return f"**{choice.model}** answers here: {choice.reason}."


async def _switch(tools: Tools, asked: Asked, wanted: ModelId) -> str:
    store, place = tools.store, str(asked.place)
    rules = await access.rules(store, asked.place, asked.person_id)
    access.check(rules, wanted, [model.id for model in tools.registry.models()])
    conversation = await store.conversations.current(place)
    if conversation is None:
        conversation = await store.conversations.start_new(place, asked.person_id)
    before = await tools.settings.choose(asked.place, asked.person_id, conversation)
    if (before.model, before.level) == (wanted, "thread"):
        return f"**{wanted}** answers here already: {before.reason}."
    await store.conversations.set_model(conversation.id, str(wanted), by=asked.person_id)
    changes = await _changes(tools, conversation, _known(tools, before.model), tools.registry.model(wanted))
    return " ".join([f"**{wanted}** answers here from the next message on.", *changes])


async def _changes(tools: Tools, conversation: Conversation, old: Model | None, new: Model) -> list[str]:
    """What is different from now on, in sentences: memory, privacy, price."""
    changes = []
    if old is None or new.window < old.window:
        omitted = await _omitted(tools, conversation, new)
        if omitted:
            messages = "message no longer fits" if omitted == 1 else f"{omitted} messages no longer fit"
            changes.append(f"It reads {describe.window(new)}: the oldest {messages}.")
    if not new.local and (old is None or old.id.provider != new.id.provider):
        changes.append(f"What is said here now goes to {new.privacy}")
    price, earlier = describe.price(new), None if old is None else describe.price(old)
    if price != earlier:
        changes.append(f"Price: {price}" + ("." if earlier is None else f" (before: {earlier})."))
    return changes


async def _omitted(tools: Tools, conversation: Conversation, model: Model) -> int:
    """How many messages of the conversation the model will not get to read."""
    if conversation.head_id is None:
        return 0
    branch = await tools.store.conversations.branch(conversation.head_id)
    fitted = context.build(
        branch,
        {},
        window=model.window,
        max_output=model.max_output,
        vision=model.vision,
        system=conversation.system or "",
    )
    return fitted.omitted


def _known(tools: Tools, model: ModelId) -> Model | None:
    try:
        return tools.registry.model(model)
    except NotConfigured:
        return None


def _list(heading: str, models: Sequence[Model]) -> str:
    lines = [f"- `{model.id}`: {describe.in_short(model)}" for model in models[:_LISTED]]
    more = len(models) - len(lines)
    rest = f" {more} more: `/model` and part of a name finds them." if more else ""
    return "\n".join([heading, "", *lines, "", f"`/model` and a name switches.{rest}"])


def _notice(text: str, *, refresh: bool = False) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE), refresh)


MODEL = Command(
    name="model",
    summary="which model answers here and why; with a name, switch",
    handler=_model,
    options=(Option("model", OptionKind.MODEL, f"a model, part of its name, or “{_DEFAULT}”", rest=True),),
    example="/model demo/quick",
)
