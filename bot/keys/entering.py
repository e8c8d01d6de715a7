"""What a person gives for a new key, checked. The key itself is never an argument: those stand in histories."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import click

from bot.config import settings
from bot.config.forms import api_key
from bot.core.errors import BadInput
from bot.core.place import Place, Scope
from bot.net.addresses import web_address
from bot.providers.catalog import CATALOG
from storage.credentials import INSTALLATION, NewCredential

_LONGEST_NAME = 80


def entered(
    provider: str,
    name: str,
    others: Sequence[str] = (),
    *,
    scope: str,
    base_url: str | None,
    organisation: str | None,
) -> NewCredential:
    """A credential from the words of the command line and the key from a prompt or the standard input.

    ``others`` are providers beside the catalogue's. Raises BadInput.
    """
    names = [*(row.id for row in CATALOG if row.key_env or row.base_url_env), *others]
    if provider not in names:
        raise BadInput(
            f"no provider {provider!r}", say=f"There is no such provider; there are {', '.join(names)}."
        )
    if base_url is not None:
        try:
            base_url = web_address(base_url)
        except ValueError as error:
            raise BadInput(
                str(error), say=f"--base-url: found {error}; write http:// or https:// and a host."
            ) from None
    known = NewCredential(provider, _name(name), "", _scope(scope), base_url, organisation or None)
    return NewCredential(
        known.provider,
        known.name,
        _secret(required=base_url is None),
        known.scope,
        base_url,
        known.organisation,
    )


def _name(text: str) -> str:
    name = text.strip()
    if not (name and name.isprintable() and len(name) <= _LONGEST_NAME) or name in settings():
        say = f"--name: 1 to {_LONGEST_NAME} characters that can be printed, and not the name of a setting."
        raise BadInput("not a name for a credential", say=say)
    return name


def _scope(text: str) -> str:
    """Where a key holds, as the store writes it."""
    if text == INSTALLATION or re.fullmatch(r"person:[1-9][0-9]*", text):
        return text
    try:
        place = Place.parse(text)
    except ValueError:
        place = None
    if place is None or place.scope is Scope.THREAD or place.platform == "person":
        say = (
            "--scope: installation, a workspace like slack:T0123, a channel like slack:T0123/C0456, "
            "or a person like person:7."
        )
        raise BadInput("not a scope", say=say)
    return f"place:{place}"


def _secret(*, required: bool) -> str:
    if sys.stdin.isatty():
        text: str = click.prompt(
            "Key (it is not shown)", hide_input=True, default="", show_default=False, err=True
        )
    else:
        text = sys.stdin.read()
    text = text.strip()
    if not text:
        if required:
            raise BadInput(
                "no key", say="No key came in: type it at the prompt, or give it on the standard input."
            )
        return ""
    try:
        return api_key(text).get_secret_value()
    except ValueError as error:
        raise BadInput("not a key", say=f"What came in is no key: it has {error}.") from None
