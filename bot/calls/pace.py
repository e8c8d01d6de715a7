"""How often people and workspaces may ask, and how many requests a credential may have under way at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.calls.order import Order
from bot.core.errors import TooMany
from storage.rates import Allowed, Exceeded
from storage.settings import Setting
from storage.store import Store

REQUESTS = "requests_per_minute"
"""A whole number at a person's or a workspace's scope; at the installation's ``{"person": …, "workspace": …}``,
what holds for each where it has none of its own. null: as many as they like."""
CONCURRENCY = "concurrency"
"""A whole number at ``credential:<name>``, ``provider:<id>`` or the installation; the nearest holds. null: no limit."""

PERSON, WORKSPACE = 30, 300  # requests a minute, where nobody has set anything
AT_ONCE = 50  # requests of one credential at once, in each process, where nobody has set anything
_INSTALLATION = "installation"


async def count(store: Store, order: Order, at: datetime) -> None:
    """Count a request of a person in a workspace. Raises TooMany where either has made enough of them this minute."""
    workspace = f"place:{order.place.home}"
    person = None if order.person_id is None else f"person:{order.person_id}"
    scopes = [_INSTALLATION, workspace, *([person] if person else [])]
    found = await store.settings.get_many(scopes, REQUESTS)
    limits = [_allowed(found, person, "person", PERSON)] if person else []
    limits.append(_allowed(found, workspace, "workspace", WORKSPACE))
    full = await store.rates.take([limit for limit in limits if limit is not None], at)
    if full is not None:
        raise _refusal(full)


async def at_once(store: Store, provider: str, credential: str) -> int | None:
    """How many requests of a credential may be under way at once in a process; None: any number."""
    scopes = [f"credential:{credential}", f"provider:{provider}", _INSTALLATION]
    found = await store.settings.get_many(scopes, CONCURRENCY)
    nearest = next((found[scope] for scope in scopes if scope in found), None)
    return AT_ONCE if nearest is None else _number(nearest.value, AT_ONCE)


def _allowed(found: Mapping[str, Setting], scope: str, kind: str, usual: int) -> Allowed | None:
    if scope in found:
        most = _number(found[scope].value, usual)
    else:
        set_ = found[_INSTALLATION].value if _INSTALLATION in found else {}
        most = _number(set_[kind], usual) if isinstance(set_, dict) and kind in set_ else usual
    return None if most is None else Allowed(scope, most)


def _number(value: Any, usual: int) -> int | None:
    """A setting as a limit; what is no number is taken for not set, for it must not open or close a door."""
    if value is None:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else usual


def _refusal(full: Exceeded) -> TooMany:
    whose = "You have" if full.limit.subject.startswith("person:") else "This workspace has"
    seconds = max(1, round(full.wait + 0.5))
    when = "in a second" if seconds == 1 else f"in {seconds} seconds"
    made = "1 request" if full.limit.most == 1 else f"{full.limit.most} requests"
    say = (
        f"{whose} made {made} within a minute, and that is the limit. There is room again {when}; "
        "an admin can raise it."
    )
    return TooMany(f"{full.limit.subject} has made {full.limit.most} requests", wait=full.wait, say=say)
