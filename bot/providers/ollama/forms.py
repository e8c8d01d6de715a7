"""What Ollama says of its models."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.providers.counting import inner


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is there. ``size`` in bytes; ``parameters`` ("3.2B"), ``family`` and ``quantisation`` as it says."""

    name: str
    size: int
    digest: str
    modified_at: datetime | None
    family: str
    parameters: str
    quantisation: str

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Installed:
        """An entry of /api/tags."""
        return cls(
            str(entry.get("model") or entry["name"]),
            int(entry["size"]),
            str(entry.get("digest") or "").removeprefix("sha256:"),
            _moment(entry.get("modified_at")),
            _word(entry, "family"),
            _word(entry, "parameter_size"),
            _word(entry, "quantization_level"),
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: ``size`` bytes of it, ``on_gpu`` of which on the card; gone at ``expires_at`` if unused.

    ``context`` is tokens, None where an older Ollama does not say.
    """

    name: str
    size: int
    on_gpu: int
    expires_at: datetime | None
    context: int | None

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Loaded:
        """An entry of /api/ps."""
        return cls(
            str(entry.get("model") or entry["name"]),
            int(entry.get("size") or 0),
            int(entry.get("size_vram") or 0),
            _moment(entry.get("expires_at")),
            int(entry["context_length"]) if entry.get("context_length") else None,
        )


@dataclass(frozen=True, slots=True)
class Details:
    """What /api/show adds: the longest context in tokens, and what the model can do, in Ollama's words."""

    context: int | None
    can: tuple[str, ...]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Details:
        """The whole answer. Its field of the context is named after the model's architecture."""
        info = answer.get("model_info")
        known = info if isinstance(info, Mapping) else {}
        found = (value for name, value in known.items() if str(name).endswith(".context_length"))
        context = next((value for value in found if isinstance(value, int)), None)
        can = answer.get("capabilities")
        return cls(context, tuple(map(str, can)) if isinstance(can, list) else ())


def _word(entry: Mapping[str, Any], name: str) -> str:
    found = inner(entry.get("details"), name)
    return found if isinstance(found, str) else ""


def _moment(value: object) -> datetime | None:
    """A time as Go writes it, whose nanoseconds are more digits than ours has."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else None
    return None
