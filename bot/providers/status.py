"""How a model or a provider does, as people are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.provider import ModelId


class Status(StrEnum):
    """One word for it."""

    AVAILABLE = "available"
    SLOW = "slow"  # it answers, later than it used to
    FAILING = "failing"
    NOT_CONFIGURED = "not configured"
    UNKNOWN = "unknown"  # nobody has asked it lately, and there is no free call to ask by


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The word, and what it rests on.

    ``latency_ms`` is the last one seen: of a model to its first token, of a provider that of its free call;
    ``tokens_per_second`` is what was seen lately; ``since`` is when it became so (UTC). None where not known. ``said``
    is a sentence on what is wrong and what to do, "" where nothing is.
    """

    status: Status
    latency_ms: int | None = None
    tokens_per_second: float | None = None
    since: datetime | None = None
    said: str = ""


def unseen(_: ModelId) -> ModelStatus:
    """How every model does where nobody looks."""
    return ModelStatus(Status.UNKNOWN)
