"""What makes branches: forks, and summaries of what lies before."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Fork(Model):
    """A conversation that goes on elsewhere from a message of another one.

    ``origin`` is the place it was asked for, ``key`` makes repeated wishes one, which ``process`` has in hand.
    ``place``, ``opening`` (the platform's id of our first message there) and ``conversation_id`` are known once it is
    made.
    """

    id = c.identity()
    key = c.key(unique=True)
    message = c.belongs_to("Message")
    origin = c.key()
    person_id = fields.BigIntField(null=True)
    model = c.key(null=True)
    process = c.key()
    place = c.key(null=True)
    opening = c.key(null=True)
    conversation_id = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "forks"
        indexes = (("place",), ("opening",))


class Summary(Model):
    """Stands, for models, in the place of a message and of all that led to it. Without a text it is being made."""

    id = c.identity()
    message_id = fields.BigIntField(unique=True)
    conversation_id = fields.BigIntField()
    covers = fields.BigIntField()
    text = fields.TextField(null=True)
    model = c.key(null=True)
    person_id = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "summaries"
