"""Webhooks as people enter them, in whatever way: what can be one, the secret that it gets, what a try came to."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.errors import BadInput
from bot.net import addresses
from bot.net.errors import NetRefused
from bot.net.guard import Guard
from bot.workbench.alerting import KINDS
from storage.store import Store
from storage.webhooks import NewWebhook, Webhook

SIGNATURE = "X-Switchboard-Signature"
_LONGEST_NAME, _LONGEST_URL = 60, 2000  # characters


class Wrong(BadInput):
    """It cannot be entered. ``faults`` says what would have been right, by "name", "url" and "kinds".

    At "private" it says instead which address is not a public one.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(f"a webhook with wrong {', '.join(faults)}")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Wanted:
    """A webhook as it was typed. ``private``: it may be on this machine or network. No ``kinds``: all."""

    name: str
    url: str
    kinds: tuple[str, ...] = ()
    private: bool = False

    def faults(self) -> dict[str, str]:
        """What is wrong with it as it stands, as ``Wrong`` has it."""
        unknown = [one for one in self.kinds if one not in KINDS]
        found = {
            "name": "" if self._is_name() else f"up to {_LONGEST_NAME} characters on one line",
            "url": "" if self._is_url() else "http:// or https:// and a host, without a password in it",
            "kinds": f"of {', '.join(KINDS)}; not {unknown[0][:40]}" if unknown else "",
        }
        return {field: fault for field, fault in found.items() if fault}

    def _is_name(self) -> bool:
        return 0 < len(self.name.strip()) <= _LONGEST_NAME and self.name.isprintable()

    def _is_url(self) -> bool:
        try:
            parts = addresses.split(self.url, ("http", "https"))
        except ValueError:
            return False
        readable = len(self.url) <= _LONGEST_URL and not re.search(r"[\s\x00-\x1f]", self.url)
        return bool(parts.hostname) and parts.username is None and readable


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try came to: whether it was taken, and what was answered, in words that follow the webhook's name."""

    taken: bool
    said: str


async def enter(store: Store, wanted: Wanted, *, by: int | None = None, via: str) -> tuple[Webhook, str]:
    """Enter a webhook; it and its new secret, which nobody is told again. Raises Wrong, NameTaken, VaultError."""
    await _check(wanted)
    secret = f"whsec_{secrets.token_hex(24)}"
    new = NewWebhook(wanted.name.strip(), wanted.url, secret, wanted.private, wanted.kinds)
    return await store.webhooks.add(new, by=by, via=via), secret


async def change(store: Store, hook: Webhook, wanted: Wanted, *, by: int | None = None, via: str) -> Webhook:
    """Tell a webhook elsewhere or of other kinds; its name and its secret stay.

    Raises Wrong, NoSuchEntry, VaultError.
    """
    await _check(wanted)
    return await store.webhooks.change(
        hook.id, wanted.url, private=wanted.private, kinds=wanted.kinds, by=by, via=via
    )


async def _check(wanted: Wanted) -> None:
    """Raises Wrong."""
    faults = wanted.faults()
    if not faults and not wanted.private:
        faults = await _looked(wanted.url)
    if faults:
        raise Wrong(faults)


async def _looked(url: str) -> dict[str, str]:
    try:
        await Guard().look(url)
    except NetRefused as error:
        return {"private": str(error)}
    return {}
