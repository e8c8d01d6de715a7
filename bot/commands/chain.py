"""``/chain``: which models stand in where the chosen one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.calls import access
from bot.calls.access import Rule
from bot.commands.authority import require_admin
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.chains import CHAIN as KEY
from bot.conversation.chains import Chains
from bot.conversation.settings import place_scope
from bot.core.errors import BadInput
from bot.core.place import Place
from bot.core.provider import ModelId
from bot.core.view import Tone, View
from bot.providers.registry import Registry

SET, OFF, CLEAR = "set", "off", "clear"
THREAD, CHANNEL, WORKSPACE = "thread", "channel", "workspace"
_MOST = 5  # models of a chain
_HERE = {THREAD: "here", CHANNEL: "in this channel", WORKSPACE: "in this workspace"}
_HOW = "`/chain MODEL, MODEL` sets it, `/chain off` lets no other model answer, `/chain clear` takes it back."


async def _chain(tools: Tools, asked: Asked, values: Values) -> Answer:
    typed, what = str(values.get("models", "")).strip(), values.get("what")
    if what is None and not typed:
        return _notice(await _shown(tools, asked))
    if bool(typed) is (what in (OFF, CLEAR)):
        raise BadInput(
            "/chain without models, or with too many", say=f"Name the models to ask, or none: {_HOW}"
        )
    where = str(values.get("where") or (THREAD if asked.in_conversation else CHANNEL))
    place = await _place(tools, asked, where)
    if what == CLEAR:
        await tools.store.settings.clear(place_scope(place), KEY, asked.person_id)
        return _notice(f"Taken back {_HERE[where]}. {await _shown(tools, asked)}")
    models = await _meant(tools, asked, typed) if typed else ()
    await tools.store.settings.set(place_scope(place), KEY, list(map(str, models)), asked.person_id)
    return _notice(f"From the next message on, {_HERE[where]}: {_said(models)}.")


async def _shown(tools: Tools, asked: Asked) -> str:
    chains = Chains(tools.store, tools.registry)
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    chain = await chains.behind(choice, asked.place, asked.person_id)
    by = f" ({chain.words})" if chain.words else ""
    return f"If **{choice.model}** fails, {_said(chain.models)}{by}. {_HOW}"


async def _place(tools: Tools, asked: Asked, where: str) -> Place:
    """Where a chain is set. Raises AccessRefused: what others live with, only admins change."""
    if where == THREAD and asked.in_conversation:
        return asked.place
    if where == WORKSPACE:
        await require_admin(tools, asked, "set a chain for it")
        return asked.place.home
    if asked.shared or not asked.in_conversation:
        await require_admin(tools, asked, "set a chain for a channel")
    return replace(asked.place, thread="")


async def _meant(tools: Tools, asked: Asked, typed: str) -> tuple[ModelId, ...]:
    """The models that were named. Raises BadInput, NotConfigured and AccessRefused."""
    rules = await access.rules(tools.store, asked.place, asked.person_id)
    return meant(tools.registry, rules, typed)


def meant(registry: Registry, rules: Sequence[Rule], typed: str) -> tuple[ModelId, ...]:
    """The models that words name, where the rules allow each. Raises BadInput, NotConfigured and AccessRefused."""
    names = [name for name in typed.replace(",", " ").split() if name]
    models = tuple(dict.fromkeys(registry.find(name) for name in names))
    if len(models) > _MOST:
        raise BadInput(f"a chain of {len(models)}", say=f"A chain has at most {_MOST} models.")
    for model in models:
        access.check(rules, model, [each.id for each in registry.models()])
    return models


def _said(models: tuple[ModelId, ...]) -> str:
    if not models:
        return "no other model answers in its place"
    first, *rest = (f"**{model}**" for model in models)
    return f"{first} is asked" + "".join(f", then {model}" for model in rest)


def _notice(text: str) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE))


CHAIN = Command(
    name="chain",
    summary="which models are asked where the chosen one fails",
    handler=_chain,
    options=(
        Option(
            "what",
            OptionKind.CHOICE,
            "set one, turn standing in off, or take back what was set",
            choices=(SET, OFF, CLEAR),
        ),
        Option(
            "where",
            OptionKind.CHOICE,
            "for this thread, or as an admin for the channel or the workspace",
            choices=(THREAD, CHANNEL, WORKSPACE),
        ),
        Option("models", OptionKind.TEXT, "models in the order in which they are asked", rest=True),
    ),
    example="/chain set channel openai/gpt-4.1, demo/quick",
    anywhere=True,
)
