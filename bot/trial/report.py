"""What a trial has shown, as text for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

import click

from bot.core.money import NANO, dollars
from bot.providers.remedies import Remedy
from bot.providers.status import Status

_COLOURS = {Status.AVAILABLE: "green", Status.FAILING: "red", Status.NOT_CONFIGURED: "red"}


@dataclass(frozen=True, slots=True)
class Live:
    """One tiny answer. ``cost`` is nano-dollars, None where unpriced; ``speed`` is tokens per second."""

    model: str
    text: str
    input_tokens: int
    output_tokens: int
    cost: int | None
    price_source: str
    first_token_ms: int | None
    latency_ms: int
    speed: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found. ``status`` is "unknown" where nothing was asked; ``latency_ms`` is that of the free call."""

    provider: str
    status: Status
    remedy: Remedy
    credential: str = ""
    latency_ms: int | None = None
    live: Live | None = None

    @property
    def works(self) -> bool:
        """Whether it is known to work."""
        return self.status in (Status.AVAILABLE, Status.SLOW)


def as_text(trial: Trial) -> str:
    """A line, what to do beneath it, and a line for the answer. Colours are taken out by ``click.echo``."""
    mark = click.style(trial.status, fg=_COLOURS.get(trial.status, "yellow"))
    lines = [f"{mark}  {trial.provider}: {trial.remedy.found}"]
    if trial.remedy.fix:
        lines.append(f"  → {trial.remedy.fix}")
    if (live := trial.live) is not None:
        tokens = f"{live.input_tokens} tokens in, {live.output_tokens} out"
        first = "" if live.first_token_ms is None else f", the first word after {live.first_token_ms} ms"
        lines.append(f"  {live.model} said “{live.text}”: {tokens}, {dollars(live.cost)}{first}")
    return "\n".join(lines)


def as_json(trial: Trial) -> str:
    """``{"provider", "status", "works", "credential", "latency_ms", "found", "fix", "live": {…} or null}``."""
    live = trial.live
    answer = (
        None
        if live is None
        else {
            "model": live.model,
            "text": live.text,
            "input_tokens": live.input_tokens,
            "output_tokens": live.output_tokens,
            "usd": None if live.cost is None else f"{(Decimal(live.cost) / NANO).normalize():f}",
            "source": live.price_source,
            "first_token_ms": live.first_token_ms,
            "latency_ms": live.latency_ms,
            "tokens_per_second": live.speed,
        }
    )
    said = {
        "provider": trial.provider,
        "status": trial.status,
        "works": trial.works,
        "credential": trial.credential,
        "latency_ms": trial.latency_ms,
        "found": trial.remedy.found,
        "fix": trial.remedy.fix,
        "live": answer,
    }
    return json.dumps(said, indent=2, ensure_ascii=False)
