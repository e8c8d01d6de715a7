"""The book a fake platform keeps of every no it said, and of who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Misuse(AssertionError):
    """The test asks for what no person, or no platform, can do."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal: of which method or delivery, with which error, when; and whether a test asked for it."""

    at: float
    what: str
    error: str
    ordered: bool
    detail: str = ""


@dataclass(slots=True)
class Expected:
    """So many refusals of this kind are part of a test. ``what`` or ``error`` may be "" for any."""

    what: str
    error: str
    times: int

    def covers(self, what: str, error: str) -> bool:
        return self.times > 0 and self.what in ("", what) and self.error in ("", error)


class Book:
    """Every refusal the fake gave. What no test declared is ``unexpected``."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.entries: list[Refused] = []
        self.added: Callable[[], None] = lambda: None  # called after each entry
        self._expected: list[Expected] = []

    def expect(self, what: str = "", error: str = "", times: int = 1_000_000) -> None:
        """Declare refusals that follow from the rules, not from an order."""
        self._expected.append(Expected(what, error, times))

    def add(self, what: str, error: str, detail: str = "", *, ordered: bool = False) -> None:
        if not ordered:
            covering = next((one for one in self._expected if one.covers(what, error)), None)
            if covering is not None:
                covering.times -= 1
                ordered = True
        self.entries.append(Refused(self._now(), what, error, ordered, detail))
        self.added()

    def unexpected(self) -> list[Refused]:
        return [entry for entry in self.entries if not entry.ordered]

    def count(self, what: str, error: str) -> int:
        return sum(entry.what == what and entry.error == error for entry in self.entries)
