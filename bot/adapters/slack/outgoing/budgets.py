"""What Slack allows, as the budgets that delivery paces its calls by."""

from __future__ import annotations

from bot.core.place import Place
from bot.core.surface import Rate, Spend

_LONG = 5.0  # seconds: who has to wait longer met the workspace's limit, not the channel's


def post(place: Place) -> tuple[Spend, Spend]:
    """chat.postMessage: one a second and channel, of which a few may be saved up; some hundred a minute in all."""
    team = place.workspace
    return (
        Spend(f"slack:{team}:{place.channel}:post", Rate(4, 4.0)),
        Spend(f"slack:{team}:post", Rate(300, 60.0), shared=str(place.home)),
    )


def update(place: Place, per_minute: int) -> Spend:
    """chat.update: one limit for all messages of a workspace."""
    return Spend(f"slack:{place.workspace}:update", Rate(per_minute, 60.0), shared=str(place.home))


def append(place: Place) -> Spend:
    """chat.appendStream: one limit for all streams of a workspace."""
    return Spend(f"slack:{place.workspace}:append", Rate(100, 60.0), shared=str(place.home))


def message(place: Place, ts: str) -> Spend:
    """One message: so often may it change. A refusal that concerns it alone names this budget."""
    return Spend(f"slack:{place.workspace}:{place.channel}:{ts}", Rate(10, 1.0))


def of_refused_post(place: Place, wait: float) -> str:
    """Which budget a 429 of chat.postMessage is about; "" for both, as Slack does not say."""
    return "" if wait > _LONG else post(place)[0].name
