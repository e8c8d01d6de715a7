"""Money: corrections, what happens at a limit, approvals, and roll-ups, filled from the entries that are there."""

import itertools
from typing import TYPE_CHECKING, Any, cast

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor

from storage.database import Dialect

if TYPE_CHECKING:
    from storage.migrating import Connection

_BOUNDS = (250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000, 16000, 32000, 64000, 128000)
_SUMS = (
    "requests",
    "failures",
    "fallbacks",
    "unpriced",
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost",
)
_BUCKETS = tuple(f"b{number:02}" for number in range(len(_BOUNDS) + 1))
_AT_ONCE = 50_000  # entries

# The channel of a place: what stands before its second slash.
_CHANNEL = {
    Dialect.SQLITE: (
        "CASE WHEN instr(substr(place, instr(place, '/') + 1), '/') = 0 OR instr(place, '/') = 0 THEN place"
        " ELSE substr(place, 1, instr(place, '/') + instr(substr(place, instr(place, '/') + 1), '/') - 1) END"
    ),
    Dialect.POSTGRES: (
        "CASE WHEN split_part(place, '/', 2) = '' THEN split_part(place, '/', 1)"
        " ELSE split_part(place, '/', 1) || '/' || split_part(place, '/', 2) END"
    ),
}
_USED = (
    "COUNT(*), SUM(CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END), SUM(CASE WHEN why = 'fallback' THEN 1 ELSE 0 END),"
    " SUM(CASE WHEN cost IS NULL THEN 1 ELSE 0 END), SUM(input_tokens), SUM(cached_tokens), SUM(cache_write_tokens),"
    " SUM(output_tokens), SUM(reasoning_tokens), SUM(COALESCE(cost, 0))"
)
_KIND = "CASE WHEN kind = 'chat' AND why = 'retry' THEN 'retry' ELSE kind END"
_DIMENSIONS = {
    "kind": _KIND,
    "person": "CAST(COALESCE(person_id, 0) AS VARCHAR(20))",
    "channel": "channel",
    "model": "provider || '/' || model",
    "credential": "provider || '/' || credential",
}


def _took() -> str:
    """How many complete answers took how long."""
    edges = [None, *_BOUNDS, None]
    parts = []
    for low, high in itertools.pairwise(edges):
        within = [f"latency_ms > {low}"] if low is not None else []
        within += [f"latency_ms <= {high}"] if high is not None else []
        parts.append(f"SUM(CASE WHEN outcome = 'complete' AND {' AND '.join(within)} THEN 1 ELSE 0 END)")
    return ", ".join(parts)


async def _fill(apps: object, editor: BaseSchemaEditor) -> None:
    """Count what is in the ledger already, a day at a time."""
    client = cast("Connection", editor.client)
    db = client.statements
    [most] = await db.rows("SELECT COALESCE(MAX(id), 0) AS id FROM usage_entries")
    for start in range(0, most["id"], _AT_ONCE):
        await db.write(
            f"UPDATE usage_entries SET channel = {_CHANNEL[client.dialect]} WHERE id > ? AND id <= ?",
            start,
            start + _AT_ONCE,
        )
    for row in await db.rows("SELECT DISTINCT day FROM usage_entries ORDER BY day"):
        for statement in _statements():
            await db.write(statement, row["day"])


def _statements() -> list[str]:
    timed = ", ".join([*_SUMS, *_BUCKETS])
    used = f"{_USED}, {_took()}"
    days = "channel, day, COALESCE(person_id, 0), provider, model, credential"
    statements = [
        (
            "INSERT INTO usage_days (channel, day, person_id, provider, model, credential, kind, workspace_id,"
            f" {timed})"
            f" SELECT {days}, {_KIND}, workspace_id, {used} FROM usage_entries WHERE day = ?"
            f" GROUP BY {days}, {_KIND}, workspace_id"
        ),
        (
            "INSERT INTO usage_threads (conversation_id, day, person_id, channel, workspace_id, "
            f"{', '.join(_SUMS)}) SELECT conversation_id, day, COALESCE(person_id, 0), MIN(channel), MIN(workspace_id),"
            f" {_USED} FROM usage_entries WHERE day = ? AND conversation_id IS NOT NULL"
            " GROUP BY conversation_id, day, COALESCE(person_id, 0)"
        ),
    ]
    statements += [
        f"INSERT INTO usage_totals (workspace_id, dimension, day, subject, {timed})"
        f" SELECT workspace_id, '{name}', day, {subject}, {used} FROM usage_entries WHERE day = ?"
        f" GROUP BY workspace_id, day, {subject}"
        for name, subject in _DIMENSIONS.items()
    ]
    return statements


def _sums() -> list[tuple[str, Any]]:
    return [(name, fields.BigIntField()) for name in _SUMS]


def _timed() -> list[tuple[str, Any]]:
    return [*_sums(), *((name, fields.IntField()) for name in _BUCKETS)]


class Migration(migrations.Migration):
    """Corrections, limits, approvals, roll-ups."""

    dependencies = [("storage", "0011_extracts")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddField("UsageEntry", "channel", fields.CharField(null=True, max_length=500)),
        ops.AddField("UsageEntry", "corrects", fields.BigIntField(null=True)),
        ops.AddIndex("UsageEntry", Index(fields=["corrects"])),
        ops.AddField("Budget", "at_limit", fields.CharField(db_default="refuse", max_length=200)),
        ops.AddField("BudgetPeriod", "extra", fields.BigIntField(db_default=0)),
        ops.AddField("BudgetPeriod", "subject", fields.CharField(db_default="", max_length=500)),
        ops.CreateModel(
            name="Approval",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("state", fields.CharField(max_length=200)),
                ("budget_id", fields.BigIntField()),
                ("period_id", fields.BigIntField()),
                ("amount", fields.BigIntField()),
                ("workspace_id", fields.CharField(max_length=500)),
                ("place", fields.CharField(max_length=500)),
                ("conversation_id", fields.BigIntField()),
                ("reply_id", fields.BigIntField()),
                ("person_id", fields.BigIntField(null=True)),
                ("model", fields.CharField(max_length=500)),
                ("created_at", fields.DatetimeField()),
                ("expires_at", fields.DatetimeField()),
                ("asked_by", fields.BigIntField(null=True)),
                ("asked_at", fields.DatetimeField(null=True)),
                ("decided_by", fields.BigIntField(null=True)),
                ("decided_at", fields.DatetimeField(null=True)),
                ("granted", fields.BigIntField(null=True)),
            ],
            options={
                "table": "approvals",
                "unique_together": (("reply_id", "budget_id"),),
                "indexes": [Index(fields=["workspace_id", "state"])],
            },
        ),
        ops.CreateModel(
            name="UsageDay",
            fields=[
                *_timed(),
                ("id", fields.BigIntField(primary_key=True)),
                ("channel", fields.CharField(max_length=500)),
                ("day", fields.CharField(max_length=10)),
                ("person_id", fields.BigIntField()),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("credential", fields.CharField(max_length=500)),
                ("kind", fields.CharField(max_length=200)),
                ("workspace_id", fields.CharField(max_length=500)),
            ],
            options={
                "table": "usage_days",
                "unique_together": (
                    (
                        "channel",
                        "day",
                        "person_id",
                        "provider",
                        "model",
                        "credential",
                        "kind",
                        "workspace_id",
                    ),
                ),
                "indexes": [Index(fields=["person_id", "day"])],
            },
        ),
        ops.CreateModel(
            name="UsageTotal",
            fields=[
                *_timed(),
                ("id", fields.BigIntField(primary_key=True)),
                ("workspace_id", fields.CharField(max_length=500)),
                ("dimension", fields.CharField(max_length=200)),
                ("day", fields.CharField(max_length=10)),
                ("subject", fields.CharField(max_length=800)),
            ],
            options={
                "table": "usage_totals",
                "unique_together": (("workspace_id", "dimension", "day", "subject"),),
                "indexes": [
                    Index(fields=["dimension", "day"]),
                    Index(fields=["dimension", "subject", "day"]),
                ],
            },
        ),
        ops.CreateModel(
            name="UsageThread",
            fields=[
                *_sums(),
                ("id", fields.BigIntField(primary_key=True)),
                ("conversation_id", fields.BigIntField()),
                ("day", fields.CharField(max_length=10)),
                ("person_id", fields.BigIntField()),
                ("channel", fields.CharField(max_length=500)),
                ("workspace_id", fields.CharField(max_length=500)),
            ],
            options={
                "table": "usage_threads",
                "unique_together": (("conversation_id", "day", "person_id"),),
                "indexes": [
                    Index(fields=["workspace_id", "day"]),
                    Index(fields=["channel", "day"]),
                    Index(fields=["person_id", "day"]),
                ],
            },
        ),
        ops.RunPython(_fill),
    ]
