"""Notices."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Notice(Model):
    """What somebody should be told, once per key."""

    id = c.identity()
    kind = c.name()
    key = c.key(unique=True)
    text = fields.TextField()
    scope = c.name()
    subject = c.key()
    created_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notices"
        indexes = (("delivered_at",),)
