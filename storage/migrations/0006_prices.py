"""Prices that admins set, and what is learned of each model's tokens."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Overrides of prices, and estimates."""

    dependencies = [("storage", "0005_models")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="PriceOverride",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("valid_from", fields.DatetimeField()),
                ("input", fields.CharField(max_length=200)),
                ("output", fields.CharField(max_length=200)),
                ("cached", fields.CharField(null=True, max_length=200)),
                ("cache_write", fields.CharField(null=True, max_length=200)),
                ("per_request", fields.CharField(null=True, max_length=200)),
                ("note", fields.TextField()),
                ("set_by", fields.BigIntField(null=True)),
                ("set_at", fields.DatetimeField()),
                ("removed_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "price_overrides", "indexes": [Index(fields=["provider", "model"])]},
        ),
        ops.CreateModel(
            name="ModelEstimate",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("factor", fields.FloatField()),
                ("samples", fields.BigIntField()),
                ("output", fields.FloatField()),
                ("answers", fields.BigIntField()),
                ("updated_at", fields.DatetimeField()),
            ],
            options={"table": "model_estimates", "unique_together": (("provider", "model"),)},
        ),
    ]
