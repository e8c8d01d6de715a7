"""How providers and models do, whose turn it is to look, and how often people have asked."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class ProviderHealth(Model):
    """A provider as one credential reaches it. ``version`` moves with every write."""

    id = c.identity()
    provider = c.name()
    credential = c.key()
    status = c.name()
    kind = c.name()
    said = fields.TextField()
    since = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    open = fields.BooleanField()
    latency_ms = fields.BigIntField(null=True)
    recent_ms = fields.FloatField(null=True)
    usual_ms = fields.FloatField(null=True)
    speed = fields.FloatField(null=True)
    usual_speed = fields.FloatField(null=True)
    answers = fields.BigIntField()
    version = fields.BigIntField(db_default=1)

    class Meta:
        table = "provider_health"
        unique_together = (("provider", "credential"),)


class ModelHealth(Model):
    """A model, whichever credential it is asked with."""

    id = c.identity()
    provider = c.name()
    model = c.key()
    status = c.name()
    kind = c.name()
    said = fields.TextField()
    since = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    open = fields.BooleanField()
    latency_ms = fields.BigIntField(null=True)
    recent_ms = fields.FloatField(null=True)
    usual_ms = fields.FloatField(null=True)
    speed = fields.FloatField(null=True)
    usual_speed = fields.FloatField(null=True)
    answers = fields.BigIntField()
    version = fields.BigIntField(db_default=1)

    class Meta:
        table = "model_health"
        unique_together = (("provider", "model"),)


class Turn(Model):
    """Something that one process does for all: ``number`` moves each time it is done."""

    name = c.name(primary_key=True)
    number = fields.BigIntField()

    class Meta:
        table = "turns"


class RequestCount(Model):
    """The requests of a person or a workspace: in a minute since 1970, and in the one before."""

    subject = c.key(primary_key=True)
    minute = fields.BigIntField()
    count = fields.BigIntField()
    before = fields.BigIntField()

    class Meta:
        table = "request_counts"
