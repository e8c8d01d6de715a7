"""Answers to the gateway's question for members."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.sessions import Intent, Session
from tests.fakes.discord.world import World


def chunk(world: World, session: Session, data: Any) -> JSON:
    """GUILD_MEMBERS_CHUNK: by id, or by the beginning of a name. All of them takes the members intent."""
    guild = world.guilds[str(data["guild_id"])]
    wanted = data.get("user_ids")
    if wanted is not None:
        wanted = {str(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
        found = [one for one in guild.members.values() if one.user.id in wanted]
    else:
        found = [one for one in guild.members.values() if one.user.name.startswith(data["query"])]
        found = found[: data.get("limit") or None]
        if not data["query"] and not session.intents & Intent.MEMBERS:
            world.book.add("gateway", "members", "all members were asked for without the intent")
            found = []
    body: JSON = {
        "guild_id": guild.id,
        "members": [one.json for one in found],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": sorted((wanted or set()) - {one.user.id for one in found}),
    }
    return body | ({"nonce": data["nonce"]} if "nonce" in data else {})
