"""Usage entries and reservations."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class UsageEntry(Model):
    """What one attempt used and cost, with the prices that applied. Only ever added.

    ``channel`` is set once the entry counts in the roll-ups; ``corrects`` is the entry that a correction is of.
    """

    id = c.identity()
    day = fields.CharField(max_length=10)
    at = fields.DatetimeField()
    workspace_id = c.key()
    place = c.key()
    person_id = fields.BigIntField(null=True)
    conversation_id = fields.BigIntField(null=True)
    message_id = fields.BigIntField(null=True)
    reply_id = fields.BigIntField(null=True)
    reservation_id = fields.BigIntField(null=True, unique=True)
    kind = c.name()
    provider = c.name()
    model = c.key()
    credential = c.key()
    input_tokens = fields.BigIntField()
    cached_tokens = fields.BigIntField()
    cache_write_tokens = fields.BigIntField()
    output_tokens = fields.BigIntField()
    reasoning_tokens = fields.BigIntField()
    estimated = fields.BooleanField()
    cost = c.nano(null=True)
    price_source = fields.TextField()
    prices = fields.TextField()
    outcome = c.name()
    error_kind = c.name(null=True)
    first_token_ms = fields.BigIntField(null=True)
    latency_ms = fields.BigIntField(null=True)
    attempt = fields.IntField()
    why = c.name()
    channel = c.key(null=True)
    corrects = fields.BigIntField(null=True)

    class Meta:
        table = "usage_entries"
        indexes = (("day",), ("workspace_id", "day"), ("conversation_id",), ("corrects",))


class Reservation(Model):
    """An amount held for a call that is under way."""

    id = c.identity()
    key = c.key(null=True, unique=True)
    process = c.key()
    state = c.name()
    amount = c.nano()
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    credential = c.key(null=True)

    class Meta:
        table = "reservations"
        indexes = (("state", "process"),)


class ReservationLine(Model):
    """What a reservation holds in one budget's period."""

    id = c.identity()
    reservation = c.belongs_to("Reservation")
    period = c.belongs_to("BudgetPeriod")
    amount = c.nano()

    class Meta:
        table = "reservation_lines"
        unique_together = (("reservation_id", "period_id"),)
