"""Columns that many tables have."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance

NAME = 200  # characters of names, kinds, models and the like
KEY = 500  # characters of keys, places and other ids of ours


def identity() -> fields.BigIntField:
    """The row's own number."""
    return fields.BigIntField(primary_key=True)


def key(**more: Any) -> fields.CharField[str]:
    """A place, a key or another id of ours."""
    return fields.CharField(max_length=KEY, **more)


def name(**more: Any) -> fields.CharField[str]:
    """Something short."""
    return fields.CharField(max_length=NAME, **more)


def nano(**more: Any) -> fields.BigIntField:
    """An amount in nano-dollars."""
    return fields.BigIntField(**more)


def belongs_to(model: str, **more: Any) -> ForeignKeyFieldInstance[Any]:
    """A reference. Rows that are referred to cannot be deleted: nothing may vanish by a cascade."""
    reference: ForeignKeyFieldInstance[Any] = fields.ForeignKeyField(
        f"storage.{model}", related_name=False, on_delete=fields.RESTRICT, **more
    )
    return reference
