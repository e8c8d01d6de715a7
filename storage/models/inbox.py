"""The inbox."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class InboxItem(Model):
    """Something addressed to us. ``key`` makes repeated deliveries fall together."""

    id = c.identity()
    key = c.key(unique=True)
    conversation = c.belongs_to("Conversation")
    place = c.key()
    person_id = fields.BigIntField(null=True)
    author_name = c.key()
    kind = c.name()
    payload = fields.TextField()
    state = c.name()
    reply_id = fields.BigIntField(null=True)
    received_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "inbox"
        indexes = (("state", "conversation_id"),)
