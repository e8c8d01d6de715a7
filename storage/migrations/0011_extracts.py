"""What was read of a document stands beside its bytes, and is read once; posts of the web chat take a picture."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The text of attachments, the pictures of posts."""

    dependencies = [("storage", "0010_branches")]  # noqa: RUF012 - the library's form

    operations = [  # noqa: RUF012 - the library's form
        ops.AddField("Attachment", "content", fields.TextField(null=True)),
        ops.AddField("Attachment", "extent", fields.TextField(null=True)),
        ops.AddField("Post", "picture", fields.BinaryField(null=True)),
        ops.AddField("Post", "picture_alt", fields.TextField(null=True)),
    ]
