"""What branches need: forks, summaries, and how often what a reply answers was edited meanwhile."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Forks and summaries; edits of what a reply answers, and when another answer was offered for one."""

    dependencies = [("storage", "0009_agents")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddField("Reply", "amended", fields.BigIntField(db_default=0)),
        ops.AddField("Reply", "offered_at", fields.DatetimeField(null=True)),
        ops.CreateModel(
            name="Fork",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("key", fields.CharField(unique=True, max_length=500)),
                (
                    "message",
                    fields.ForeignKeyField(
                        "storage.Message",
                        source_field="message_id",
                        to_field="id",
                        db_constraint=True,
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("origin", fields.CharField(max_length=500)),
                ("person_id", fields.BigIntField(null=True)),
                ("model", fields.CharField(null=True, max_length=500)),
                ("process", fields.CharField(max_length=500)),
                ("place", fields.CharField(null=True, max_length=500)),
                ("opening", fields.CharField(null=True, max_length=500)),
                ("conversation_id", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField()),
            ],
            options={"table": "forks", "indexes": [Index(fields=["place"]), Index(fields=["opening"])]},
        ),
        ops.CreateModel(
            name="Summary",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("message_id", fields.BigIntField(unique=True)),
                ("conversation_id", fields.BigIntField()),
                ("covers", fields.BigIntField()),
                ("text", fields.TextField(null=True)),
                ("model", fields.CharField(null=True, max_length=500)),
                ("person_id", fields.BigIntField(null=True)),
                ("created_at", fields.DatetimeField()),
            ],
            options={"table": "summaries"},
        ),
    ]
