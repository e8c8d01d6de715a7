"""A key can be taken out of use for a while without being forgotten."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """When a key was disabled."""

    dependencies = [("storage", "0014_digest")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddField("Credential", "disabled_at", fields.DatetimeField(null=True)),
    ]
