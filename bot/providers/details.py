"""What errors carry beside their message: the kind of limit, reasons and fields at fault.

Google's form is a list of typed objects, Anthropic's one object with a code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Details:
    """``per_day``: whether a limit of the day is used up, None where it is not told."""

    per_day: bool | None = None
    reason: str = ""
    field: str = ""

    @classmethod
    def of(cls, details: object) -> Details:
        """Read an error's ``details``, whatever they are."""
        if isinstance(details, Mapping):
            return cls(reason=_text(details.get("error_code")))
        parts = [part for part in details if isinstance(part, Mapping)] if isinstance(details, list) else []
        return cls(
            _per_day(parts),
            next((_text(part["reason"]) for part in parts if part.get("reason")), ""),
            next((_text(each.get("field")) for each in _inner(parts, "fieldViolations")), ""),
        )


def _per_day(parts: list[Mapping[str, Any]]) -> bool | None:
    quotas = [_text(each.get("quotaId")) for each in _inner(parts, "violations")]
    if quotas:
        return any("PerDay" in quota for quota in quotas)
    return False if any("retryDelay" in part for part in parts) else None


def _inner(parts: list[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        found = part.get(name)
        yield from (each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
