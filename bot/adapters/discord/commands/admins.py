"""Whom Discord has for an admin of a server: its owner, and who may manage it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.adapters.discord.bots import ELSEWHERE, Bot
from bot.adapters.discord.outgoing.calls import call
from bot.core.errors import PlatformError

log = logging.getLogger(__name__)

_MANAGES = 1 << 5 | 1 << 3  # MANAGE_GUILD, ADMINISTRATOR


def manages(permissions: object) -> bool:
    """Whether these permissions, as Discord writes them, are an admin's."""
    text = str(permissions or "")
    return text.isdigit() and bool(int(text) & _MANAGES)


async def is_admin(bot: Bot, guild: str, user: str) -> bool:
    """Whether somebody may manage a server, for messages, which do not say so. Never raises."""
    if guild == ELSEWHERE:
        return False
    try:
        server = (await call(bot, "GET", f"/guilds/{guild}", what="get guild", budget="")).body
        if str(server.get("owner_id")) == user:
            return True
        path = f"/guilds/{guild}/members/{user}"
        member = (await call(bot, "GET", path, what="get member", budget="")).body
    except PlatformError as error:
        log.info("Discord does not say whether somebody is an admin: %s", error)
        return False
    return any(manages(role.get("permissions")) for role in _held(server, member, guild))


def _held(server: Mapping[str, Any], member: Mapping[str, Any], guild: str) -> list[Mapping[str, Any]]:
    """The roles of a member; everybody has the one that is called as the server."""
    held = {guild, *(str(role) for role in member.get("roles") or ())}
    return [role for role in server.get("roles") or () if str(role.get("id")) in held]
