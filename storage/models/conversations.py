"""Conversations, messages, attachments, feedback."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Conversation(Model):
    """What is said in one thread. ``owner`` and ``fence`` make one process its only writer."""

    id = c.identity()
    place = c.key()
    workspace = c.belongs_to("Workspace")
    title = fields.TextField(db_default="")
    current_model = c.key(null=True)
    agent_id = fields.BigIntField(null=True)
    system = fields.TextField(null=True)
    head_id = fields.BigIntField(null=True)
    parent_message_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    cost = c.nano(db_default=0)
    unpriced = fields.BigIntField(db_default=0)
    owner = c.key(null=True)
    fence = fields.BigIntField(db_default=0)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "conversations"
        indexes = (("place",), ("owner",), ("person_id", "updated_at"))


class Message(Model):
    """One turn. ``parent_id`` makes the conversation a tree."""

    id = c.identity()
    conversation = c.belongs_to("Conversation")
    parent_id = fields.BigIntField(null=True)
    role = c.name()
    person_id = fields.BigIntField(null=True)
    author_name = c.key(db_default="")
    external_id = c.key(null=True)
    text = fields.TextField()
    model = c.key(null=True)
    reason = fields.TextField(null=True)
    outcome = c.name(null=True)
    input_tokens = fields.BigIntField(db_default=0)
    output_tokens = fields.BigIntField(db_default=0)
    cost = c.nano(null=True)
    latency_ms = fields.BigIntField(null=True)
    first_token_ms = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    day = fields.CharField(max_length=10)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "messages"
        indexes = (("conversation_id",), ("parent_id",), ("external_id",), ("person_id", "conversation_id"))


class Attachment(Model):
    """A file, with its bytes: of an item in the inbox at first, of the message made from it later.

    A file that was only promised has its ``ref`` and no bytes; ``note`` says why one could not be had. Of a document
    that was read ``content`` is its text, and ``extent`` how much of it that is.
    """

    id = c.identity()
    message = c.belongs_to("Message", null=True)
    inbox = c.belongs_to("InboxItem", null=True)
    name = fields.TextField()
    media_type = c.name()
    size = fields.BigIntField()
    data = fields.BinaryField()
    created_at = fields.DatetimeField()
    state = c.name(db_default="kept")
    ref = fields.TextField(null=True)
    note = fields.TextField(null=True)
    content = fields.TextField(null=True)
    extent = fields.TextField(null=True)

    class Meta:
        table = "attachments"
        indexes = (("message_id",), ("inbox_id",))


class Feedback(Model):
    """What a person thought of an answer, and the model that had given it."""

    id = c.identity()
    message = c.belongs_to("Message")
    person_id = fields.BigIntField()
    verdict = c.name()
    model = c.key(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "feedback"
        unique_together = (("message_id", "person_id"),)
        indexes = (("created_at",),)
