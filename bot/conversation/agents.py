"""What an agent brings to a conversation: instructions, parameters, and a model, which it may leave to be found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import assert_never

from bot.core.provider import ModelId, Parameters, Usage
from bot.providers import catalog
from bot.providers.registry import Model
from storage.agents import Agent
from storage.conversations import Conversation

AUTO = "auto:"  # before a wish, where an agent's model is found among what is set up
_THOUSAND = Usage(1_000, 1_000)  # tokens by which prices are compared


class Wish(StrEnum):
    """What an agent wants of a model that is found for it."""

    CHEAP = "cheap"
    LARGE = "large"  # reads much at once
    REASONING = "reasoning"  # thinks before it writes


def wish_of(agent: Agent) -> Wish | None:
    """The wish of an agent whose model is found, None where it names one or brings none."""
    named = (agent.model or "").removeprefix(AUTO)
    return Wish(named) if (agent.model or "").startswith(AUTO) and named in list(Wish) else None


def fulfilled(wish: Wish, models: Sequence[Model]) -> ModelId | None:
    """The model that fits a wish best, None where there is none at all.

    Only what runs here is looked at where anything does: nobody is moved to a model that costs by a wish.
    """
    pool = _pool(models)
    if not pool:
        return None
    match wish:
        case Wish.CHEAP:
            return min(pool, key=_cost).id
        case Wish.LARGE:
            return min(pool, key=lambda model: (-model.window, _cost(model))).id
        case Wish.REASONING:
            return next((model for model in pool if _reasons(model)), pool[0]).id
        case _:
            assert_never(wish)


def system_text(agent: Agent | None, conversation: Conversation) -> str:
    """What a model is told before all else: the agent's instructions, then the conversation's own text."""
    parts = ("" if agent is None else agent.instructions, conversation.system or "")
    return "\n\n".join(part for part in parts if part)


def parameters(agent: Agent | None) -> Parameters:
    """What shapes its answers."""
    if agent is None:
        return Parameters()
    return Parameters(agent.max_output, agent.temperature, agent.effort)


def called(agent: Agent) -> str:
    """An agent's icon and name."""
    return f"{agent.icon} {agent.name}".strip()


def _pool(models: Sequence[Model]) -> list[Model]:
    """What is chosen from: what runs here, else what each provider's row prefers, else the demo."""
    real = [model for model in models if not _is_demo(model)]
    return [model for model in real if model.local] or _preferred(real) or list(models)


def _preferred(models: Sequence[Model]) -> list[Model]:
    """A provider's preferred models; all of a provider whose row has none."""
    rows = {model.id.provider: catalog.row(model.id.provider) for model in models}
    listed = {name: frozenset(row.preferred) if row else frozenset() for name, row in rows.items()}
    return [m for m in models if not listed[m.id.provider] or m.id.model in listed[m.id.provider]]


def _is_demo(model: Model) -> bool:
    row = catalog.row(model.id.provider)
    return row is not None and row.wire == "demo"


def _reasons(model: Model) -> bool:
    row = catalog.row(model.id.provider)
    profile = None if row is None else row.profile(model.id.model)
    return profile is not None and (profile.reasons or profile.thinking is not None or bool(profile.efforts))


def _cost(model: Model) -> float:
    """For comparing; what nobody knows the price of comes last."""
    cost = model.prices.price_of(model.id, _THOUSAND, datetime.now(UTC)).cost
    return float("inf") if cost is None else cost
