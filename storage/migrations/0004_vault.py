"""The vault: credentials, the keys that encrypt them, and the credential that a reservation was made with."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Credentials and secret keys."""

    dependencies = [("storage", "0003_discord")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="Credential",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("name", fields.CharField(max_length=200)),
                ("taken", fields.CharField(null=True, unique=True, max_length=200)),
                ("scope", fields.CharField(max_length=500)),
                ("key_id", fields.CharField(max_length=16)),
                ("nonce", fields.BinaryField()),
                ("ciphertext", fields.BinaryField()),
                ("last_four", fields.CharField(max_length=4)),
                ("base_url", fields.TextField(null=True)),
                ("organisation", fields.TextField(null=True)),
                ("version", fields.BigIntField(db_default=1)),
                ("created_at", fields.DatetimeField()),
                ("created_by", fields.BigIntField(null=True)),
                ("changed_at", fields.DatetimeField()),
                ("changed_by", fields.BigIntField(null=True)),
                ("used_at", fields.DatetimeField(null=True)),
                ("revoked_at", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "credentials",
                "indexes": [Index(fields=["provider", "scope"]), Index(fields=["key_id"])],
            },
        ),
        ops.CreateModel(
            name="SecretKey",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=16)),
                ("source", fields.TextField()),
                ("made_at", fields.DatetimeField()),
                ("seen_at", fields.DatetimeField()),
                ("retired_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "secret_keys"},
        ),
        ops.AddField("Reservation", "credential", fields.CharField(null=True, max_length=500)),
    ]
