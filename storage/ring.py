"""Secret keys by their id, and AES-256-GCM with them.

What is sealed is bound to its table, row and field: a ciphertext that was moved elsewhere does not open there.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import Tampered

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_DIGITS = 12
_TAMPERED = (
    "A stored secret ({table}, row {row}) was altered, moved or damaged in the database: the right key is here and "
    "does not open it. Restore the row from a backup, or remove it and enter the secret anew. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a sealed text stands. ``bound`` are values of the same row that must not change without it."""

    table: str
    row: int | str
    field: str
    bound: tuple[str | None, ...] = ()

    def associated(self) -> bytes:
        """What the text is encrypted together with: ``table|row|field``, and the bound values as JSON."""
        if "|" in self.table + self.field:
            raise ValueError(f"not a table and a field: {self.table!r} {self.field!r}")
        more = f"|{json.dumps(self.bound)}" if self.bound else ""
        return f"{self.table}|{self.row}|{self.field}{more}".encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text that was encrypted, and the id of the key that did it."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key of 32 bytes, and where it is kept, in words for people."""

    value: bytes = field(repr=False)
    source: str

    @property
    def id(self) -> str:
        """What the key is called where it must not be shown: digits of its hash."""
        return hashlib.sha256(b"switchboard secret key\0" + self.value).hexdigest()[:_ID_DIGITS]

    def spellings(self) -> tuple[str, ...]:
        """The texts that the key may be met as."""
        return tuple(encode(self.value).decode() for encode in (b64encode, urlsafe_b64encode))

    def seal(self, text: str, spot: Spot) -> Sealed:
        """Encrypt a text for one place in the database."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        # surrogatepass: half a pair is no text that can be sent anywhere, but nothing is lost over it here.
        data = text.encode("utf-8", "surrogatepass")
        return Sealed(self.id, nonce, AESGCM(self.value).encrypt(nonce, data, spot.associated()))

    def unseal(self, sealed: Sealed, spot: Spot) -> str:
        """The text that was sealed for this spot. Raises Tampered."""
        try:
            data = AESGCM(self.value).decrypt(sealed.nonce, sealed.ciphertext, spot.associated())
        except (InvalidTag, ValueError):  # ValueError: a nonce of an impossible length
            detail = f"{spot.table} {spot.row}: {spot.field} does not open with key {self.id}"
            say = _TAMPERED.format(table=spot.table, row=spot.row)
            raise Tampered(detail, say=say) from None
        return data.decode("utf-8", "surrogatepass")


class KeyRing:
    """The keys at hand, the newest first: that one encrypts, each opens what it sealed."""

    def __init__(self, keys: Iterable[SecretKey] = ()) -> None:
        self._keys: dict[str, SecretKey] = {}
        for key in keys:
            self._keys.setdefault(key.id, key)

    def __iter__(self) -> Iterator[SecretKey]:
        return iter(self._keys.values())

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    @property
    def newest(self) -> SecretKey | None:
        """The key that encrypts; None where there is none."""
        return next(iter(self), None)

    def get(self, key_id: str) -> SecretKey | None:
        """The key of that id."""
        return self._keys.get(key_id)
