"""Settings, and the record of who changed what."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Setting(Model):
    """A value at a scope."""

    id = c.identity()
    scope = c.key()
    key = c.name()
    value = fields.TextField()
    set_by = fields.BigIntField(null=True)
    set_at = fields.DatetimeField()

    class Meta:
        table = "settings"
        unique_together = (("scope", "key"),)


class AuditEntry(Model):
    """One change, by whom, and what it was before and after (JSON)."""

    id = c.identity()
    at = fields.DatetimeField()
    person_id = fields.BigIntField(null=True)
    action = c.name()
    subject = fields.TextField()
    before = fields.TextField(null=True)
    after = fields.TextField(null=True)

    class Meta:
        table = "audit"
        indexes = (("at",), ("subject",))
