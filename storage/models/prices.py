"""Prices that admins set, and what is learned of each model's tokens."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class PriceOverride(Model):
    """What a model costs from a moment on, in decimal dollars per million tokens; ``per_request`` per request."""

    id = c.identity()
    provider = c.name()
    model = c.key()
    valid_from = fields.DatetimeField()
    input = c.name()
    output = c.name()
    cached = c.name(null=True)
    cache_write = c.name(null=True)
    per_request = c.name(null=True)
    note = fields.TextField()
    set_by = fields.BigIntField(null=True)
    set_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "price_overrides"
        indexes = (("provider", "model"),)


class ModelEstimate(Model):
    """What providers' counts have shown of a model: the factor to our estimates, and how long its answers are."""

    id = c.identity()
    provider = c.name()
    model = c.key()
    factor = fields.FloatField()
    samples = fields.BigIntField()
    output = fields.FloatField()
    answers = fields.BigIntField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "model_estimates"
        unique_together = (("provider", "model"),)
