"""Roll-ups of the ledger, by day: what reports read, so that none has to read a million entries."""

from __future__ import annotations

from tortoise import Model, fields

from storage.models import columns as c


class Sums(Model):
    """What was used. ``cost`` is nano-dollars; ``unpriced`` counts the requests whose price nobody knows."""

    requests = fields.BigIntField()
    failures = fields.BigIntField()
    fallbacks = fields.BigIntField()
    unpriced = fields.BigIntField()
    input_tokens = fields.BigIntField()
    cached_tokens = fields.BigIntField()
    cache_write_tokens = fields.BigIntField()
    output_tokens = fields.BigIntField()
    reasoning_tokens = fields.BigIntField()
    cost = c.nano()

    class Meta:
        abstract = True


class Timed(Sums):
    """What was used, and how many complete answers took how long: ``storage.figures.BOUNDS`` says what each counts."""

    b00 = fields.IntField()
    b01 = fields.IntField()
    b02 = fields.IntField()
    b03 = fields.IntField()
    b04 = fields.IntField()
    b05 = fields.IntField()
    b06 = fields.IntField()
    b07 = fields.IntField()
    b08 = fields.IntField()
    b09 = fields.IntField()
    b10 = fields.IntField()
    b11 = fields.IntField()
    b12 = fields.IntField()
    b13 = fields.IntField()
    b14 = fields.IntField()
    b15 = fields.IntField()

    class Meta:
        abstract = True


class UsageDay(Timed):
    """One day of one channel, person (0: nobody), model, credential and kind: for reports on a channel or a person."""

    id = c.identity()
    channel = c.key()
    day = fields.CharField(max_length=10)
    person_id = fields.BigIntField()
    provider = c.name()
    model = c.key()
    credential = c.key()
    kind = c.name()
    workspace_id = c.key()

    class Meta:
        table = "usage_days"
        unique_together = (
            ("channel", "day", "person_id", "provider", "model", "credential", "kind", "workspace_id"),
        )
        indexes = (("person_id", "day"),)


class UsageTotal(Timed):
    """One day of a whole workspace, for one value of one dimension: for reports on workspaces and the installation.

    ``dimension`` is "kind", "person", "channel", "model" (provider/model) or "credential" (provider/name).
    """

    id = c.identity()
    workspace_id = c.key()
    dimension = c.name()
    day = fields.CharField(max_length=10)
    subject = fields.CharField(max_length=800)

    class Meta:
        table = "usage_totals"
        unique_together = (("workspace_id", "dimension", "day", "subject"),)
        indexes = (("dimension", "day"), ("dimension", "subject", "day"))


class UsageThread(Sums):
    """One day of one person (0: nobody) in one conversation."""

    id = c.identity()
    conversation_id = fields.BigIntField()
    day = fields.CharField(max_length=10)
    person_id = fields.BigIntField()
    channel = c.key()
    workspace_id = c.key()

    class Meta:
        table = "usage_threads"
        unique_together = (("conversation_id", "day", "person_id"),)
        indexes = (("workspace_id", "day"), ("channel", "day"), ("person_id", "day"))
