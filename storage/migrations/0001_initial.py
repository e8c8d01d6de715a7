"""The first tables."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor

if TYPE_CHECKING:
    from storage.migrating import Connection


def _reference(name: str, model: str, **more: Any) -> tuple[str, Any]:
    return name, fields.ForeignKeyField(
        f"storage.{model}",
        source_field=f"{name}_id",
        to_field="id",
        db_constraint=True,
        related_name=False,
        on_delete=OnDelete.RESTRICT,
        **more,
    )


async def _seed(apps: object, editor: BaseSchemaEditor) -> None:
    """Sensible limits from the first start on: 100 USD a day with a note at 80 %, 1 USD per request."""
    at = datetime.now(UTC)
    client = cast("Connection", editor.client)
    await client.statements.write(
        "INSERT INTO budgets (scope, period, amount, created_at) VALUES ('installation', 'day', ?, ?)",
        100_000_000_000,
        at,
    )
    await client.statements.write(
        "INSERT INTO settings (scope, key, value, set_at) VALUES ('installation', 'request_limit', ?, ?)",
        "1000000000",
        at,
    )


class Migration(migrations.Migration):
    """What the way of one message needs."""

    initial = True

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("at", fields.DatetimeField()),
                ("person_id", fields.BigIntField(null=True)),
                ("action", fields.CharField(max_length=200)),
                ("subject", fields.TextField()),
                ("before", fields.TextField(null=True)),
                ("after", fields.TextField(null=True)),
            ],
            options={"table": "audit", "indexes": [Index(fields=["at"])]},
        ),
        ops.CreateModel(
            name="Budget",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("scope", fields.CharField(max_length=200)),
                ("subject", fields.CharField(db_default="", max_length=500)),
                ("period", fields.CharField(max_length=200)),
                ("amount", fields.BigIntField()),
                ("hard", fields.BooleanField(db_default=True)),
                ("thresholds", fields.CharField(db_default="80", max_length=200)),
                ("time_zone", fields.CharField(db_default="UTC", max_length=200)),
                ("first_weekday", fields.IntField(db_default=0)),
                ("created_at", fields.DatetimeField()),
                ("deleted_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "budgets", "indexes": [Index(fields=["scope", "subject"])]},
        ),
        ops.CreateModel(
            name="BudgetPeriod",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("budget", "Budget"),
                ("key", fields.CharField(max_length=200)),
                ("spent", fields.BigIntField(db_default=0)),
                ("reserved", fields.BigIntField(db_default=0)),
                ("noted", fields.IntField(db_default=0)),
                ("starts_at", fields.DatetimeField()),
                ("ends_at", fields.DatetimeField()),
            ],
            options={"table": "budget_periods", "unique_together": (("budget_id", "key"),)},
        ),
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("kind", fields.CharField(max_length=200)),
                ("key", fields.CharField(unique=True, max_length=500)),
                ("text", fields.TextField()),
                ("scope", fields.CharField(max_length=200)),
                ("subject", fields.CharField(max_length=500)),
                ("created_at", fields.DatetimeField()),
                ("delivered_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "notices", "indexes": [Index(fields=["delivered_at"])]},
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("name", fields.CharField(max_length=500)),
                ("created_at", fields.DatetimeField()),
            ],
            options={"table": "people"},
        ),
        ops.CreateModel(
            name="Identity",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("person", "Person"),
                ("platform", fields.CharField(max_length=200)),
                ("workspace_id", fields.CharField(max_length=500)),
                ("external_id", fields.CharField(max_length=500)),
                ("name", fields.CharField(max_length=500)),
            ],
            options={
                "table": "identities",
                "unique_together": (("platform", "workspace_id", "external_id"),),
                "indexes": [Index(fields=["person_id"])],
            },
        ),
        ops.CreateModel(
            name="Post",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("place", fields.CharField(max_length=500)),
                ("key", fields.CharField(null=True, unique=True, max_length=500)),
                ("author_person_id", fields.BigIntField(null=True)),
                ("view", fields.TextField()),
                ("version", fields.BigIntField()),
                ("created_at", fields.DatetimeField()),
                ("deleted_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "posts", "indexes": [Index(fields=["place", "version"])]},
        ),
        ops.CreateModel(
            name="PostClock",
            fields=[
                ("place", fields.CharField(primary_key=True, max_length=500)),
                ("version", fields.BigIntField()),
            ],
            options={"table": "post_clocks"},
        ),
        ops.CreateModel(
            name="Process",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=500)),
                ("started_at", fields.DatetimeField()),
                ("beat", fields.BigIntField(db_default=0)),
                ("slots", fields.TextField(db_default="{}")),
            ],
            options={"table": "processes"},
        ),
        ops.CreateModel(
            name="Reservation",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("key", fields.CharField(null=True, unique=True, max_length=500)),
                ("process", fields.CharField(max_length=500)),
                ("state", fields.CharField(max_length=200)),
                ("amount", fields.BigIntField()),
                ("created_at", fields.DatetimeField()),
                ("settled_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "reservations", "indexes": [Index(fields=["state", "process"])]},
        ),
        ops.CreateModel(
            name="ReservationLine",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("reservation", "Reservation"),
                _reference("period", "BudgetPeriod"),
                ("amount", fields.BigIntField()),
            ],
            options={"table": "reservation_lines", "unique_together": (("reservation_id", "period_id"),)},
        ),
        ops.CreateModel(
            name="Role",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("person", "Person"),
                ("workspace_id", fields.CharField(null=True, max_length=500)),
                ("role", fields.CharField(max_length=200)),
            ],
            options={"table": "roles", "indexes": [Index(fields=["person_id"])]},
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                _reference("person", "Person"),
                ("created_at", fields.DatetimeField()),
                ("seen_at", fields.DatetimeField()),
                ("expires_at", fields.DatetimeField()),
                ("revoked_at", fields.DatetimeField(null=True)),
                ("agent", fields.TextField()),
            ],
            options={"table": "sessions", "indexes": [Index(fields=["person_id"])]},
        ),
        ops.CreateModel(
            name="Setting",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("scope", fields.CharField(max_length=500)),
                ("key", fields.CharField(max_length=200)),
                ("value", fields.TextField()),
                ("set_by", fields.BigIntField(null=True)),
                ("set_at", fields.DatetimeField()),
            ],
            options={"table": "settings", "unique_together": (("scope", "key"),)},
        ),
        ops.CreateModel(
            name="SignInLink",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                _reference("person", "Person", null=True),
                ("expires_at", fields.DatetimeField()),
                ("used_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "sign_in_links"},
        ),
        ops.CreateModel(
            name="Task",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("kind", fields.CharField(max_length=200)),
                ("key", fields.CharField(null=True, unique=True, max_length=500)),
                ("state", fields.CharField(max_length=200)),
                ("done", fields.BigIntField(db_default=0)),
                ("total", fields.BigIntField(db_default=0)),
                ("note", fields.TextField(db_default="")),
                ("payload", fields.TextField()),
                ("owner", fields.CharField(null=True, max_length=500)),
                ("fence", fields.BigIntField(db_default=0)),
                ("place", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField()),
                ("updated_at", fields.DatetimeField()),
            ],
            options={"table": "tasks", "indexes": [Index(fields=["state"])]},
        ),
        ops.CreateModel(
            name="UsageEntry",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("day", fields.CharField(max_length=10)),
                ("at", fields.DatetimeField()),
                ("workspace_id", fields.CharField(max_length=500)),
                ("place", fields.CharField(max_length=500)),
                ("person_id", fields.BigIntField(null=True)),
                ("conversation_id", fields.BigIntField(null=True)),
                ("message_id", fields.BigIntField(null=True)),
                ("reply_id", fields.BigIntField(null=True)),
                ("reservation_id", fields.BigIntField(null=True, unique=True)),
                ("kind", fields.CharField(max_length=200)),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("credential", fields.CharField(max_length=500)),
                ("input_tokens", fields.BigIntField()),
                ("cached_tokens", fields.BigIntField()),
                ("cache_write_tokens", fields.BigIntField()),
                ("output_tokens", fields.BigIntField()),
                ("reasoning_tokens", fields.BigIntField()),
                ("estimated", fields.BooleanField()),
                ("cost", fields.BigIntField(null=True)),
                ("price_source", fields.TextField()),
                ("prices", fields.TextField()),
                ("outcome", fields.CharField(max_length=200)),
                ("error_kind", fields.CharField(null=True, max_length=200)),
                ("first_token_ms", fields.BigIntField(null=True)),
                ("latency_ms", fields.BigIntField(null=True)),
                ("attempt", fields.IntField()),
                ("why", fields.CharField(max_length=200)),
            ],
            options={
                "table": "usage_entries",
                "indexes": [
                    Index(fields=["day"]),
                    Index(fields=["workspace_id", "day"]),
                    Index(fields=["conversation_id"]),
                ],
            },
        ),
        ops.CreateModel(
            name="Workspace",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=500)),
                ("name", fields.CharField(max_length=500)),
                ("time_zone", fields.CharField(db_default="UTC", max_length=200)),
                ("first_weekday", fields.IntField(db_default=0)),
                ("created_at", fields.DatetimeField()),
            ],
            options={"table": "workspaces"},
        ),
        ops.CreateModel(
            name="Conversation",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("place", fields.CharField(max_length=500)),
                _reference("workspace", "Workspace"),
                ("title", fields.TextField(db_default="")),
                ("current_model", fields.CharField(null=True, max_length=500)),
                ("agent_id", fields.BigIntField(null=True)),
                ("system", fields.TextField(null=True)),
                ("head_id", fields.BigIntField(null=True)),
                ("parent_message_id", fields.BigIntField(null=True)),
                ("person_id", fields.BigIntField(null=True)),
                ("cost", fields.BigIntField(db_default=0)),
                ("unpriced", fields.BigIntField(db_default=0)),
                ("owner", fields.CharField(null=True, max_length=500)),
                ("fence", fields.BigIntField(db_default=0)),
                ("created_at", fields.DatetimeField()),
                ("updated_at", fields.DatetimeField()),
                ("deleted_at", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "conversations",
                "indexes": [
                    Index(fields=["place"]),
                    Index(fields=["owner"]),
                    Index(fields=["person_id", "updated_at"]),
                ],
            },
        ),
        ops.CreateModel(
            name="InboxItem",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("key", fields.CharField(unique=True, max_length=500)),
                _reference("conversation", "Conversation"),
                ("place", fields.CharField(max_length=500)),
                ("person_id", fields.BigIntField(null=True)),
                ("author_name", fields.CharField(max_length=500)),
                ("kind", fields.CharField(max_length=200)),
                ("payload", fields.TextField()),
                ("state", fields.CharField(max_length=200)),
                ("reply_id", fields.BigIntField(null=True)),
                ("received_at", fields.DatetimeField()),
                ("sent_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "inbox", "indexes": [Index(fields=["state", "conversation_id"])]},
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("conversation", "Conversation"),
                ("parent_id", fields.BigIntField(null=True)),
                ("role", fields.CharField(max_length=200)),
                ("person_id", fields.BigIntField(null=True)),
                ("author_name", fields.CharField(db_default="", max_length=500)),
                ("external_id", fields.CharField(null=True, max_length=500)),
                ("text", fields.TextField()),
                ("model", fields.CharField(null=True, max_length=500)),
                ("reason", fields.TextField(null=True)),
                ("outcome", fields.CharField(null=True, max_length=200)),
                ("input_tokens", fields.BigIntField(db_default=0)),
                ("output_tokens", fields.BigIntField(db_default=0)),
                ("cost", fields.BigIntField(null=True)),
                ("latency_ms", fields.BigIntField(null=True)),
                ("first_token_ms", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField()),
                ("day", fields.CharField(max_length=10)),
            ],
            options={
                "table": "messages",
                "indexes": [Index(fields=["conversation_id"]), Index(fields=["parent_id"])],
            },
        ),
        ops.CreateModel(
            name="Attachment",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("message", "Message", null=True),
                _reference("inbox", "InboxItem", null=True),
                ("name", fields.TextField()),
                ("media_type", fields.CharField(max_length=200)),
                ("size", fields.BigIntField()),
                ("data", fields.BinaryField()),
                ("created_at", fields.DatetimeField()),
            ],
            options={
                "table": "attachments",
                "indexes": [Index(fields=["message_id"]), Index(fields=["inbox_id"])],
            },
        ),
        ops.CreateModel(
            name="Place",
            fields=[
                ("place", fields.CharField(primary_key=True, max_length=500)),
                _reference("workspace", "Workspace"),
                ("current_conversation_id", fields.BigIntField(null=True)),
                ("watermark", fields.TextField(null=True)),
                ("updated_at", fields.DatetimeField()),
            ],
            options={"table": "places"},
        ),
        ops.CreateModel(
            name="Reply",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("conversation", "Conversation"),
                ("message_id", fields.BigIntField(null=True)),
                ("question_id", fields.BigIntField()),
                ("parent_id", fields.BigIntField()),
                ("place", fields.CharField(max_length=500)),
                ("process", fields.CharField(max_length=500)),
                ("fence", fields.BigIntField()),
                ("state", fields.CharField(max_length=200)),
                ("phase", fields.CharField(max_length=200)),
                ("outcome", fields.CharField(null=True, max_length=200)),
                ("model", fields.CharField(null=True, max_length=500)),
                ("reason", fields.TextField(null=True)),
                ("text", fields.TextField()),
                ("shown", fields.BigIntField(db_default=0)),
                ("ended", fields.TextField(null=True)),
                ("attempt", fields.IntField(db_default=1)),
                ("stop_requested", fields.BooleanField(db_default=False)),
                ("reservation_id", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField()),
                ("sealed_at", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "replies",
                "indexes": [Index(fields=["conversation_id", "state"]), Index(fields=["state", "process"])],
            },
        ),
        ops.CreateModel(
            name="Page",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                _reference("reply", "Reply"),
                ("number", fields.IntField()),
                ("key", fields.CharField(unique=True, max_length=500)),
                ("message_id", fields.CharField(null=True, max_length=500)),
                ("state", fields.CharField(max_length=200)),
                ("start", fields.BigIntField()),
            ],
            options={"table": "pages", "unique_together": (("reply_id", "number"),)},
        ),
        ops.RunPython(_seed),
    ]
