"""How often: buckets of routes, what hides behind them, all calls together, and calls that were refused."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.discord.refusals import Limited


@dataclass(frozen=True, slots=True)
class Rule:
    """So many calls in so many seconds, counted from the first."""

    calls: int
    seconds: float


# Discord publishes none of these; they are what clients observe in the headers.
DEFAULT = Rule(50, 1.0)
RULES: Mapping[str, Rule] = {
    "create_message": Rule(5, 5.0),
    "edit_message": Rule(5, 5.0),
    "delete_message": Rule(5, 1.0),
    "react": Rule(1, 0.25),
    "typing": Rule(5, 5.0),
    "create_followup": Rule(5, 2.0),
    "edit_answer": Rule(5, 2.0),
}
# Behind a bucket whose headers say nothing of it.
HIDDEN: Mapping[str, Rule] = {"rename": Rule(2, 600.0), "edit_old": Rule(3, 20.0)}
GLOBAL = Rule(50, 1.0)
INVALID = Rule(10_000, 600.0)


class Window:
    """One bucket: full again some seconds after its first call."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.used, self.ends = 0, 0.0

    def look(self, now: float) -> None:
        if now >= self.ends:
            self.used = 0

    def wait(self, now: float) -> float:
        """Seconds until there is room, 0 if there is."""
        self.look(now)
        return self.ends - now if self.used >= self.rule.calls else 0.0

    def count(self, now: float) -> None:
        self.look(now)
        if self.used == 0:
            self.ends = now + self.rule.seconds
        self.used += 1


class Meters:
    """Every budget. ``off`` lets everything through; the rules may be replaced before the first call."""

    def __init__(self) -> None:
        self.off = False
        self.rules, self.hidden = dict(RULES), dict(HIDDEN)
        self.everything, self.invalid = GLOBAL, INVALID
        self._windows: dict[tuple[str, ...], Window] = {}

    def spend(self, app: str, bucket: str, major: str, now: float, *, free: bool) -> Mapping[str, str]:
        """Take one call from a bucket and from all; the headers for the answer. Raises Limited.

        ``free`` is for the endpoints of interactions, to which the limit of all calls does not apply.
        """
        if self.off:
            return {}
        whole = self._of((app,), self.everything)
        if not free and (wait := whole.wait(now)) > 0:
            raise Limited(_milli(wait), "global", {"X-RateLimit-Global": "true"})
        own = self._of((app, bucket, major), self.rules.get(bucket, DEFAULT))
        wait = own.wait(now)
        if wait > 0:
            raise Limited(_milli(wait), "user", self._headers(bucket, own, now))
        own.count(now)
        if not free:
            whole.count(now)
        return self._headers(bucket, own, now)

    def hide(self, name: str, app: str, channel: str, now: float, code: int = 0) -> None:
        """Take one call from what no header tells of. Raises Limited, with room left in the bucket."""
        if self.off:
            return
        window = self._of((app, name, channel), self.hidden[name])
        if (wait := window.wait(now)) > 0:
            raise Limited(_milli(wait), "user", {}, code)
        window.count(now)

    def banned(self, address: str, now: float) -> bool:
        """Whether too many calls from there were refused (401, 403 and 429)."""
        return not self.off and self._of(("invalid", address), self.invalid).wait(now) > 0

    def refused(self, address: str, now: float) -> None:
        self._of(("invalid", address), self.invalid).count(now)

    def _of(self, key: tuple[str, ...], rule: Rule) -> Window:
        return self._windows.setdefault(key, Window(rule))

    def _headers(self, bucket: str, window: Window, now: float) -> Mapping[str, str]:
        return {
            "X-RateLimit-Limit": str(window.rule.calls),
            "X-RateLimit-Remaining": str(max(0, window.rule.calls - window.used)),
            "X-RateLimit-Reset": f"{window.ends:.3f}",
            "X-RateLimit-Reset-After": f"{_milli(window.ends - now):.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(bucket.encode()).hexdigest()[:32],
        }


def _milli(seconds: float) -> float:
    """Rounded up, so that who waits so long finds room."""
    return math.ceil(max(0.0, seconds) * 1000) / 1000
