"""Agents: named personas."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Agent(Model):
    """A persona of a workspace, or with ``workspace_id`` "" of all of them.

    ``taken`` is workspace and name while it is there: no two of them share one.
    """

    id = c.identity()
    workspace_id = c.key()
    name = c.name()
    taken = c.key(null=True, unique=True)
    instructions = fields.TextField()
    model = c.key(null=True)
    temperature = fields.FloatField(null=True)
    effort = c.name(null=True)
    max_output = fields.BigIntField(null=True)
    icon = c.name(db_default="")
    created_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "agents"
        indexes = (("workspace_id",),)
