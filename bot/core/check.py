"""What a doctor found: one thing that was looked at, how it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"  # it works, but not all of it, or not for long
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a report. ``found`` is a sentence or less, ``fix`` what to do, "" where there is nothing to do."""

    subject: str
    outcome: Outcome
    found: str
    fix: str = ""


def ok(subject: str, found: str, fix: str = "") -> Check:
    """It works; ``fix`` is then advice."""
    return Check(subject, Outcome.OK, found, fix)


def warning(subject: str, found: str, fix: str) -> Check:
    """Part of it does not work."""
    return Check(subject, Outcome.WARNING, found, fix)


def failed(subject: str, found: str, fix: str) -> Check:
    """It does not work."""
    return Check(subject, Outcome.FAILED, found, fix)
