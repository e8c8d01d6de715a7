"""Processes."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Process(Model):
    """A process that serves this database; its ``beat`` moves as long as it lives."""

    id = c.key(primary_key=True)
    started_at = fields.DatetimeField()
    beat = fields.BigIntField(db_default=0)
    slots = fields.TextField(db_default="{}")

    class Meta:
        table = "processes"
