"""Whom Slack has for an admin of a workspace: asked where a command needs it, believed for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from bot.adapters.slack.workspaces import FAILURES, Workspace

log = logging.getLogger(__name__)

_FRESH = 300.0  # seconds that an answer is believed
_MOST = 2_000  # people remembered in one workspace


async def is_admin(workspace: Workspace, user: str) -> bool:
    """Whether somebody is an admin or owner of the workspace. Never raises: where Slack does not say, nobody is."""
    known = workspace.admins.get(user)
    if known is not None and known[1] > time.monotonic():
        return known[0]
    if "users:read" not in workspace.scopes:
        return False
    try:
        told = await workspace.client.users_info(user=user)
    except FAILURES as error:
        log.info("Slack does not say whether somebody is an admin: %s", type(error).__name__)
        return False
    found = _administers(workspace, told.get("user") or {})
    if len(workspace.admins) >= _MOST:
        workspace.admins.clear()
    workspace.admins[user] = (found, time.monotonic() + _FRESH)
    return found


def _administers(workspace: Workspace, user: Mapping[str, Any]) -> bool:
    """An admin of another company's workspace, met in a shared channel, is none of this one's."""
    enterprise = user.get("enterprise_user") or {}
    if workspace.team not in (user.get("team_id"), *(enterprise.get("teams") or ())):
        return False
    return bool(user.get("is_admin") or user.get("is_owner"))
