"""The commands: each opens the store, does one thing and says what it did. They return the exit code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from bot.config import Config
from bot.core.errors import BadInput
from bot.keys import listing
from bot.keys.entering import entered
from bot.oneshot import via, with_store
from bot.providers import catalog
from storage.credentials import Credential, NewCredential
from storage.store import Store
from storage.vault import Rotation, Unreadable

_NO_NEW_KEY = """\
All stored keys are under the first key of SWITCHBOARD_SECRET_KEY, and Switchboard cannot make a new one there. You can:
put one in front of it (openssl rand -base64 32) with a comma between them, restart every process, and run this again.\
"""


def add(
    config: Config,
    provider: str,
    name: str,
    *,
    scope: str,
    base_url: str | None,
    organisation: str | None,
    replace: bool,
) -> int:
    """Store a key."""
    others = () if catalog.row(provider) else _entered(config)
    new = entered(provider, name, others, scope=scope, base_url=base_url, organisation=organisation)

    async def act(store: Store) -> int:
        made = await (_replace(store, new) if replace else store.credentials.add(new, via=via()))
        end = f", which ends in {made.last_four}," if made.last_four else ""
        click.echo(f"“{made.name}”{end} is stored for {made.provider}; it is used from the next message on.")
        _warn(store.vault.file_trap)
        return 0

    return with_store(config, act)


def listed(config: Config, *, machine: bool) -> int:
    """Print every key, of the environment too, by its last four characters."""

    async def act(store: Store) -> int:
        found = listing.lines(config, await store.credentials.all())
        click.echo(listing.as_json(found) if machine else listing.as_text(found))
        return 0

    return with_store(config, act)


def remove(config: Config, names: Sequence[str]) -> int:
    """Take keys out of use and wipe them."""

    async def act(store: Store) -> int:
        for name in names:
            await store.credentials.remove(name, via=via())
            click.echo(
                f"“{name}” is removed. Whoever had the key still has it: revoke it at its provider too."
            )
        return 0

    return with_store(config, act)


def rotate(config: Config) -> int:
    """Encrypt everything with a new secret key."""

    async def act(store: Store) -> int:
        done = await store.vault.rotate(via=via())
        click.echo(_told(done, environment=bool(config.secret_keys)))
        for line in await _lines(store, done.unreadable):
            click.echo(line, err=True)
        _warn(store.vault.file_trap)
        return 0 if done.finished else 1

    return with_store(config, act)


def check(config: Config) -> int:
    """Try whether every stored key opens."""

    async def act(store: Store) -> int:
        many, found = len(await store.credentials.all()), await store.vault.check()
        for line in await _lines(store, found):
            click.echo(line, err=True)
        if not found:
            click.echo(f"All stored keys open: {many}." if many else "No key is stored.")
        _warn(store.vault.file_trap if many else "")
        return 1 if found else 0

    return with_store(config, act)


def _entered(config: Config) -> Sequence[str]:
    """The ids of providers that were entered here."""
    found: list[str] = []

    async def act(store: Store) -> int:
        found.extend(each.slug for each in await store.custom.providers())
        return 0

    with_store(config, act)
    return found


async def _replace(store: Store, new: NewCredential) -> Credential:
    old = await store.credentials.named(new.name)
    if old is None or old.provider != new.provider:
        raise BadInput(
            "nothing to replace", say=f"There is no credential “{new.name}” of {new.provider} to replace."
        )
    if (new.scope, new.base_url, new.organisation) != (old.scope, old.base_url, old.organisation):
        say = (
            "--replace puts another key into the place of the old one and leaves the rest. Give the same --scope, "
            "--base-url and --organisation as before, or remove the old one and add it anew."
        )
        raise BadInput("more than the key would change", say=say)
    return await store.credentials.change(old.id, new.secret, via=via())


def _told(done: Rotation, *, environment: bool) -> str:
    if done.key_id is None:
        return "Nothing is stored encrypted yet, so there is nothing to rotate."
    if not done.finished:
        return f"{done.moved} secrets are under the key {done.key_id} now. The old keys stay, for these do not open:"
    if environment:
        if not done.moved:
            return _NO_NEW_KEY
        rest = "the others can be taken out of SWITCHBOARD_SECRET_KEY."
        return f"{done.moved} secrets are under its first key now, {done.key_id}; {rest}"
    begun = "A new key is made" if done.made else "The rotation that was broken off is finished"
    return (
        f"{begun}: {done.moved} secrets are encrypted with {done.key_id}. The old key is in secret.key.retired "
        "now, for backups from before; delete that file when you need none of them any more."
    )


async def _lines(store: Store, found: Sequence[Unreadable]) -> list[str]:
    """What does not open, by its name where it has one."""
    names = {each.id: each.name for each in await store.credentials.all()}
    told = []
    for one in found:
        name = names.get(one.row) if one.table == "credentials" else None
        told.append(f"{f'“{name}”' if name else f'{one.table} {one.row}'}: {one.error.say}")
    return told


def _warn(sentence: str) -> None:
    if sentence:
        click.echo(sentence, err=True)
