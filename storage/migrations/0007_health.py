"""How providers and models do, turns that processes take, and requests by the minute."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Health, turns and counts of requests."""

    dependencies = [("storage", "0006_prices")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.CreateModel(
            name="ProviderHealth",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("credential", fields.CharField(max_length=500)),
                ("status", fields.CharField(max_length=200)),
                ("kind", fields.CharField(max_length=200)),
                ("said", fields.TextField()),
                ("since", fields.DatetimeField()),
                ("seen_at", fields.DatetimeField()),
                ("open", fields.BooleanField()),
                ("latency_ms", fields.BigIntField(null=True)),
                ("recent_ms", fields.FloatField(null=True)),
                ("usual_ms", fields.FloatField(null=True)),
                ("speed", fields.FloatField(null=True)),
                ("usual_speed", fields.FloatField(null=True)),
                ("answers", fields.BigIntField()),
                ("version", fields.BigIntField(db_default=1)),
            ],
            options={"table": "provider_health", "unique_together": (("provider", "credential"),)},
        ),
        ops.CreateModel(
            name="ModelHealth",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("provider", fields.CharField(max_length=200)),
                ("model", fields.CharField(max_length=500)),
                ("status", fields.CharField(max_length=200)),
                ("kind", fields.CharField(max_length=200)),
                ("said", fields.TextField()),
                ("since", fields.DatetimeField()),
                ("seen_at", fields.DatetimeField()),
                ("open", fields.BooleanField()),
                ("latency_ms", fields.BigIntField(null=True)),
                ("recent_ms", fields.FloatField(null=True)),
                ("usual_ms", fields.FloatField(null=True)),
                ("speed", fields.FloatField(null=True)),
                ("usual_speed", fields.FloatField(null=True)),
                ("answers", fields.BigIntField()),
                ("version", fields.BigIntField(db_default=1)),
            ],
            options={"table": "model_health", "unique_together": (("provider", "model"),)},
        ),
        ops.CreateModel(
            name="Turn",
            fields=[
                ("name", fields.CharField(primary_key=True, max_length=200)),
                ("number", fields.BigIntField()),
            ],
            options={"table": "turns"},
        ),
        ops.CreateModel(
            name="RequestCount",
            fields=[
                ("subject", fields.CharField(primary_key=True, max_length=500)),
                ("minute", fields.BigIntField()),
                ("count", fields.BigIntField()),
                ("before", fields.BigIntField()),
            ],
            options={"table": "request_counts"},
        ),
    ]
