"""A report for people, with colours on a terminal, or as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from bot.core.check import Check, Outcome

_COLOURS = {Outcome.OK: "green", Outcome.WARNING: "yellow", Outcome.FAILED: "red"}
_WIDE = len("warning")


def as_text(checks: Sequence[Check]) -> str:
    """A line for each, its fix beneath it, and a last one with the sum. Colours are taken out by ``click.echo``."""
    return "\n".join([*(line for check in checks for line in _lines(check)), _sum(checks)])


def _lines(check: Check) -> list[str]:
    mark = click.style(f"{check.outcome:<{_WIDE}}", fg=_COLOURS[check.outcome])
    fix = [f"{'':<{_WIDE}}  → {check.fix}"] if check.fix else []
    return [f"{mark}  {check.subject}: {check.found}", *fix]


def _sum(checks: Sequence[Check]) -> str:
    many = {outcome: sum(check.outcome is outcome for check in checks) for outcome in Outcome}
    if many[Outcome.FAILED]:
        return f"{many[Outcome.FAILED]} failed, {many[Outcome.WARNING]} to look at."
    return f"Nothing failed, {many[Outcome.WARNING]} to look at." if many[Outcome.WARNING] else "All is well."


def as_json(checks: Sequence[Check]) -> str:
    """``{"ok": …, "checks": [{"subject", "outcome", "found", "fix"}, …]}``."""
    listed = [
        {"subject": each.subject, "outcome": each.outcome, "found": each.found, "fix": each.fix}
        for each in checks
    ]
    return json.dumps({"ok": healthy(checks), "checks": listed}, indent=2, ensure_ascii=False)


def healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing failed."""
    return not any(check.outcome is Outcome.FAILED for check in checks)
