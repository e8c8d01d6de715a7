"""The web chat's messages."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Post(Model):
    """What a person wrote in the browser, or what we showed there; ``picture`` is a PNG that goes with it."""

    id = c.identity()
    place = c.key()
    key = c.key(null=True, unique=True)
    author_person_id = fields.BigIntField(null=True)
    view = fields.TextField()
    version = fields.BigIntField()
    created_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)
    picture = fields.BinaryField(null=True)
    picture_alt = fields.TextField(null=True)

    class Meta:
        table = "posts"
        indexes = (("place", "version"),)


class PostClock(Model):
    """The last version of a place. Its row lock makes versions commit in their order."""

    place = c.key(primary_key=True)
    version = fields.BigIntField()

    class Meta:
        table = "post_clocks"
