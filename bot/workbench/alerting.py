"""Who is told of what: the kinds of alerts, and where those of a workspace go."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from storage.sendings import NewSending
from storage.store import Store

ALERT = "alert"  # the kind of sendings
TEST = "test"  # stands where a kind of alert does, in what only tries a way
MOST = 10  # places of a route, and addresses
SETTING = "alerts"  # the setting's key, at a workspace's scope
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+", re.ASCII)
KINDS: Mapping[str, str] = {
    "budget": "a budget is spent up to one of its thresholds",
    "approval": "somebody asks for more room in a budget",
    "unpriced": "a model is used whose price nobody knows",
    "failing": "a provider has failed for a while",
    "key": "a provider rejects a key, or its account has no credit",
    "retirement": "a model in use ends soon",
    "spending": "somebody spends far more in a day than they ever did",
}
"""Every kind of alert, and what it says."""


def is_address(text: str) -> bool:
    """Whether mail can be sent to it, as far as that can be seen."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Route:
    """Where a workspace's alerts go. ``places`` and ``mail`` addresses; kinds in ``without`` are left out.

    ``wide``: those of the whole installation go there too, for who set it looks after that.
    """

    places: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    wide: bool = False

    def to_json(self) -> dict[str, Any]:
        """What ``json.dumps`` takes."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Route:
        """What ``to_json`` made."""
        return cls(tuple(value["places"]), tuple(value["mail"]), tuple(value["without"]), bool(value["wide"]))

    def targets(self, kind: str) -> list[str]:
        """Where an alert of a kind goes, as sendings name it."""
        if kind in self.without:
            return []
        return [*(f"place:{place}" for place in self.places), *(f"mail:{address}" for address in self.mail)]

    def with_place(self, place: str) -> Route:
        """The same with one more place; one that is there already is the last from then on."""
        return replace(self, places=_with(self.places, place))

    def with_mail(self, address: str) -> Route:
        """The same with one more address."""
        return replace(self, mail=_with(self.mail, address))


def _with(known: tuple[str, ...], new: str) -> tuple[str, ...]:
    return (*(one for one in known if one != new), new)[-MOST:]


async def try_out(store: Store, workspace: str, route: Route, text: str) -> int:
    """Send a test wherever a workspace's alerts go; to how many that is."""
    number = secrets.token_hex(8)
    payload = json.dumps(
        {**trial(text), "key": f"{TEST}:{number}", "scope": "workspace", "subject": workspace}
    )
    targets = route.targets(TEST)
    for target in targets:
        await store.sendings.enter(NewSending(ALERT, target, f"{TEST}:{number}", payload))
    return len(targets)


def trial(text: str) -> dict[str, Any]:
    """What a test tells."""
    return {"event": TEST, "kind": TEST, "text": text, "at": datetime.now(UTC).isoformat()}
