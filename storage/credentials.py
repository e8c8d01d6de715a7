"""Credentials: named keys of providers, write-only. Which one applies is found by widening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.audit import record
from storage.database import Database, Row, Statements, first, marks
from storage.errors import NameTaken, NoSuchCredential
from storage.places import channel_of, workspace_of
from storage.rows import columns, fill, now
from storage.vault import Vault, turn

INSTALLATION = "installation"
_SHOWS_ITS_END = 12  # characters a secret must have before four of them may be shown
_USED_EVERY = timedelta(minutes=1)  # the use of a credential is written down so often at most


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential to be kept. ``scope`` is "installation", "place:<workspace or channel>" or "person:<id>".

    ``secret`` may be "" where the server at ``base_url`` asks for none.
    """

    provider: str
    name: str
    secret: str = field(repr=False)
    scope: str = INSTALLATION
    base_url: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """What may be known of a credential. ``last_four`` is "" where the secret is too short to show its end.

    ``version`` goes up with every change that matters to a call. One that is disabled (``disabled_at``) is kept, and
    not used.
    """

    id: int
    provider: str
    name: str
    scope: str
    last_four: str
    base_url: str | None
    organisation: str | None
    version: int
    created_at: datetime
    created_by: int | None
    changed_at: datetime
    changed_by: int | None
    used_at: datetime | None
    disabled_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Edited:
    """What a credential is called and where it is sent, as it is to be. ``secret`` None: it stays."""

    name: str
    base_url: str | None = None
    organisation: str | None = None
    secret: str | None = field(default=None, repr=False)


class Hidden:
    """A secret that shows itself only when asked by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Hidden('**********')"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not copied to anywhere else")


@dataclass(frozen=True, slots=True)
class Opened:
    """A credential to call its provider with. Equal where id and version are."""

    id: int
    version: int
    provider: str = field(compare=False)
    name: str = field(compare=False)
    api_key: Hidden | None = field(compare=False)
    base_url: str | None = field(compare=False)
    organisation: str | None = field(compare=False)
    scope: str = field(compare=False, default=INSTALLATION)


class Credentials:
    """Credentials in force and removed ones. No method returns a secret but ``open``."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db, self._vault = db, vault
        self._used: dict[int, datetime] = {}

    async def add(self, new: NewCredential, *, by: int | None = None, via: str = "") -> Credential:
        """Keep a credential. Audited. Raises NameTaken, and what ``Vault.seal`` raises."""
        self._vault.learn(new.secret)
        async with self._db.transaction() as tx:
            await turn(tx)
            credential_id = await _insert(tx, new, by)
            await self._vault.seal(tx, "credentials", credential_id, new.secret)
            await _tell(tx, by, "add credential", credential_id, new.name, after=_shown(new, via))
            return await _one(tx, credential_id)

    async def change(
        self, credential_id: int, secret: str, *, by: int | None = None, via: str = ""
    ) -> Credential:
        """Put another secret in the place of the old one; the next call uses it. Audited. Raises NoSuchCredential."""
        self._vault.learn(secret)
        async with self._db.transaction() as tx:
            await turn(tx)
            rows = await tx.written(
                "UPDATE credentials SET version = version + 1, last_four = ?, changed_at = ?, changed_by = ?"
                " WHERE id = ? AND revoked_at IS NULL RETURNING name",
                last_four(secret),
                now(),
                by,
                credential_id,
            )
            if not rows:
                raise _none_such(str(credential_id))
            await self._vault.seal(tx, "credentials", credential_id, secret)
            after = {"last_four": last_four(secret)} | ({"via": via} if via else {})
            await _tell(tx, by, "change credential", credential_id, rows[0]["name"], after=after)
            return await _one(tx, credential_id)

    async def edit(
        self, credential_id: int, new: Edited, *, by: int | None = None, via: str = ""
    ) -> Credential:
        """Change its name, and where its secret is sent: that is sealed anew, for it is bound to both. Audited.

        Whoever lets others choose the address asks for the secret too: else one that nobody may see could be sent to
        a server of theirs. Raises NoSuchCredential, NameTaken, and what ``Vault.unseal`` and ``seal`` raise.
        """
        seen, secret = await self.get(credential_id), new.secret
        if secret is None:
            secret = await self._vault.unseal("credentials", credential_id) or ""
        self._vault.learn(secret)
        async with self._db.transaction() as tx:
            await turn(tx)
            before = await _in_force(tx, credential_id)
            if new.secret is None and seen is not None and seen.version != before.version:
                raise NoSuchCredential(
                    f"credential {credential_id} changed meanwhile",
                    say=f"“{before.name}” was changed in this moment; look at it again, then change it.",
                )
            await _renamed(tx, before, new, secret, by)
            await self._vault.seal(tx, "credentials", credential_id, secret)
            made = await _one(tx, credential_id)
            was, told = _edited(before), _edited(made) | ({"via": via} if via else {})
            await _tell(tx, by, "edit credential", credential_id, made.name, before=was, after=told)
            return made

    async def enable(
        self, credential_id: int, *, on: bool, by: int | None = None, via: str = ""
    ) -> Credential:
        """Let calls use it, or not for a while. Audited. Raises NoSuchCredential."""
        async with self._db.transaction() as tx:
            await turn(tx)
            before = await _in_force(tx, credential_id)
            if on is (before.disabled_at is None):
                return before
            await let_be_used(tx, credential_id, on=on, by=by)
            action = "enable credential" if on else "disable credential"
            after = {"via": via} if via else None
            await _tell(tx, by, action, credential_id, before.name, after=after)
            return await _one(tx, credential_id)

    async def remove(self, name: str, *, by: int | None = None, via: str = "") -> Credential:
        """Take a credential out of force and wipe its secret; needs no key. Audited. Raises NoSuchCredential."""
        async with self._db.transaction() as tx:
            await turn(tx)
            rows = await tx.rows("SELECT id FROM credentials WHERE taken = ?", name)
            if not rows:
                raise _none_such(name)
            return await _wiped(tx, rows[0]["id"], by, via)

    async def all(self) -> list[Credential]:
        """Every credential in force, disabled ones too, by provider and name."""
        return _many(
            await self._db.rows(
                f"SELECT {columns(Credential)} FROM credentials WHERE revoked_at IS NULL ORDER BY provider, name"
            )
        )

    async def named(self, name: str) -> Credential | None:
        """The credential in force of that name."""
        rows = await self._db.rows(f"SELECT {columns(Credential)} FROM credentials WHERE taken = ?", name)
        return fill(Credential, rows[0]) if rows else None

    async def get(self, credential_id: int) -> Credential | None:
        """The credential of that id, a removed one too."""
        found = await self._db.rows(
            f"SELECT {columns(Credential)} FROM credentials WHERE id = ?", credential_id
        )
        return fill(Credential, found[0]) if found else None

    async def for_provider(self, provider: str, place: str, person_id: int | None) -> Credential | None:
        """The one that applies: the person's, the channel's, the workspace's, the installation's. One query.

        Of several at the nearest level the one that was added last.
        """
        scopes = [f"place:{channel_of(place)}", f"place:{workspace_of(place)}", INSTALLATION]
        if person_id is not None:
            scopes.insert(0, f"person:{person_id}")
        rows = await self._db.rows(
            f"SELECT {columns(Credential)} FROM credentials"
            " WHERE revoked_at IS NULL AND disabled_at IS NULL AND provider = ?"
            f" AND scope IN ({marks(scopes)}) ORDER BY id DESC",
            provider,
            *scopes,
        )
        found = _many(rows)
        return min(found, key=lambda each: scopes.index(each.scope), default=None)

    async def stamp(self) -> tuple[int, int]:
        """Another value after every change of any credential. Cheap."""
        rows = await self._db.rows(
            "SELECT COALESCE(MAX(id), 0) AS newest, COALESCE(SUM(version), 0) AS versions FROM credentials"
        )
        return int(rows[0]["newest"]), int(rows[0]["versions"])

    async def open(self, credential: Credential) -> Opened:
        """The secret itself, for the registry alone. Raises KeyMissing, Tampered, KeyRefused, NoSuchCredential."""
        secret = await self._vault.unseal("credentials", credential.id)
        if secret is None:
            raise _none_such(credential.name)
        return Opened(
            credential.id,
            credential.version,
            credential.provider,
            credential.name,
            Hidden(secret) if secret else None,
            credential.base_url,
            credential.organisation,
            credential.scope,
        )

    async def used(self, credential_id: int) -> None:
        """Write down that a credential is used now; at most once a minute."""
        at, last = now(), self._used.get(credential_id)
        if last is None or at - last >= _USED_EVERY:
            self._used[credential_id] = at
            await self._db.write("UPDATE credentials SET used_at = ? WHERE id = ?", at, credential_id)


async def let_be_used(tx: Statements, credential_id: int, *, on: bool, by: int | None) -> bool:
    """Let calls use it, or not for a while; false where it is removed, or that is so already."""
    stands = "IS NOT NULL" if on else "IS NULL"
    changed = await tx.write(
        "UPDATE credentials SET version = version + 1, disabled_at = ?, changed_at = ?, changed_by = ?"
        f" WHERE id = ? AND revoked_at IS NULL AND disabled_at {stands}",
        None if on else now(),
        now(),
        by,
        credential_id,
    )
    return changed == 1


async def wipe_of(tx: Statements, provider: str, by: int | None, via: str) -> list[str]:
    """Take a provider's credentials out of force and wipe them, in a transaction that has its ``turn``; their names."""
    rows = await tx.rows("SELECT id FROM credentials WHERE provider = ? AND revoked_at IS NULL", provider)
    return [(await _wiped(tx, row["id"], by, via)).name for row in rows]


async def _wiped(tx: Statements, credential_id: int, by: int | None, via: str) -> Credential:
    await tx.write(
        "UPDATE credentials SET taken = NULL, revoked_at = ?, changed_at = ?, changed_by = ?, key_id = '',"
        " nonce = ?, ciphertext = ?, version = version + 1 WHERE id = ?",
        now(),
        now(),
        by,
        b"",
        b"",
        credential_id,
    )
    gone = await _one(tx, credential_id)
    before = {"provider": gone.provider, "scope": gone.scope, "last_four": gone.last_four}
    via_told = {"via": via} if via else {}
    await _tell(tx, by, "remove credential", gone.id, gone.name, before=before | via_told)
    return gone


async def _in_force(tx: Statements, credential_id: int) -> Credential:
    """The credential, to be changed in this transaction. Raises NoSuchCredential."""
    rows = await tx.rows(
        f"SELECT {columns(Credential)} FROM credentials WHERE id = ? AND revoked_at IS NULL", credential_id
    )
    if not rows:
        raise _none_such(str(credential_id))
    return fill(Credential, rows[0])


async def _renamed(tx: Statements, before: Credential, new: Edited, secret: str, by: int | None) -> None:
    """Write everything but the secret. Raises NameTaken."""
    if new.name != before.name and await tx.rows("SELECT id FROM credentials WHERE taken = ?", new.name):
        raise _taken(new.name)
    await tx.write(
        "UPDATE credentials SET name = ?, taken = ?, base_url = ?, organisation = ?, last_four = ?,"
        " version = version + 1, changed_at = ?, changed_by = ? WHERE id = ?",
        new.name,
        new.name,
        new.base_url,
        new.organisation,
        last_four(secret),
        now(),
        by,
        before.id,
    )


async def _insert(tx: Statements, new: NewCredential, by: int | None) -> int:
    rows = await tx.written(
        "INSERT INTO credentials (provider, name, taken, scope, key_id, nonce, ciphertext, last_four, base_url,"
        " organisation, created_at, created_by, changed_at, changed_by)"
        " VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (taken) DO NOTHING RETURNING id",
        new.provider,
        new.name,
        new.name,
        new.scope,
        b"",
        b"",
        last_four(new.secret),
        new.base_url,
        new.organisation,
        now(),
        by,
        now(),
        by,
    )
    if not rows:
        raise _taken(new.name)
    credential_id: int = rows[0]["id"]
    return credential_id


async def _one(tx: Statements, credential_id: int) -> Credential:
    row = first(await tx.rows(f"SELECT {columns(Credential)} FROM credentials WHERE id = ?", credential_id))
    assert row is not None
    return fill(Credential, row)


def _many(rows: Sequence[Row]) -> list[Credential]:
    return [fill(Credential, row) for row in rows]


async def _tell(
    tx: Statements, by: int | None, action: str, credential_id: int, name: str, **values: object
) -> None:
    await record(tx, by, action, f"credential:{credential_id} {name}", **values)


def _shown(new: NewCredential, via: str) -> dict[str, str]:
    """What the audit keeps of it: never the secret."""
    told = {
        "provider": new.provider,
        "scope": new.scope,
        "last_four": last_four(new.secret),
        "base_url": new.base_url,
        "organisation": new.organisation,
        "via": via,
    }
    return {name: value for name, value in told.items() if value}


def _edited(one: Credential) -> dict[str, str]:
    """What the audit keeps of what can be edited."""
    told = {
        "name": one.name,
        "base_url": one.base_url,
        "organisation": one.organisation,
        "last_four": one.last_four,
    }
    return {name: value for name, value in told.items() if value}


def last_four(secret: str) -> str:
    """What may be shown of a secret; "" of a short one."""
    return secret[-4:] if len(secret) >= _SHOWS_ITS_END else ""


def _none_such(name: str) -> NoSuchCredential:
    return NoSuchCredential(f"no credential {name!r}", say=f"There is no credential “{name}” (any more).")


def _taken(name: str) -> NameTaken:
    say = f"There is a credential “{name}” already; take another name, or remove that one."
    return NameTaken(f"credential {name!r} is there", say=say)
