"""Replies and their pages."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Reply(Model):
    """A message that is growing or was. Every write to it is under the ``fence``."""

    id = c.identity()
    conversation = c.belongs_to("Conversation")
    message_id = fields.BigIntField(null=True)
    question_id = fields.BigIntField()
    parent_id = fields.BigIntField()
    place = c.key()
    process = c.key()
    fence = fields.BigIntField()
    state = c.name()
    phase = c.name()
    outcome = c.name(null=True)
    model = c.key(null=True)
    reason = fields.TextField(null=True)
    text = fields.TextField()
    shown = fields.BigIntField(db_default=0)
    ended = fields.TextField(null=True)
    attempt = fields.IntField(db_default=1)
    stop_requested = fields.BooleanField(db_default=False)
    reservation_id = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    sealed_at = fields.DatetimeField(null=True)
    amended = fields.BigIntField(db_default=0)
    offered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "replies"
        indexes = (("conversation_id", "state"), ("state", "process"))


class Page(Model):
    """One platform message of a reply. ``key`` is ours and stands in the message; ``message_id`` is the platform's."""

    id = c.identity()
    reply = c.belongs_to("Reply")
    number = fields.IntField()
    key = c.key(unique=True)
    message_id = c.key(null=True)
    state = c.name()
    start = fields.BigIntField()

    class Meta:
        table = "pages"
        unique_together = (("reply_id", "number"),)
        indexes = (("message_id",),)
