"""Models that end: told in good time, with what takes their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.provider import ModelId
from bot.providers.models import Model

NOTICE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Retirement:
    """A model's last day that is near or over. ``on`` is the first day (UTC) on which it answers no more."""

    on: date
    successor: ModelId | None
    over: bool

    @property
    def say(self) -> str:
        """Words that follow a model's name: "retires on 30 November; `openai/gpt-6` takes its place"."""
        verb = "retired" if self.over else "retires"
        then = f"; `{self.successor}` takes its place" if self.successor else ""
        return f"{verb} on {self.on.day} {self.on:%B}{then}"


def retirement(model: Model, today: date) -> Retirement | None:
    """The end of a model, from thirty days before it on; None where none is near."""
    if model.retires_at is None or model.retires_at - NOTICE > today:
        return None
    return Retirement(model.retires_at, model.successor, model.is_retired(today))
