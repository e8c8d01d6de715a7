"""Credentials, and what is known of the keys that encrypt them. No column holds a secret in clear text."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c

KEY_ID = 16  # characters of a secret key's id


class Credential(Model):
    """A named key of a provider. ``taken`` is the name while it is in force: no two of them share one."""

    id = c.identity()
    provider = c.name()
    name = c.name()
    taken = c.name(null=True, unique=True)
    scope = c.key()
    key_id = fields.CharField(max_length=KEY_ID)
    nonce = fields.BinaryField()
    ciphertext = fields.BinaryField()
    last_four = fields.CharField(max_length=4)
    base_url = fields.TextField(null=True)
    organisation = fields.TextField(null=True)
    version = fields.BigIntField(db_default=1)
    created_at = fields.DatetimeField()
    created_by = fields.BigIntField(null=True)
    changed_at = fields.DatetimeField()
    changed_by = fields.BigIntField(null=True)
    used_at = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credentials"
        indexes = (("provider", "scope"), ("key_id",))


class SecretKey(Model):
    """A secret key that was used here: where it was last, never what it is."""

    id = fields.CharField(max_length=KEY_ID, primary_key=True)
    source = fields.TextField()
    made_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "secret_keys"
