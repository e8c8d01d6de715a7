"""What platforms need whose people reply to one message among many."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Finding a page by its platform's message."""

    dependencies = [("storage", "0002_slack")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddIndex("Page", Index(fields=["message_id"])),
    ]
