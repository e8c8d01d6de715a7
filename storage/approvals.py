"""Approvals: more room in a budget for a question that was refused, asked of an admin and decided once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from storage.audit import record
from storage.budgets import Applying, Charge, applying, begin
from storage.database import Database, Statements
from storage.inbox import NewItem, keep
from storage.notices import NewNotice, note
from storage.rows import columns, fill, now

OFFERED, ASKED, APPROVED, DECLINED = "offered", "asked", "approved", "declined"
EXPIRED = "expired"  # nobody decided before the period was over; worked out when it is read


@dataclass(frozen=True, slots=True)
class NewApproval:
    """A question that found no room: ``amount`` nano-dollars are missing in a budget's running period.

    ``reply_id`` is the refused reply, ``model`` the one that was not asked.
    """

    budget_id: int
    amount: int
    reply_id: int
    conversation_id: int
    model: str


@dataclass(frozen=True, slots=True)
class Approval:
    """One as it stands. ``state`` is "offered" (nobody was asked yet), "asked", "approved", "declined" or "expired".

    ``granted`` is what an admin approved in the end, in nano-dollars.
    """

    id: int
    state: str
    budget_id: int
    period_id: int
    amount: int
    workspace_id: str
    place: str
    conversation_id: int
    reply_id: int
    person_id: int | None
    model: str
    created_at: datetime
    expires_at: datetime
    asked_by: int | None
    asked_at: datetime | None
    decided_by: int | None
    decided_at: datetime | None
    granted: int | None


class Approvals:
    """Every approval. What decides one returns it, and whether it was this call that did."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def offer(self, new: NewApproval, charge: Charge) -> Approval | None:
        """Note what a refused question lacks, once for each reply and budget; None where the budget is no more."""
        async with self._db.transaction() as tx:
            # A write first: it takes SQLite's lock before anything is read, and changes nothing.
            await tx.write("UPDATE budgets SET amount = amount WHERE id = ?", new.budget_id)
            found = [one for one in await applying(tx, charge) if one.budget.id == new.budget_id]
            return await _offer(tx, new, charge, found[0]) if found else None

    async def get(self, approval_id: int) -> Approval | None:
        """The approval of that id."""
        return await _read(self._db, approval_id)

    async def pending(self, workspace_id: str | None = None) -> list[Approval]:
        """What admins (of a workspace) were asked and have not decided, the oldest first."""
        where = "" if workspace_id is None else " AND workspace_id = ?"
        rows = await self._db.rows(
            f"SELECT {columns(Approval)} FROM approvals WHERE state = '{ASKED}' AND expires_at > ?{where} ORDER BY id",
            now(),
            *(() if workspace_id is None else (workspace_id,)),
        )
        return [fill(Approval, row) for row in rows]

    async def ask(self, approval_id: int, by: int | None, notice: str) -> tuple[Approval | None, bool]:
        """Ask the admins, with a notice to them. Audited. None where there is no such approval."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                f"UPDATE approvals SET state = '{ASKED}', asked_by = ?, asked_at = ? WHERE id = ?"
                f" AND state = '{OFFERED}' AND expires_at > ? RETURNING {columns(Approval)}",
                by,
                now(),
                approval_id,
                now(),
            )
            if not rows:
                return await _read(tx, approval_id), False
            asked = fill(Approval, rows[0])
            key = f"approval:{asked.id}"
            await note(tx, NewNotice("approval", key, notice, "workspace", asked.workspace_id))
            await record(tx, by, "ask for approval", key, after={"amount": asked.amount})
            return asked, True

    async def approve(
        self, approval_id: int, by: int, amount: int | None, question: NewItem
    ) -> tuple[Approval | None, bool]:
        """Give the budget's period so much more room (None: what is missing), and let the question go on. Audited.

        ``question`` goes into the inbox in the same transaction, unless the question was answered meanwhile.
        """
        async with self._db.transaction() as tx:
            approval = await _decide(tx, approval_id, APPROVED, by, amount)
            if approval is None:
                return await _read(tx, approval_id), False
            # The conversation before the budget, as sealing has them: nobody waits in a circle.
            if not await _is_answered(tx, approval.reply_id):
                await keep(tx, question)
            await tx.write(
                "UPDATE budget_periods SET extra = extra + ? WHERE id = ?",
                approval.granted,
                approval.period_id,
            )
            return approval, True

    async def decline(self, approval_id: int, by: int) -> tuple[Approval | None, bool]:
        """Say no. Audited."""
        async with self._db.transaction() as tx:
            approval = await _decide(tx, approval_id, DECLINED, by, 0)
            return (await _read(tx, approval_id), False) if approval is None else (approval, True)


async def _offer(tx: Statements, new: NewApproval, charge: Charge, short: Applying) -> Approval:
    period_id = await begin(tx, short.budget, short.owner, charge.at)
    rows = await tx.written(
        "INSERT INTO approvals (state, budget_id, period_id, amount, workspace_id, place, conversation_id, reply_id,"
        f" person_id, model, created_at, expires_at) VALUES ('{OFFERED}', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (reply_id, budget_id) DO UPDATE SET model = excluded.model"
        f" RETURNING {columns(Approval)}",
        new.budget_id,
        period_id,
        new.amount,
        charge.workspace_id,
        charge.place,
        new.conversation_id,
        new.reply_id,
        charge.person_id,
        new.model,
        now(),
        short.budget.period_at(charge.at).ends_at,
    )
    return _standing(fill(Approval, rows[0]))


async def _decide(
    tx: Statements, approval_id: int, state: str, by: int, amount: int | None
) -> Approval | None:
    """Decide what was asked and is not over; None where somebody did already, or nobody was asked."""
    rows = await tx.written(
        "UPDATE approvals SET state = ?, decided_by = ?, decided_at = ?, granted = COALESCE(CAST(? AS BIGINT), amount)"
        f" WHERE id = ? AND state = '{ASKED}' AND expires_at > ? RETURNING {columns(Approval)}",
        state,
        by,
        now(),
        amount,
        approval_id,
        now(),
    )
    if not rows:
        return None
    decided = fill(Approval, rows[0])
    after = {"amount": decided.granted, "budget": decided.budget_id}
    await record(tx, by, state, f"approval:{approval_id}", before={"amount": decided.amount}, after=after)
    return decided


async def _is_answered(tx: Statements, reply_id: int) -> bool:
    """Whether the question of a refused reply has a complete answer by now."""
    rows = await tx.rows(
        "SELECT 1 FROM replies r JOIN replies refused ON refused.question_id = r.question_id"
        " WHERE refused.id = ? AND r.conversation_id = refused.conversation_id AND r.outcome = 'complete' LIMIT 1",
        reply_id,
    )
    return bool(rows)


async def _read(statements: Statements, approval_id: int) -> Approval | None:
    rows = await statements.rows(f"SELECT {columns(Approval)} FROM approvals WHERE id = ?", approval_id)
    return _standing(fill(Approval, rows[0])) if rows else None


def _standing(approval: Approval) -> Approval:
    """The approval as it is now: what nobody decided in time is expired."""
    if approval.state not in (OFFERED, ASKED) or approval.expires_at > now():
        return approval
    return replace(approval, state=EXPIRED)
