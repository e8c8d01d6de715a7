"""What storage raises. ``str(error)`` is for the log, ``error.say`` for the person.

StorageError
├── StorageDown     the database is away, its disk is full, or it does not let go of a lock
├── SchemaTooNew    a newer version has migrated this database
├── FolderInUse     another process serves this data folder
├── ClaimLost       somebody else has taken the conversation or task over; write nothing more
├── NoSuchEntry     nothing was entered under that name, or it was removed meanwhile
├── NoRoom          a hard budget has no room for a reservation
└── VaultError      a stored secret cannot be written or read; nothing of it was changed
    ├── KeyMissing      the secret key that encrypted it is not here
    ├── KeyRefused      the key file is readable by others, or is no key file
    ├── Tampered        the right key is here, but the row is not what that key wrote
    └── NoSuchCredential, NameTaken   a name that nothing has, or that something has already
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.budgets import BudgetLine


class StorageError(Exception):
    """Base of storage's errors."""

    say: str = "Something went wrong on our side. Nothing you wrote was lost; please try again."

    def __init__(self, detail: str = "", *, say: str | None = None) -> None:
        super().__init__(detail or say or self.say)
        if say is not None:
            self.say = say


class StorageDown(StorageError):
    """The database did not do what was asked; the next call may work again.

    A write is then not there, or whole where only its answer was lost: each may safely be repeated.
    """

    say = "The database cannot be reached just now; please try again in a moment."


class SchemaTooNew(StorageError):
    """A newer version of Switchboard has migrated this database."""


class FolderInUse(StorageError):
    """Another process serves this data folder."""


class ClaimLost(StorageError):
    """Another process has taken over; what it wrote stands."""

    say = "Another process of Switchboard has taken this over; it goes on there."


class NoSuchEntry(StorageError):
    """Nothing was entered under that name, or it was removed meanwhile."""


class NoRoom(StorageError):
    """A hard budget has no room. ``needed`` is nano-dollars; ``budget`` says what is left and when it renews."""

    say = "There is no room left in the budget for this."

    def __init__(self, budget: BudgetLine, needed: int) -> None:
        super().__init__(
            f"{needed} nano-dollars do not fit the {budget.period} budget of {budget.scope} {budget.subject}"
        )
        self.budget, self.needed = budget, needed


class VaultError(StorageError):
    """A stored secret cannot be written or read. Nothing was changed."""


class KeyMissing(VaultError):
    """The secret key that encrypted something is not here; ``key_id`` names it."""

    def __init__(self, key_id: str, *, say: str) -> None:
        super().__init__(f"secret key {key_id} is missing", say=say)
        self.key_id = key_id


class KeyRefused(VaultError):
    """The key file must not be used as it is; ``say`` says why."""


class Tampered(VaultError):
    """The key is here, but the row was altered, moved or damaged since that key wrote it."""


class NoSuchCredential(VaultError):
    """No credential in force has that name, or it was removed meanwhile."""


class NameTaken(VaultError):
    """A credential in force has that name already."""
