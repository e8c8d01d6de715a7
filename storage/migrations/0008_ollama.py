"""Tasks that people watch and may stop: the message that shows one, and whether its last words are owed."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """What a task shows, and the wish that it stop."""

    dependencies = [("storage", "0007_health")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddField("Task", "stop_requested", fields.BooleanField(db_default=False)),
        ops.AddField("Task", "owes", fields.BooleanField(db_default=False)),
        ops.AddField("Task", "message_key", fields.CharField(null=True, max_length=200)),
        ops.AddField("Task", "message_id", fields.CharField(null=True, max_length=500)),
        ops.AddIndex("Task", Index(fields=["kind"])),
    ]
