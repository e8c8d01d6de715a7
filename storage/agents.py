"""Agents: named personas of a workspace, and those that every workspace has."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.audit import record
from storage.database import Database, Statements, first
from storage.rows import columns, fill, now

EVERYWHERE = ""  # the workspace of agents that all workspaces have


@dataclass(frozen=True, slots=True)
class Persona:
    """What makes an agent.

    ``model`` is "provider/model-id", "auto:" and a wish, or None where it brings none; ``max_output`` is tokens.
    """

    instructions: str
    model: str | None = None
    temperature: float | None = None
    effort: str | None = None
    max_output: int | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent. ``workspace_id`` is EVERYWHERE for those of all; ``created_by`` None: it came with the program."""

    id: int
    workspace_id: str
    name: str
    instructions: str
    model: str | None
    temperature: float | None
    effort: str | None
    max_output: int | None
    icon: str
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None

    @property
    def persona(self) -> Persona:
        """What makes it."""
        return Persona(
            self.instructions, self.model, self.temperature, self.effort, self.max_output, self.icon
        )


class Agents:
    """Every agent. Names are compared without regard to case; a workspace's own hides one of all by its name."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self, workspace_id: str) -> list[Agent]:
        """The agents that a workspace has, by name."""
        rows = await self._db.rows(
            f"SELECT {columns(Agent)} FROM agents WHERE workspace_id IN (?, ?) AND deleted_at IS NULL ORDER BY id",
            EVERYWHERE,
            workspace_id,
        )
        found = [fill(Agent, row) for row in rows]
        shared = {agent.name.lower(): agent for agent in found if agent.workspace_id == EVERYWHERE}
        own = {agent.name.lower(): agent for agent in found if agent.workspace_id != EVERYWHERE}
        return [agent for _, agent in sorted((shared | own).items())]

    async def get(self, agent_id: int) -> Agent | None:
        """The agent of that id, unless it was removed."""
        rows = await self._db.rows(
            f"SELECT {columns(Agent)} FROM agents WHERE id = ? AND deleted_at IS NULL", agent_id
        )
        return fill(Agent, rows[0]) if rows else None

    async def find(self, agent_id: int) -> Agent | None:
        """The agent of that id, one that was removed too."""
        rows = await self._db.rows(f"SELECT {columns(Agent)} FROM agents WHERE id = ?", agent_id)
        return fill(Agent, rows[0]) if rows else None

    async def put(self, workspace_id: str, name: str, persona: Persona, by: int | None) -> Agent:
        """Make a workspace's agent, or change the one of that name. Audited."""
        taken, at, made = taken_as(workspace_id, name), now(), asdict(persona)
        async with self._db.transaction() as tx:
            before = await _lock(tx, taken)
            rows = await tx.written(
                f"INSERT INTO agents (workspace_id, name, taken, created_by, created_at, updated_at, {', '.join(made)})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (taken) DO UPDATE SET updated_at = excluded.updated_at, "
                f"{', '.join(f'{key} = excluded.{key}' for key in made)} RETURNING {columns(Agent)}",
                workspace_id,
                name,
                taken,
                by,
                at,
                at,
                *made.values(),
            )
            agent = fill(Agent, rows[0])
            was = None if before is None else asdict(before.persona)
            await record(tx, by, "set agent", f"agent:{agent.id} {agent.name}", before=was, after=made)
        return agent

    async def change(self, agent_id: int, name: str, persona: Persona, by: int | None) -> Agent | None:
        """Change an agent, its name too. None where it was removed, or another has that name. Audited."""
        made = asdict(persona)
        async with self._db.transaction() as tx:
            rows = await tx.written(
                f"UPDATE agents SET name = name WHERE id = ? AND deleted_at IS NULL RETURNING {columns(Agent)}",
                agent_id,
            )
            if not rows:
                return None
            before = fill(Agent, rows[0])
            taken = taken_as(before.workspace_id, name)
            changed = await tx.written(
                f"UPDATE agents SET name = ?, taken = ?, updated_at = ?, {', '.join(f'{key} = ?' for key in made)}"
                " WHERE id = ? AND NOT EXISTS (SELECT 1 FROM agents WHERE taken = ? AND id <> ?)"
                f" RETURNING {columns(Agent)}",
                name,
                taken,
                now(),
                *made.values(),
                agent_id,
                taken,
                agent_id,
            )
            if not changed:
                return None
            agent = fill(Agent, changed[0])
            was = {"name": before.name, **asdict(before.persona)}
            await record(
                tx, by, "set agent", f"agent:{agent.id} {name}", before=was, after={"name": name, **made}
            )
        return agent

    async def remove(self, agent_id: int, by: int | None) -> None:
        """Take an agent away; conversations that had it go on without. Audited."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                f"UPDATE agents SET taken = NULL, deleted_at = ? WHERE id = ? AND deleted_at IS NULL"
                f" RETURNING {columns(Agent)}",
                now(),
                agent_id,
            )
            if rows:
                agent = fill(Agent, rows[0])
                await record(
                    tx, by, "remove agent", f"agent:{agent.id} {agent.name}", before=asdict(agent.persona)
                )


def taken_as(workspace_id: str, name: str) -> str:
    """What no two agents share while they are there."""
    return f"{workspace_id}/{name.lower()}"


async def _lock(tx: Statements, taken: str) -> Agent | None:
    """The agent that is about to change, nobody else changing it until the transaction ends."""
    row = first(
        await tx.written(f"UPDATE agents SET name = name WHERE taken = ? RETURNING {columns(Agent)}", taken)
    )
    return None if row is None else fill(Agent, row)
