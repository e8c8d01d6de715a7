"""``/model``: which model answers here and why, which others there are, and the switch."""

from __future__ import annotations

from collections.abc import Sequence

from bot.calls import access
from bot.commands import describe
from bot.commands.complete import containing
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.levels import levels
from bot.commands.scopes import ME, NEXT, SCOPE, THREAD, authorise, scope_of, setting_of, ways
from bot.commands.switching import consequences, known
from bot.conversation.settings import LAST, LAST_USED, Choice, person_scope
from bot.conversation.settings import MODEL as KEY
from bot.core.errors import BadInput
from bot.core.provider import ModelId
from bot.core.view import Button, Tone, View
from bot.providers.registry import Model

_LISTED = 10  # models shown at once
DEFAULT = "default"  # the word that takes a choice back
LEVELS = "levels"  # the word that shows every level
TAKE_BACK = "Take back what was chosen here"
WHY = Button("Why", f"model {LEVELS}")
_WHERE = "Where shall **{model}** answer?"
_BACK = "Which choice shall be taken back?"
_WORDS = "In words: `/model {typed} scope:channel`, `scope:me` or `scope:next`."
_ADMINS = "The channel's default is for an admin to choose."
_SET = {
    "thread": "**{model}** answers here from the next message on.",
    "channel": "**{model}** answers {here} from now on, where a thread has chosen no other.",
    "me": "**{model}** is your own default from now on, where neither thread nor channel says otherwise.",
    "next": "**{model}** answers in the next thread that you start in this channel.",
    "workspace": "**{model}** is this workspace's default from now on, where nothing nearer says otherwise.",
    "installation": "**{model}** is the default of all workspaces from now on, where nothing nearer says otherwise.",
}
_LEVEL = {ME: "person"}  # a scope's level, where they are called differently


async def _model(tools: Tools, asked: Asked, values: Values) -> Answer:
    typed = str(values.get("model", "")).strip()
    match typed.lower():
        case "":
            return _notice(await _show(tools, asked), buttons=(WHY,))
        case "levels":
            return _notice(await levels(tools, asked))
        case "last":
            return await _last(tools, asked)
        case "default":
            return await _back_to_default(tools, asked, scope_of(asked, values))
    try:
        wanted = tools.registry.find(typed)
    except BadInput:
        found = containing(typed, tools.registry.models())
        if not found:
            raise
        return _notice(_list(f"Models with “{typed}”:", found))
    return await _switch(tools, asked, wanted, scope_of(asked, values))


async def _show(tools: Tools, asked: Asked) -> str:
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    model = known(tools, choice.model)
    about = "It is not set up here any more" if model is None else describe.in_full(model)
    others = [other for other in tools.registry.models() if other.id != choice.model]
    text = f"**{choice.model}** answers {here(asked.in_conversation)}: {choice.reason}. {about}."
    return f"{text}\n\n{_list('Others:', others)}" if others else text


async def _switch(tools: Tools, asked: Asked, wanted: ModelId, scope: str | None) -> Answer:
    await access.require(
        tools.store, asked.place, asked.person_id, wanted, [model.id for model in tools.registry.models()]
    )
    if scope is None:
        return _ask(asked, _WHERE.format(model=wanted), str(wanted))
    await authorise(tools, asked, scope)
    before = await tools.settings.chosen(asked.place, asked.person_id)
    if (before.model, before.level) == (wanted, _LEVEL.get(scope, scope)):
        say = f"**{wanted}** answers {here(asked.in_conversation)} already: {before.reason}."
        return _notice(say, refresh=_is_for_all(asked, scope))
    if scope == THREAD:
        said = await _set_thread(tools, asked, wanted, before)
    else:
        await tools.store.settings.set(*setting_of(asked, scope), str(wanted), asked.person_id)
        said = await consequences(tools, before, wanted, None)
    await tools.settings.used(asked.person_id, wanted)
    say = _SET[scope].format(model=wanted, here=here(asked.in_conversation))
    return _notice(" ".join([say, *said]), refresh=_is_for_all(asked, scope))


def _ask(asked: Asked, question: str, typed: str) -> Answer:
    """Ask what it shall hold for: outside of conversations nobody can guess."""
    parts = (question, _ADMINS if asked.shared else "", _WORDS.format(typed=typed))
    return _notice(" ".join(part for part in parts if part), buttons=ways(asked, f"model {typed}"))


async def _set_thread(tools: Tools, asked: Asked, wanted: ModelId, before: Choice) -> list[str]:
    conversations = tools.store.conversations
    conversation = await conversations.current(str(asked.place))
    if conversation is None:
        conversation = await conversations.start_new(str(asked.place), asked.person_id)
    await conversations.set_model(conversation.id, str(wanted), by=asked.person_id)
    return await consequences(tools, before, wanted, conversation)


async def _back_to_default(tools: Tools, asked: Asked, scope: str | None) -> Answer:
    if scope is None:
        return _ask(asked, _BACK, DEFAULT)
    await authorise(tools, asked, scope)
    if scope == THREAD:
        conversation = await tools.store.conversations.current(str(asked.place))
        if conversation is not None and conversation.current_model:
            await tools.store.conversations.set_model(conversation.id, None, by=asked.person_id)
    else:
        await tools.store.settings.clear(*setting_of(asked, scope), asked.person_id)
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    say = f"**{choice.model}** answers {here(asked.in_conversation)}: {choice.reason}."
    return _notice(say, refresh=_is_for_all(asked, scope))


async def _last(tools: Tools, asked: Asked) -> Answer:
    """Let what a person used last be their own default, or no longer."""
    settings, scope = tools.store.settings, person_scope(asked.person_id)
    before = (await settings.get_many([scope], KEY)).get(scope)
    if before is not None and before.value == LAST:
        await settings.clear(scope, KEY, asked.person_id)
        return _notice("What you used last no longer decides for you.", refresh=not asked.shared)
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    await settings.note(scope, LAST_USED, str(choice.model))
    await settings.set(scope, KEY, LAST, asked.person_id)
    say = (
        "From now on what you used last is your own default, where neither thread nor channel says otherwise"
    )
    return _notice(
        f"{say}: just now **{choice.model}**. `/model last` again ends that.", refresh=not asked.shared
    )


def here(in_conversation: bool) -> str:
    """What a choice holds for, as it is said."""
    return "here" if in_conversation else "in this channel's threads"


def why(choice: Choice, *, in_conversation: bool) -> str:
    """Which model answers and why, for the head of a choice among all."""
    return f"{choice.model} answers {here(in_conversation)}: {choice.reason}."


def _is_for_all(asked: Asked, scope: str) -> bool:
    """Whether all who are here should hear of it: what one has chosen for oneself is nobody else's business."""
    return scope not in (ME, NEXT) or not asked.shared


def _list(heading: str, models: Sequence[Model]) -> str:
    lines = [f"- `{model.id}`: {describe.in_short(model)}" for model in models[:_LISTED]]
    more = len(models) - len(lines)
    rest = f" {more} more: `/models` shows them all." if more else ""
    return "\n".join([heading, "", *lines, "", f"`/model` and a name switches.{rest}"])


def _notice(text: str, *, refresh: bool = False, buttons: tuple[Button, ...] = ()) -> Answer:
    return Answer(View(text, buttons=buttons, tone=Tone.NOTICE), refresh)


MODEL = Command(
    name="model",
    summary="which model answers here and why; with a name, switch",
    handler=_model,
    options=(
        Option(
            "model", OptionKind.MODEL, "a model, part of its name, “default”, “last” or “levels”", rest=True
        ),
        SCOPE,
    ),
    example="/model demo/quick",
    anywhere=True,
)
