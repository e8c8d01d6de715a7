"""Budgets and their periods."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Budget(Model):
    """How much may be spent, by whom and in how long a time. ``at_limit`` is "refuse", "ask" or "cheapest"."""

    id = c.identity()
    scope = c.name()
    subject = c.key(db_default="")
    period = c.name()
    amount = c.nano()
    hard = fields.BooleanField(db_default=True)
    thresholds = c.name(db_default="80")
    time_zone = c.name(db_default="UTC")
    first_weekday = fields.IntField(db_default=0)
    created_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)
    at_limit = c.name(db_default="refuse")

    class Meta:
        table = "budgets"
        indexes = (("scope", "subject"),)


class BudgetPeriod(Model):
    """One day, week or month of a budget. ``noted`` is the highest threshold somebody was told of.

    ``subject`` is the person whose period it is, where the budget is each person's; ``extra`` what admins approved.
    """

    id = c.identity()
    budget = c.belongs_to("Budget")
    key = c.name()
    spent = c.nano(db_default=0)
    reserved = c.nano(db_default=0)
    noted = fields.IntField(db_default=0)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    extra = c.nano(db_default=0)
    subject = c.key(db_default="")

    class Meta:
        table = "budget_periods"
        unique_together = (("budget_id", "key"),)
