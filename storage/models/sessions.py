"""Sign-in links and sessions. Only hashes of tokens are kept."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c

HASH = 64  # hexadecimal digits of a sha256


class SignInLink(Model):
    """A link that signs in once; ``person`` null: the first owner."""

    id = c.identity()
    token_hash = fields.CharField(max_length=HASH, unique=True)
    person = c.belongs_to("Person", null=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_links"


class Session(Model):
    """A browser that is signed in."""

    id = c.identity()
    token_hash = fields.CharField(max_length=HASH, unique=True)
    person = c.belongs_to("Person")
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    agent = fields.TextField()

    class Meta:
        table = "sessions"
        indexes = (("person_id",),)
