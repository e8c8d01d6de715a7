"""What is said of a provider: who gets the text, and how it is set up."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.core.errors import NotConfigured
from bot.providers.catalog import ProviderRow
from bot.providers.wiring import Credentials, base_url


def privacy(row: ProviderRow, credentials: Credentials | None, *, ours: bool) -> str:
    """The catalogue's line; of a server put in the provider's place nobody here knows what it keeps.

    ``ours``: the credentials are the environment's.
    """
    elsewhere = base_url(row, credentials)
    if elsewhere is None or credentials is None or not row.base_url or row.quirks_travel:
        return f"{row.name}. {row.privacy}".rstrip()
    host = urlsplit(elsewhere).netloc
    where = row.base_url_env if ours else f"“{credentials.name}”"
    return f"the server at {host} ({where}); who runs it says what is kept."


def not_configured(provider: str, row: ProviderRow | None, names: Sequence[str]) -> NotConfigured:
    """There is no such provider among these, or it has no key."""
    if row is None:
        there = ", ".join(names)
        say = f"There is no provider “{provider}”; there are {there}."
        return NotConfigured(f"no provider {provider!r}", say=say)
    where = f" (keys: {row.console_url})" if row.console_url else ""
    needed = row.key_env if row.base_url and row.key_env else row.base_url_env
    address = "" if row.base_url else " --base-url ADDRESS"
    entered = f"enter a key with `switchboard keys add {row.id}{address}`"
    either = f"{entered}, or set {needed}" if needed else entered
    say = f"{row.name} is not set up here: an admin can {either}{where}."
    return NotConfigured(f"{provider} has no key", say=say)
