"""People, identities, roles."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Person(Model):
    """Somebody we know."""

    id = c.identity()
    name = c.key()
    created_at = fields.DatetimeField()

    class Meta:
        table = "people"


class Identity(Model):
    """Who a person is on a platform."""

    id = c.identity()
    person = c.belongs_to("Person")
    platform = c.name()
    workspace_id = c.key()
    external_id = c.key()
    name = c.key()

    class Meta:
        table = "identities"
        unique_together = (("platform", "workspace_id", "external_id"),)
        indexes = (("person_id",),)


class Role(Model):
    """What a person may do; ``workspace_id`` null: in the whole installation."""

    id = c.identity()
    person = c.belongs_to("Person")
    workspace_id = c.key(null=True)
    role = c.name()

    class Meta:
        table = "roles"
        indexes = (("person_id",),)
