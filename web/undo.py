"""Whose right it is to undo a change: whoever could make it now."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.calls.access import KEYS
from bot.conversation.settings import INSTALLATION as EVERYTHING
from bot.workbench.alerting import SETTING as ALERTS
from bot.workbench.alerting import Route
from storage.audit import AuditRow
from storage.store import Store
from web.budget_cards import keeps
from web.places import workspace_in
from web.viewer import INSTALLATION, Viewer


async def may_undo(store: Store, viewer: Viewer, row: AuditRow) -> bool:
    """Whether a viewer may change what an entry of the audit tells of, at this moment."""
    if viewer.is_owner:
        return True
    if row.action in ("set", "clear"):
        return await _setting(store, viewer, row)
    if row.action == "set clock":
        return viewer.administers(row.subject.removeprefix("workspace:"))
    look = _LOOKS.get(row.action.rpartition(" ")[2])  # prices, models and roles are the owners'
    return look is not None and await look(store, viewer, row.number)


async def _setting(store: Store, viewer: Viewer, row: AuditRow) -> bool:
    """A workspace's and its channels' are its admins'; of a person's they keep the rules alone."""
    scope, _, key = row.subject.rpartition(" ")
    if scope == EVERYTHING:
        return False
    if scope.startswith("person:"):
        person = int(scope.removeprefix("person:"))
        known = [await store.people.known_in(each, [person]) for each in viewer.workspaces]
        return key in KEYS and any(known)
    if key == ALERTS and _wide(row.before) is not _wide(row.after):
        return False  # who is told of the whole installation is for its owners to say
    workspace = workspace_in(scope)
    return workspace != INSTALLATION and viewer.administers(workspace)


def _wide(text: str | None) -> bool:
    """Whether alerts of the whole installation go there too, by a setting as the audit has it."""
    return text is not None and Route.from_json(json.loads(text)).wide


async def _budget(store: Store, viewer: Viewer, id_: int) -> bool:
    budget = await store.budgets.find(id_)
    if budget is None:
        return False
    return any([await keeps(store, viewer, each, [budget]) for each in viewer.workspaces])


async def _agent(store: Store, viewer: Viewer, id_: int) -> bool:
    agent = await store.agents.find(id_)
    return agent is not None and viewer.administers(agent.workspace_id)


async def _credential(store: Store, viewer: Viewer, id_: int) -> bool:
    key = await store.credentials.get(id_)
    return key is not None and viewer.administers(workspace_in(key.scope))


_LOOKS: Mapping[str, Callable[[Store, Viewer, int], Awaitable[bool]]] = MappingProxyType(
    {"budget": _budget, "agent": _agent, "credential": _credential}
)
