"""An index for finding the conversations that a person took part in."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Messages by person."""

    dependencies = [("storage", "0012_money")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddIndex("Message", Index(fields=["person_id", "conversation_id"])),
    ]
