"""Models that providers listed, and providers and models that admins entered."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Known models, custom providers, custom models."""

    dependencies = [("storage", "0004_vault")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="KnownModel",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("origin", fields.TextField()),
                ("data", fields.TextField()),
                ("listed_at", fields.DatetimeField()),
                ("gone_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "known_models", "unique_together": (("provider", "model"),)},
        ),
        ops.CreateModel(
            name="CustomProvider",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("slug", fields.CharField(max_length=200)),
                ("taken", fields.CharField(null=True, unique=True, max_length=200)),
                ("name", fields.CharField(max_length=200)),
                ("base_url", fields.TextField()),
                ("keyless", fields.BooleanField(db_default=False)),
                ("version", fields.BigIntField(db_default=1)),
                ("added_at", fields.DatetimeField()),
                ("added_by", fields.BigIntField(null=True)),
                ("removed_at", fields.DatetimeField(null=True)),
                ("removed_by", fields.BigIntField(null=True)),
            ],
            options={"table": "custom_providers"},
        ),
        ops.CreateModel(
            name="CustomModel",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("taken", fields.CharField(null=True, unique=True, max_length=701)),
                ("data", fields.TextField()),
                ("version", fields.BigIntField(db_default=1)),
                ("added_at", fields.DatetimeField()),
                ("added_by", fields.BigIntField(null=True)),
                ("removed_at", fields.DatetimeField(null=True)),
                ("removed_by", fields.BigIntField(null=True)),
            ],
            options={"table": "custom_models"},
        ),
    ]
