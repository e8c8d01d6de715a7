"""When models were used last, as the ledger knows."""

from __future__ import annotations

from datetime import datetime

from storage.database import Database
from storage.rows import moment


class Uses:
    """Reads the ledger by model."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def last(self, provider: str) -> dict[str, datetime]:
        """By model of a provider, when it was asked last; models that never were are not in it."""
        rows = await self._db.rows(
            "SELECT model, MAX(at) AS at FROM usage_entries WHERE provider = ? GROUP BY model", provider
        )
        return {row["model"]: moment(row["at"]) for row in rows}
