"""Workspaces and places, as strings: a place is "platform:workspace/channel/thread"."""

from __future__ import annotations

from storage.database import Statements
from storage.rows import now


def workspace_of(place: str) -> str:
    """The workspace that a place is in."""
    return place.partition("/")[0]


def channel_of(place: str) -> str:
    """The channel that a place is or is in; a workspace itself where there is none."""
    return "/".join(place.split("/")[:2])


async def add_workspace(tx: Statements, workspace_id: str) -> None:
    """Enter a workspace; one that is known is left as it is."""
    await tx.write(
        "INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        workspace_id,
        workspace_id.partition(":")[2] or workspace_id,
        now(),
    )


async def enter(tx: Statements, place: str, workspace_id: str) -> int | None:
    """Enter a place and lock its row; its current conversation, None where it has none yet."""
    touch = "UPDATE places SET updated_at = ? WHERE place = ? RETURNING current_conversation_id"
    rows = await tx.written(touch, now(), place)
    if not rows:
        await add_workspace(tx, workspace_id)
        await tx.write(
            "INSERT INTO places (place, workspace_id, updated_at) VALUES (?, ?, ?) ON CONFLICT (place) DO NOTHING",
            place,
            workspace_id,
            now(),
        )
        rows = await tx.written(touch, now(), place)
    current: int | None = rows[0]["current_conversation_id"]
    return current


async def point(tx: Statements, place: str, conversation_id: int | None) -> None:
    """Make a conversation the place's current one."""
    await tx.write("UPDATE places SET current_conversation_id = ? WHERE place = ?", conversation_id, place)


async def zone_of(statements: Statements, workspace_id: str) -> str:
    """The time zone of a workspace; UTC where it is not known."""
    rows = await statements.rows("SELECT time_zone FROM workspaces WHERE id = ?", workspace_id)
    return rows[0]["time_zone"] if rows else "UTC"
