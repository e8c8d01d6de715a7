"""What was learned of each model's tokens, shared by all processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from storage.database import Database
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class Estimate:
    """The ``factor`` to our estimates of input, from ``samples`` requests, and the mean ``output`` of ``answers``.

    In tokens, what was thought included. Where nothing was learned the factor is 1.
    """

    factor: float = 1.0
    samples: int = 0
    output: float = 0.0
    answers: int = 0


class Estimates:
    """One row per model. What processes learn at once is all taken in."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> dict[tuple[str, str], Estimate]:
        """What is known, by provider and model."""
        rows = await self._db.rows(f"SELECT provider, model, {columns(Estimate)} FROM model_estimates")
        return {(row["provider"], row["model"]): fill(Estimate, row) for row in rows}

    async def learn(self, provider: str, model: str, change: Callable[[Estimate], Estimate]) -> Estimate:
        """Change what is known of a model; what it is then. ``change`` is given what others may have learned by now."""
        async with self._db.transaction() as tx:
            # A write first: it locks the row, so nobody's change is lost.
            await tx.write(
                "INSERT INTO model_estimates (provider, model, factor, samples, output, answers, updated_at)"
                " VALUES (?, ?, 1.0, 0, 0.0, 0, ?)"
                " ON CONFLICT (provider, model) DO UPDATE SET updated_at = excluded.updated_at",
                provider,
                model,
                now(),
            )
            rows = await tx.rows(
                f"SELECT {columns(Estimate)} FROM model_estimates WHERE provider = ? AND model = ?",
                provider,
                model,
            )
            known = change(fill(Estimate, rows[0]))
            await tx.write(
                "UPDATE model_estimates SET factor = ?, samples = ?, output = ?, answers = ?"
                " WHERE provider = ? AND model = ?",
                known.factor,
                known.samples,
                known.output,
                known.answers,
                provider,
                model,
            )
            return known
