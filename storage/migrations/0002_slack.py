"""What platforms need whose people edit, delete, attach files and rate answers."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Feedback, withdrawn messages, files that were promised, and finding a message by its platform's key."""

    dependencies = [("storage", "0001_initial")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddField("Message", "withdrawn_at", fields.DatetimeField(null=True)),
        ops.AddIndex("Message", Index(fields=["external_id"])),
        ops.AddField("Attachment", "state", fields.CharField(max_length=200, db_default="kept")),
        ops.AddField("Attachment", "ref", fields.TextField(null=True)),
        ops.AddField("Attachment", "note", fields.TextField(null=True)),
        ops.CreateModel(
            name="Feedback",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
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
                ("person_id", fields.BigIntField()),
                ("verdict", fields.CharField(max_length=200)),
                ("model", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField()),
            ],
            options={"table": "feedback", "unique_together": (("message_id", "person_id"),)},
        ),
    ]
