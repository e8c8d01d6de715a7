"""What is to be sent once, and where webhooks are."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c
from storage.models.vault import KEY_ID


class Sending(Model):
    """Something that goes to a target once per period: a digest, an alert; also the log of what became of it."""

    id = c.identity()
    kind = c.name()
    target = c.key()
    period = c.name()
    payload = fields.TextField()
    state = c.name()
    due_at = fields.DatetimeField()
    owner = c.key(null=True)
    leased_until = fields.DatetimeField(null=True)
    attempts = fields.BigIntField(db_default=0)
    message_id = c.key(null=True)
    said = fields.TextField(db_default="")
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sendings"
        unique_together = (("target", "period"),)
        indexes = (("state", "due_at"),)


class Webhook(Model):
    """An address that is told of alerts, with the secret that signs what it is told."""

    id = c.identity()
    name = c.name()
    taken = c.name(null=True, unique=True)
    url = fields.TextField()
    private = fields.BooleanField()
    kinds = fields.TextField()
    key_id = fields.CharField(max_length=KEY_ID)
    nonce = fields.BinaryField()
    ciphertext = fields.BinaryField()
    created_at = fields.DatetimeField()
    created_by = fields.BigIntField(null=True)
    removed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhooks"
        indexes = (("key_id",),)
