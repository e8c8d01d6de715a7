"""Workspaces, and the places in them."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Workspace(Model):
    """A Slack workspace, a Discord guild, or the built-in web."""

    id = c.key(primary_key=True)
    name = c.key()
    time_zone = c.name(db_default="UTC")
    first_weekday = fields.IntField(db_default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "workspaces"


class Place(Model):
    """A thread or channel, and the conversation it is in."""

    place = c.key(primary_key=True)
    workspace = c.belongs_to("Workspace")
    current_conversation_id = fields.BigIntField(null=True)
    watermark = fields.TextField(null=True)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "places"
