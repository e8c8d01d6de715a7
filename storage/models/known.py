"""Models that providers listed, and providers and models that admins entered."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c

FULL = 701  # characters of a provider, a slash and a model's id


class KnownModel(Model):
    """A model of a provider's list. ``data`` is JSON; ``gone_at`` is when a list first came without it."""

    id = c.identity()
    provider = c.name()
    model = c.key()
    origin = fields.TextField()
    data = fields.TextField()
    listed_at = fields.DatetimeField()
    gone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "known_models"
        unique_together = (("provider", "model"),)


class CustomProvider(Model):
    """A provider that was entered. ``taken`` is its id while it is in force."""

    id = c.identity()
    slug = c.name()
    taken = c.name(null=True, unique=True)
    name = c.name()
    base_url = fields.TextField()
    keyless = fields.BooleanField(db_default=False)
    version = fields.BigIntField(db_default=1)
    added_at = fields.DatetimeField()
    added_by = fields.BigIntField(null=True)
    removed_at = fields.DatetimeField(null=True)
    removed_by = fields.BigIntField(null=True)

    class Meta:
        table = "custom_providers"


class CustomModel(Model):
    """A model that was entered. ``taken`` is provider/model while it is in force; ``data`` is JSON."""

    id = c.identity()
    provider = c.name()
    model = c.key()
    taken = fields.CharField(max_length=FULL, null=True, unique=True)
    data = fields.TextField()
    version = fields.BigIntField(db_default=1)
    added_at = fields.DatetimeField()
    added_by = fields.BigIntField(null=True)
    removed_at = fields.DatetimeField(null=True)
    removed_by = fields.BigIntField(null=True)

    class Meta:
        table = "custom_models"
