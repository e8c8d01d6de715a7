"""How each kind of change is put back: a step takes an entry of the audit, and looks that what it made still stands.

What is really wiped, a secret or what was said, has no step.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from storage.agents import Agent, taken_as
from storage.audit import AuditRow
from storage.budgets import percents
from storage.credentials import let_be_used
from storage.database import Row, Statements, first
from storage.people import is_last_owner
from storage.rows import columns, fill, moment, now

Step = Callable[
    [Statements, AuditRow, int], Awaitable[bool]
]  # with who puts it back; false where it cannot be


def _told(text: str | None) -> dict[str, Any]:
    value = None if text is None else json.loads(text)
    return value if isinstance(value, dict) else {}


async def _setting(tx: Statements, row: AuditRow, by: int) -> bool:
    scope, _, key = row.subject.rpartition(" ")
    found = first(
        await tx.written(
            "UPDATE settings SET value = value WHERE scope = ? AND key = ? RETURNING value", scope, key
        )
    )
    if (None if found is None else (json.loads(found["value"]),)) != _stood(row.after):
        return False
    if row.before is None:
        return await tx.write("DELETE FROM settings WHERE scope = ? AND key = ?", scope, key) == 1
    set_by, set_at = await _setter(tx, row, by)
    await tx.write(
        "INSERT INTO settings (scope, key, value, set_by, set_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (scope, key) DO UPDATE"
        " SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at",
        scope,
        key,
        row.before,
        set_by,
        set_at,
    )
    return True


def _stood(text: str | None) -> tuple[Any] | None:
    return None if text is None else (json.loads(text),)


async def _setter(tx: Statements, row: AuditRow, by: int) -> tuple[int | None, Any]:
    """Who had set what is put back, and when; where the audit does not know, who puts it back."""
    rows = await tx.rows(
        "SELECT person_id, at, after FROM audit WHERE subject = ? AND id < ? AND action = 'set'"
        " ORDER BY id DESC LIMIT 1",
        row.subject,
        row.id,
    )
    if rows and _stood(rows[0]["after"]) == _stood(row.before):
        return rows[0]["person_id"], moment(rows[0]["at"])
    return by, now()


async def _budget_added(tx: Statements, row: AuditRow, _: int) -> bool:
    end = "UPDATE budgets SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL"
    return await tx.write(end, now(), row.number) == 1


async def _budget_changed(tx: Statements, row: AuditRow, _: int) -> bool:
    budget = await _held(
        tx, "budgets", "amount", "amount, hard, at_limit, thresholds, deleted_at", row.number
    )
    before, after = _told(row.before), _told(row.after)
    if budget is None or budget["deleted_at"] is not None or not before:
        return False
    stands = {name: budget[name] for name in ("amount", "at_limit")} | {
        "hard": bool(budget["hard"]),
        "thresholds": list(percents(budget["thresholds"])),
    }
    if stands != after:
        return False
    await tx.write(
        "UPDATE budgets SET amount = ?, hard = ?, at_limit = ?, thresholds = ? WHERE id = ?",
        before["amount"],
        before["hard"],
        before["at_limit"],
        ",".join(map(str, before["thresholds"])),
        row.number,
    )
    return True


async def _budget_removed(tx: Statements, row: AuditRow, _: int) -> bool:
    budget = await _held(tx, "budgets", "amount", "scope, subject, period, deleted_at", row.number)
    if budget is None or budget["deleted_at"] is None:
        return False
    another = await tx.rows(
        "SELECT 1 FROM budgets WHERE scope = ? AND subject = ? AND period = ? AND deleted_at IS NULL",
        budget["scope"],
        budget["subject"],
        budget["period"],
    )
    if another:
        return False
    return await tx.write("UPDATE budgets SET deleted_at = NULL WHERE id = ?", row.number) == 1


async def _agent_set(tx: Statements, row: AuditRow, _: int) -> bool:
    held = await _held(tx, "agents", "name", columns(Agent), row.number)
    agent = None if held is None else fill(Agent, held)
    after = _told(row.after)
    if agent is None or agent.deleted_at is not None:
        return False
    if {"name": agent.name, **asdict(agent.persona)} != {"name": agent.name, **after}:
        return False
    if row.before is None:
        end = "UPDATE agents SET taken = NULL, deleted_at = ? WHERE id = ?"
        return await tx.write(end, now(), agent.id) == 1
    before = {"name": agent.name, **_told(row.before)}
    taken = taken_as(agent.workspace_id, before["name"])
    if await _is_taken(tx, "agents", taken, agent.id):
        return False
    await tx.write(
        f"UPDATE agents SET taken = ?, updated_at = ?, {', '.join(f'{key} = ?' for key in before)} WHERE id = ?",
        taken,
        now(),
        *before.values(),
        agent.id,
    )
    return True


async def _agent_removed(tx: Statements, row: AuditRow, _: int) -> bool:
    held = await _held(tx, "agents", "name", columns(Agent), row.number)
    agent = None if held is None else fill(Agent, held)
    if agent is None or agent.deleted_at is None:
        return False
    taken = taken_as(agent.workspace_id, agent.name)
    if await _is_taken(tx, "agents", taken, agent.id):
        return False
    back = "UPDATE agents SET taken = ?, deleted_at = NULL WHERE id = ?"
    return await tx.write(back, taken, agent.id) == 1


async def _price_set(tx: Statements, row: AuditRow, _: int) -> bool:
    end = "UPDATE price_overrides SET removed_at = ? WHERE id = ? AND removed_at IS NULL"
    return await tx.write(end, now(), row.number) == 1


async def _price_removed(tx: Statements, row: AuditRow, _: int) -> bool:
    back = "UPDATE price_overrides SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL"
    return await tx.write(back, row.number) == 1


async def _credential_disabled(tx: Statements, row: AuditRow, by: int) -> bool:
    return await let_be_used(tx, row.number, on=True, by=by)


async def _credential_enabled(tx: Statements, row: AuditRow, by: int) -> bool:
    return await let_be_used(tx, row.number, on=False, by=by)


async def _webhook_changed(tx: Statements, row: AuditRow, _: int) -> bool:
    before, after = _told(row.before), _told(row.after)
    if before["url"] != after["url"]:
        return False  # its secret is sealed for its address
    back = (
        "UPDATE webhooks SET private = ?, kinds = ?"
        " WHERE id = ? AND taken IS NOT NULL AND url = ? AND private = ? AND kinds = ?"
    )
    stood = after["url"], after["private"], after["kinds"]
    return await tx.write(back, before["private"], before["kinds"], row.number, *stood) == 1


async def _clock_set(tx: Statements, row: AuditRow, _: int) -> bool:
    before, after = _told(row.before), _told(row.after)
    return (
        await tx.write(
            "UPDATE workspaces SET time_zone = ?, first_weekday = ?"
            " WHERE id = ? AND time_zone = ? AND first_weekday = ?",
            before["time_zone"],
            before["first_weekday"],
            row.subject.removeprefix("workspace:"),
            after["time_zone"],
            after["first_weekday"],
        )
        == 1
    )


async def _model_removed(tx: Statements, row: AuditRow, by: int) -> bool:
    provider, _, model = row.subject.partition("/")
    rows = await tx.rows(
        "SELECT id, data FROM custom_models WHERE provider = ? AND model = ? ORDER BY id DESC LIMIT 1",
        provider,
        model,
    )
    if not rows or await _is_taken(tx, "custom_models", row.subject, rows[0]["id"]):
        return False
    back = (
        "UPDATE custom_models SET taken = ?, removed_at = NULL, removed_by = NULL, version = version + 1"
        " WHERE id = ? AND removed_at IS NOT NULL"
    )
    return await tx.write(back, row.subject, rows[0]["id"]) == 1


async def _role_given(tx: Statements, row: AuditRow, _: int) -> bool:
    told, person = _told(row.after), row.number
    if told["role"] == "owner" and told["workspace"] is None and await is_last_owner(tx, person):
        return False
    where, values = _where(told)
    return (
        await tx.write(f"DELETE FROM roles WHERE person_id = ? AND role = ? AND {where}", person, *values)
        == 1
    )


async def _role_taken(tx: Statements, row: AuditRow, _: int) -> bool:
    told, person = _told(row.before), row.number
    where, values = _where(told)
    if await tx.rows(f"SELECT 1 FROM roles WHERE person_id = ? AND role = ? AND {where}", person, *values):
        return False
    give = "INSERT INTO roles (person_id, workspace_id, role) VALUES (?, ?, ?)"
    return await tx.write(give, person, told["workspace"], told["role"]) == 1


def _where(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    if told["workspace"] is None:
        return "workspace_id IS NULL", (told["role"],)
    return "workspace_id = ?", (told["role"], told["workspace"])


async def _held(tx: Statements, table: str, same: str, wanted: str, id_: int) -> Row | None:
    """A row that is about to change, nobody else changing it until the transaction ends."""
    return first(await tx.written(f"UPDATE {table} SET {same} = {same} WHERE id = ? RETURNING {wanted}", id_))


async def _is_taken(tx: Statements, table: str, taken: str, but: int) -> bool:
    return bool(await tx.rows(f"SELECT 1 FROM {table} WHERE taken = ? AND id <> ?", taken, but))


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "set": _setting,
        "clear": _setting,
        "add budget": _budget_added,
        "change budget": _budget_changed,
        "remove budget": _budget_removed,
        "set agent": _agent_set,
        "remove agent": _agent_removed,
        "set price": _price_set,
        "remove price": _price_removed,
        "disable credential": _credential_disabled,
        "enable credential": _credential_enabled,
        "change webhook": _webhook_changed,
        "set clock": _clock_set,
        "remove model": _model_removed,
        "grant": _role_given,
        "revoke": _role_taken,
    }
)
