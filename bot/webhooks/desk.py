"""The commands: each does one thing and says what it did. They return the exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from bot.config import Config
from bot.core.errors import BadInput
from bot.jobs.hooks import Hooks
from bot.net.guard import Guard
from bot.net.http import Http
from bot.oneshot import via, with_store
from bot.workbench.alerting import KINDS
from bot.workbench.hooking import SIGNATURE, Wanted, Wrong, enter
from bot.workbench.hooking import change as rewrite
from storage.errors import NoSuchEntry
from storage.sendings import Sending
from storage.store import Store
from storage.webhooks import Webhook

_NONE = "There are no webhooks. `switchboard webhooks add NAME URL` enters one."
_WRONG: Mapping[str, str] = {
    "name": "NAME: {}.",
    "url": "URL: {}.",
    "kinds": "--kinds: {}.",
    "private": "{}. With --allow it may be on this machine or network. Nothing was changed.",
}


def add(config: Config, name: str, url: str, kinds: str, *, allow: bool) -> int:
    """Enter a webhook and print its secret."""
    wanted = Wanted(name, url, tuple(_split(kinds)), allow)
    if faults := wanted.faults():
        raise _in_words(faults)

    async def act(store: Store) -> int:
        try:
            made, secret = await enter(store, wanted, via=via())
        except Wrong as error:
            raise _in_words(error.faults) from error
        click.echo(f"{made.name} is told of {', '.join(wanted.kinds) or 'every alert'}.")
        click.echo(f"Its secret, shown this once: {secret}")
        click.echo(f"It signs each POST in {SIGNATURE}; docs/alerts.md says how to check that.")
        return 0

    return with_store(config, act)


def change(config: Config, name: str, url: str, kinds: str, *, allow: bool) -> int:
    """Tell a webhook elsewhere, or of other kinds: "" as before, "all" of every kind."""

    async def act(store: Store) -> int:
        hook = await _named(store, name)
        told = tuple(_split(kinds or hook.kinds)) if kinds != "all" else ()
        # The leave to be near goes with the address that it was given for.
        wanted = Wanted(hook.name, url or hook.url, told, allow or (hook.private and not url))
        try:
            changed = await rewrite(store, hook, wanted, via=via())
        except Wrong as error:
            raise _in_words(error.faults) from error
        click.echo(f"{changed.name} is told of {changed.kinds or 'every alert'} at {changed.url}.")
        return 0

    return with_store(config, act)


def listed(config: Config, *, machine: bool) -> int:
    """Print the webhooks, each with what it answered last."""

    async def act(store: Store) -> int:
        hooks = await store.webhooks.all()
        last = {one.id: await store.sendings.latest([one.target], 1) for one in hooks}
        if machine:
            click.echo(json.dumps([_as_json(one, last[one.id]) for one in hooks], indent=2))
        else:
            click.echo("\n".join(_as_text(one, last[one.id]) for one in hooks) or _NONE)
        return 0

    return with_store(config, act)


def remove(config: Config, name: str) -> int:
    """Take a webhook out."""

    async def act(store: Store) -> int:
        gone = await store.webhooks.remove(name, via=via())
        click.echo(f"{gone.name} is told nothing any more; its secret is wiped.")
        return 0

    return with_store(config, act)


def test(config: Config, name: str) -> int:
    """Tell a webhook something now."""

    async def act(store: Store) -> int:
        hook = await _named(store, name)
        async with Http() as near, Http(guard=Guard()) as outside:
            tried = await Hooks(store, near, outside).test(hook)
        if not tried.taken:
            click.echo(f"{hook.name} was not told: {tried.said}.", err=True)
            return 1
        click.echo(f"{hook.name} {tried.said}.")
        return 0

    return with_store(config, act)


def log(config: Config, name: str, *, machine: bool) -> int:
    """Print what a webhook was told lately."""

    async def act(store: Store) -> int:
        rows = await store.sendings.latest([(await _named(store, name)).target])
        if machine:
            click.echo(json.dumps([_sending(one) for one in rows], indent=2))
        else:
            click.echo("\n".join(map(_line, rows)) or "It was told nothing yet.")
        return 0

    return with_store(config, act)


def _split(kinds: str) -> list[str]:
    return [one.strip() for one in kinds.split(",") if one.strip()]


async def _named(store: Store, name: str) -> Webhook:
    found = next((one for one in await store.webhooks.all() if one.name.lower() == name.lower()), None)
    if found is None:
        raise NoSuchEntry(name, say=f"There is no webhook called “{name}”.")
    return found


def _in_words(faults: Mapping[str, str]) -> BadInput:
    field, fault = next(iter(faults.items()))
    return BadInput(f"{field} of a webhook", say=_WRONG[field].format(fault))


def _as_text(hook: Webhook, last: list[Sending]) -> str:
    told = f"last: {last[0].state}, {last[0].said or 'not yet tried'}" if last else "told nothing yet"
    return f"{hook.name}  {hook.url}  ({hook.kinds or 'every alert'})  {told}"


def _as_json(hook: Webhook, last: list[Sending]) -> dict[str, object]:
    kinds = hook.kinds.split(",") if hook.kinds else list(KINDS)
    shown = {"name": hook.name, "url": hook.url, "private": hook.private, "kinds": kinds}
    return {**shown, "last": _sending(last[0]) if last else None}


def _sending(one: Sending) -> dict[str, object]:
    return {
        "kind": json.loads(one.payload).get("kind", ""),
        "state": one.state,
        "attempts": one.attempts,
        "said": one.said,
        "created_at": one.created_at.isoformat(),
        "sent_at": None if one.sent_at is None else one.sent_at.isoformat(),
    }


def _line(one: Sending) -> str:
    kind = json.loads(one.payload).get("kind", "")
    return f"{one.created_at:%Y-%m-%d %H:%M} UTC  {kind}  {one.state} after {one.attempts}: {one.said}"
