"""What one more answer, or one more failure, makes of what is known of a model or a provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.providers.status import Status
from storage.health import Vitals

RECENT, USUAL = 0.4, 0.03  # how much one answer moves the average over few, and the one over many
SEEN_ENOUGH = 8  # answers until anything can be unusual
SLOWER = 2.5  # times the usual latency, or the usual time for a token
AT_LEAST = 1_000.0  # milliseconds above the usual, so that what is quick anyway is never slow


def answered(
    before: Vitals | None, at: datetime, latency_ms: int | None = None, speed: float | None = None
) -> Vitals:
    """After an answer, or a free call that succeeded; ``speed`` is tokens per second."""
    known = before or Vitals(Status.AVAILABLE, at, at)
    count = known.answers + 1
    usual = max(USUAL, 1 / count)  # at first the plain average
    made = replace(
        known,
        seen_at=at,
        kind="",
        said="",
        open=False,
        answers=count,
        latency_ms=known.latency_ms if latency_ms is None else latency_ms,
        recent_ms=_moved(known.recent_ms, latency_ms, RECENT),
        usual_ms=_moved(known.usual_ms, latency_ms, usual),
        speed=_moved(known.speed, speed, RECENT),
        usual_speed=_moved(known.usual_speed, speed, usual),
    )
    return _become(made, Status.SLOW if _slow(made) else Status.AVAILABLE, known, at)


def reached(before: Vitals | None, at: datetime) -> Vitals:
    """After a request that says nothing of how long the free call takes, but that key and address work."""
    known = before or Vitals(Status.AVAILABLE, at, at)
    made = replace(known, seen_at=at, kind="", said="", open=False)
    return _become(made, Status.SLOW if _slow(made) else Status.AVAILABLE, known, at)


def failed(before: Vitals | None, at: datetime, kind: str, said: str, *, open_: bool) -> Vitals:
    """After a failure of a kind; ``said`` is a sentence on what to do."""
    known = before or Vitals(Status.FAILING, at, at)
    made = replace(known, seen_at=at, kind=kind, said=said, open=open_)
    return _become(made, Status.FAILING, known, at)


def _slow(made: Vitals) -> bool:
    """Whether it answers later, or writes more slowly, than it used to.

    Its last few answers against its own average over about the last thirty; at the pace it keeps, what was slow at
    first becomes the usual.
    """
    if made.answers < SEEN_ENOUGH:
        return False
    recent, usual = made.recent_ms, made.usual_ms
    if recent is not None and usual is not None and recent > max(usual * SLOWER, usual + AT_LEAST):
        return True
    return made.speed is not None and made.usual_speed is not None and made.speed * SLOWER < made.usual_speed


def _moved(average: float | None, seen: float | None, weight: float) -> float | None:
    if seen is None:
        return average
    return float(seen) if average is None else average + (seen - average) * weight


def _become(made: Vitals, status: Status, before: Vitals, at: datetime) -> Vitals:
    return replace(made, status=str(status), since=before.since if before.status == status else at)
