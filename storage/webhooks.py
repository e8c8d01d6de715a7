"""Webhooks: addresses that are told of alerts, each with a secret that signs what it is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from storage.audit import record
from storage.database import Database, Statements
from storage.errors import NameTaken, NoSuchEntry
from storage.rows import columns, fill, now
from storage.vault import Vault, turn


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to be entered. ``private``: its address may be on this machine or network. No ``kinds``: all."""

    name: str
    url: str
    secret: str
    private: bool = False
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook in force, without its secret. ``kinds`` has commas between them, "" for all."""

    id: int
    name: str
    url: str
    private: bool
    kinds: str
    created_at: datetime

    @property
    def target(self) -> str:
        """What sendings to it have as their target."""
        return f"webhook:{self.id}"

    def wants(self, kind: str) -> bool:
        """Whether it is told of this kind."""
        return not self.kinds or kind in self.kinds.split(",")


class Webhooks:
    """Those in force. No method returns a secret but ``secret``."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db, self._vault = db, vault

    async def add(self, new: NewWebhook, *, by: int | None = None, via: str = "") -> Webhook:
        """Enter one. Audited. Raises NameTaken, and what ``Vault.seal`` raises."""
        self._vault.learn(new.secret)
        async with self._db.transaction() as tx:
            await turn(tx)
            rows = await tx.written(
                "INSERT INTO webhooks (name, taken, url, private, kinds, key_id, nonce, ciphertext, created_at,"
                " created_by) VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?) ON CONFLICT (taken) DO NOTHING"
                f" RETURNING {columns(Webhook)}",
                new.name,
                new.name.lower(),
                new.url,
                new.private,
                ",".join(new.kinds),
                b"",
                b"",
                now(),
                by,
            )
            if not rows:
                raise NameTaken(new.name, say=f"There is a webhook called “{new.name}” already.")
            made = fill(Webhook, rows[0])
            await self._vault.seal(tx, "webhooks", made.id, new.secret)
            after = {**_told(made), "via": via}
            await record(tx, by, "add webhook", f"webhook:{made.id} {made.name}", after=after)
            return made

    async def all(self) -> list[Webhook]:
        """Those in force, by id."""
        return await _read(self._db)

    async def get(self, webhook_id: int) -> Webhook | None:
        """The one of that id, None where it was removed."""
        return next((one for one in await self.all() if one.id == webhook_id), None)

    async def secret(self, webhook_id: int) -> str | None:
        """What signs; None where it was removed. Raises VaultError."""
        return await self._vault.unseal("webhooks", webhook_id)

    async def change(
        self,
        webhook_id: int,
        url: str,
        *,
        private: bool,
        kinds: Collection[str],
        by: int | None = None,
        via: str = "",
    ) -> Webhook:
        """Tell it elsewhere, or of other kinds; its secret stays, and is sealed anew for another address.

        Audited where that changes anything. Raises NoSuchEntry where it was removed, and VaultError.
        """
        secret = await self.secret(webhook_id)
        async with self._db.transaction() as tx:
            await turn(tx)
            held = await tx.written(
                f"UPDATE webhooks SET url = url WHERE id = ? AND taken IS NOT NULL RETURNING {columns(Webhook)}",
                webhook_id,
            )
            if not held or secret is None:
                raise NoSuchEntry(str(webhook_id), say="This webhook was removed meanwhile.")
            was = fill(Webhook, held[0])
            changed = replace(was, url=url, private=private, kinds=",".join(kinds))
            if changed != was:
                await tx.write(
                    "UPDATE webhooks SET url = ?, private = ?, kinds = ? WHERE id = ?",
                    changed.url,
                    changed.private,
                    changed.kinds,
                    changed.id,
                )
                if url != was.url:
                    await self._vault.seal(tx, "webhooks", was.id, secret)
                after = {**_told(changed), "via": via}
                await record(
                    tx, by, "change webhook", f"webhook:{was.id} {was.name}", before=_told(was), after=after
                )
            return changed

    async def remove(self, name: str, *, by: int | None = None, via: str = "") -> Webhook:
        """Tell it nothing any more, and wipe its secret. Audited. Raises NoSuchEntry."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "UPDATE webhooks SET taken = NULL, removed_at = ?, key_id = '', nonce = ?, ciphertext = ?"
                f" WHERE taken = ? RETURNING {columns(Webhook)}",
                now(),
                b"",
                b"",
                name.lower(),
            )
            if not rows:
                raise NoSuchEntry(name, say=f"There is no webhook called “{name}”.")
            gone = fill(Webhook, rows[0])
            subject = f"webhook:{gone.id} {gone.name}"
            await record(tx, by, "remove webhook", subject, before=_told(gone), after={"via": via})
            return gone


def _told(webhook: Webhook) -> dict[str, str | bool]:
    """A webhook as the audit tells of it."""
    return {"url": webhook.url, "private": webhook.private, "kinds": webhook.kinds}


async def _read(statements: Statements) -> list[Webhook]:
    rows = await statements.rows(
        f"SELECT {columns(Webhook)} FROM webhooks WHERE taken IS NOT NULL ORDER BY id"
    )
    return [fill(Webhook, row) for row in rows]


async def wanting(tx: Statements, kind: str) -> Collection[Webhook]:
    """Those that are told of a kind of alert."""
    return [one for one in await _read(tx) if one.wants(kind)]
