"""Approvals: what was asked of an admin, and what was said to it."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Approval(Model):
    """More room in a budget's period for a question that was refused. ``amount`` is nano-dollars.

    One for each refused reply and budget: ``reply_id`` and ``budget_id`` find it again.
    """

    id = c.identity()
    state = c.name()
    budget_id = fields.BigIntField()
    period_id = fields.BigIntField()
    amount = c.nano()
    workspace_id = c.key()
    place = c.key()
    conversation_id = fields.BigIntField()
    reply_id = fields.BigIntField()
    person_id = fields.BigIntField(null=True)
    model = c.key()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    asked_by = fields.BigIntField(null=True)
    asked_at = fields.DatetimeField(null=True)
    decided_by = fields.BigIntField(null=True)
    decided_at = fields.DatetimeField(null=True)
    granted = c.nano(null=True)

    class Meta:
        table = "approvals"
        unique_together = (("reply_id", "budget_id"),)
        indexes = (("workspace_id", "state"),)
