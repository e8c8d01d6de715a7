"""Tasks."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Task(Model):
    """Anything long."""

    id = c.identity()
    kind = c.name()
    key = c.key(null=True, unique=True)
    state = c.name()
    done = fields.BigIntField(db_default=0)
    total = fields.BigIntField(db_default=0)
    note = fields.TextField(db_default="")
    payload = fields.TextField()
    owner = c.key(null=True)
    fence = fields.BigIntField(db_default=0)
    place = c.key(null=True)
    stop_requested = fields.BooleanField(db_default=False)
    owes = fields.BooleanField(db_default=False)
    message_key = c.name(null=True)
    message_id = c.key(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "tasks"
        indexes = (("state",), ("kind",))
