"""Keys of providers as their page shows them, and what a try with one has shown. No secret comes this far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.money import dollars
from bot.providers.checks import Checked, check
from bot.providers.rows.forms import ProviderRow
from bot.providers.status import ModelStatus, Status
from bot.providers.wiring import Credentials as Given
from storage.credentials import INSTALLATION, Credential, last_four
from storage.figures import Figures
from storage.reports import EVER, Reports, Scope
from web.frame import Tone
from web.services import ModelDesk

STATUS_TONES = {
    Status.AVAILABLE: "good",
    Status.SLOW: "warm",
    Status.FAILING: "bad",
    Status.NOT_CONFIGURED: "",
    Status.UNKNOWN: "",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key. ``id`` is None for the environment's. ``behind`` names the one that is used in its place.

    ``scope`` is where it holds, "" of the environment's; ``used`` is ISO 8601, "" for never; ``spent`` is what went
    over it this month, in words, "" where nothing did.
    """

    id: int | None
    name: str
    scope: str
    last_four: str
    base_url: str = ""
    organisation: str = ""
    used: str = ""
    spent: str = ""
    disabled: bool = False
    behind: str = ""

    @property
    def in_use(self) -> bool:
        """Whether calls use it."""
        return not (self.disabled or self.behind)


async def spent_this_month(reports: Reports) -> dict[str, Figures]:
    """What went over each key, by provider/name."""
    begins = f"{datetime.now(UTC):%Y-%m}-01"
    return await reports.by(Scope("installation"), "credential", begins, EVER[1], timed=False)


def listed(
    row: ProviderRow,
    kept: Sequence[Credential],
    environment: Given | None,
    spent: Mapping[str, Figures],
) -> list[Key]:
    """A provider's keys of ``kept``, the environment's behind them."""
    ours = [one for one in kept if one.provider == row.id]
    found = [_kept(one, ours, spent) for one in ours]
    if environment is None:
        return found
    key = environment.api_key.get_secret_value() if environment.api_key else ""
    setting = row.key_env if key else row.base_url_env
    instead = _newest(ours, INSTALLATION)
    return [
        *found,
        Key(
            None,
            setting,
            "",
            last_four(key),
            environment.base_url or "",
            spent=money(spent.get(f"{row.id}/{setting}")),
            behind=instead.name if instead else "",
        ),
    ]


def _kept(one: Credential, ours: Sequence[Credential], spent: Mapping[str, Figures]) -> Key:
    newest = _newest(ours, one.scope)
    is_behind = newest is not None and newest.id != one.id and one.disabled_at is None
    return Key(
        one.id,
        one.name,
        one.scope,
        one.last_four,
        one.base_url or "",
        one.organisation or "",
        one.used_at.isoformat(timespec="seconds") if one.used_at else "",
        money(spent.get(f"{one.provider}/{one.name}")),
        one.disabled_at is not None,
        newest.name if is_behind and newest else "",
    )


def _newest(kept: Sequence[Credential], scope: str) -> Credential | None:
    """The one that is used of several at one level."""
    there = [one for one in kept if one.scope == scope and one.disabled_at is None]
    return max(there, key=lambda one: one.id, default=None)


def money(spent: Figures | None) -> str:
    """What was spent this month, in words; "" for nothing."""
    if spent is None or not spent.requests:
        return ""
    unpriced = f", {spent.unpriced} requests unpriced" if spent.unpriced else ""
    return f"{dollars(spent.cost)} this month{unpriced}"


async def tried(
    desk: ModelDesk, row: ProviderRow, by: Given | None, *, guarded: bool = False
) -> tuple[str, Tone]:
    """What has come of a provider's free call, by a key, None for what everybody uses. Raises NotConfigured."""
    found = await check(desk.registry, row.id, by=by, guarded=guarded)
    desk.board.checked(found)
    return said(row, found)


def said(row: ProviderRow, found: Checked) -> tuple[str, Tone]:
    """What a free call has shown."""
    named = f" by “{found.credential}”" if found.credential else ""
    if found.error is None and found.asked:
        return f"{row.name} answers{named}, in {found.latency_ms} ms.", "good"
    if found.error is None:
        return (
            f"{row.name} has no free call to try a key with; the first question shows whether it works.",
            "good",
        )
    if found.error.kind == "auth":
        where = f" at {row.console_url}" if row.console_url else ""
        return f"{row.name} rejected the key{named}. Make a new one{where}, then replace it here.", "bad"
    return found.remedy.sentence, "bad"


def status_words(status: ModelStatus) -> str:
    """A status with what it rests on: "available, 214 ms"."""
    return f"{status.status}, {status.latency_ms} ms" if status.latency_ms else str(status.status)
