"""What is to be sent once (digests, alerts), and webhooks."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Sendings and webhooks; verdicts by the time they were given."""

    dependencies = [("storage", "0013_reading")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="Sending",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("kind", fields.CharField(max_length=200)),
                ("target", fields.CharField(max_length=500)),
                ("period", fields.CharField(max_length=200)),
                ("payload", fields.TextField()),
                ("state", fields.CharField(max_length=200)),
                ("due_at", fields.DatetimeField()),
                ("owner", fields.CharField(null=True, max_length=500)),
                ("leased_until", fields.DatetimeField(null=True)),
                ("attempts", fields.BigIntField(db_default=0)),
                ("message_id", fields.CharField(null=True, max_length=500)),
                ("said", fields.TextField(db_default="")),
                ("created_at", fields.DatetimeField()),
                ("sent_at", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "sendings",
                "unique_together": (("target", "period"),),
                "indexes": [Index(fields=["state", "due_at"])],
            },
        ),
        ops.CreateModel(
            name="Webhook",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("name", fields.CharField(max_length=200)),
                ("taken", fields.CharField(null=True, unique=True, max_length=200)),
                ("url", fields.TextField()),
                ("private", fields.BooleanField()),
                ("kinds", fields.TextField()),
                ("key_id", fields.CharField(max_length=16)),
                ("nonce", fields.BinaryField()),
                ("ciphertext", fields.BinaryField()),
                ("created_at", fields.DatetimeField()),
                ("created_by", fields.BigIntField(null=True)),
                ("removed_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "webhooks", "indexes": [Index(fields=["key_id"])]},
        ),
        ops.AddIndex("Feedback", Index(fields=["created_at"])),
    ]
