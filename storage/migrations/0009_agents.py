"""Agents, the three that every installation begins with, and finding who changed something last."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor

if TYPE_CHECKING:
    from storage.migrating import Connection

_EXAMPLES = (
    (
        "general",
        "💬",
        "auto:cheap",
        (
            "You are a helpful colleague. Answer shortly and plainly, in the language of the question. Say so where you"
            " do not know something, and ask back where a question can be meant in several ways."
        ),
        None,
    ),
    (
        "code",
        "🛠️",
        "auto:reasoning",
        (
            "You are an experienced software engineer. Give code that is complete and runs, in a fenced block that"
            " names its language, and explain in a few sentences what matters about it. Name the assumptions you"
            " make, and point out errors and risks that you see, also those that were not asked about."
        ),
        0.2,
    ),
    (
        "research",
        "🔎",
        "auto:large",
        (
            "You are a careful researcher. Work through the whole material that you are given. Separate what it says"
            " from what you conclude, name where each statement comes from, weigh what speaks against it, and end with"
            " what remains open."
        ),
        None,
    ),
)


async def _seed(apps: object, editor: BaseSchemaEditor) -> None:
    """Three examples for all workspaces. Which model answers is found at use, among what is set up."""
    at = datetime.now(UTC)
    client = cast("Connection", editor.client)
    for name, icon, model, instructions, temperature in _EXAMPLES:
        await client.statements.write(
            "INSERT INTO agents (workspace_id, name, taken, instructions, model, temperature, icon, created_at,"
            " updated_at) VALUES ('', ?, ?, ?, ?, ?, ?, ?, ?)",
            name,
            f"/{name}",
            instructions,
            model,
            temperature,
            icon,
            at,
            at,
        )


class Migration(migrations.Migration):
    """Agents."""

    dependencies = [("storage", "0008_ollama")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="Agent",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("workspace_id", fields.CharField(max_length=500)),
                ("name", fields.CharField(max_length=200)),
                ("taken", fields.CharField(null=True, unique=True, max_length=500)),
                ("instructions", fields.TextField()),
                ("model", fields.CharField(null=True, max_length=500)),
                ("temperature", fields.FloatField(null=True)),
                ("effort", fields.CharField(null=True, max_length=200)),
                ("max_output", fields.BigIntField(null=True)),
                ("icon", fields.CharField(db_default="", max_length=200)),
                ("created_by", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField()),
                ("updated_at", fields.DatetimeField()),
                ("deleted_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "agents", "indexes": [Index(fields=["workspace_id"])]},
        ),
        ops.AddIndex("AuditEntry", Index(fields=["subject"])),
        ops.RunPython(_seed),
    ]
