"""Wires made from rows and credentials, kept while both stay the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from bot.net.http import Http
from bot.providers import catalog
from bot.providers.catalog import ProviderRow
from bot.providers.resilience import Deadlines, Wire
from bot.providers.rows.forms import WireName
from bot.providers.wires.anthropic import Anthropic
from bot.providers.wires.cohere import Cohere
from bot.providers.wires.demo import Demo
from bot.providers.wires.gateway import Gateway
from bot.providers.wires.google import Google
from bot.providers.wires.ollama import Ollama
from bot.providers.wires.openai import OpenAI
from bot.providers.wires.responses import Responses

_MAKERS: Mapping[WireName, Callable[[ProviderRow, str, Http], Wire]] = {
    "openai": OpenAI,
    "responses": Responses,
    "ollama": Ollama,
    "gateway": Gateway,
    "anthropic": Anthropic,
    "google": Google,
    "cohere": Cohere,
}
"""Every wire that is made from a row, a key and the client."""

_MOST_BOUND = 256  # wires that are kept for credentials of single places and people


class Secret(Protocol):
    """A key that does not show itself."""

    def get_secret_value(self) -> str: ...


class Credentials(Protocol):
    """What reaches one provider, None where it is not set. ``base_url`` replaces the row's own.

    ``name`` is what the ledger calls it; "" for the name of the row's setting. Hashable, equal where it is the same.
    """

    @property
    def name(self) -> str: ...

    @property
    def organisation(self) -> str | None: ...

    @property
    def api_key(self) -> Secret | None: ...

    @property
    def base_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Wires:
    """The wires made of one provider's credentials: the row's own, and others that some of its models are asked by."""

    usual: Wire
    others: Mapping[WireName, Wire] = field(default_factory=dict)

    def name(self, row: ProviderRow, model: str) -> WireName:
        """By which of them a model is asked."""
        named = row.profile(model).wire
        return named if named is not None and named in self.others else row.wire

    def of(self, row: ProviderRow, model: str) -> Wire:
        """The one that a model is asked by."""
        return self.others.get(self.name(row, model), self.usual)


class Wiring:
    """Makes wires. What is guarded speaks through ``outside``, all else through ``http``."""

    def __init__(self, http: Http, outside: Http, demo: Wire | None) -> None:
        self._http, self._outside, self._demo = http, outside, demo
        self._bound: dict[tuple[str, Credentials], tuple[ProviderRow, Wires]] = {}  # the last used last

    def made(self, row: ProviderRow, credentials: Credentials | None, *, guarded: bool = False) -> Wires:
        """The row's wire; at its own address also those that some of its models are better asked by.

        ``guarded``: what an address of the credentials leads to is looked at before each connection, and so is that
        of a server of ours.
        """
        if row.wire == "demo":
            return Wires(self._demo or Demo())
        guarded = row.guarded or (guarded and (row.local or base_url(row, credentials) is not None))
        http = self._outside if guarded else self._http
        key, organisation = key_of(credentials), credentials.organisation if credentials else None
        if organisation and row.organisation_header:
            sent = (*row.headers, (row.organisation_header, organisation))
            row = replace(row, headers=sent)
        if (elsewhere := base_url(row, credentials)) is not None:
            quirks = row.quirks if row.quirks_travel else catalog.Quirks()
            row = replace(row, base_url=elsewhere, quirks=quirks, check_path="")
            return Wires(_MAKERS[row.wire](row, key, http))
        names = {profile.wire for profile in row.profiles if profile.wire} - {row.wire}
        others = {name: _MAKERS[name](row, key, http) for name in names}
        return Wires(_MAKERS[row.wire](row, key, http), others)

    def bound(self, row: ProviderRow, credentials: Credentials) -> Wires:
        """The wires of a call's own credentials. Kept, for a wire learns what its server understands.

        Those are of people and workspaces, who may not let Switchboard look around in its own network: guarded.
        """
        which = row.id, credentials
        kept = self._bound.pop(which, None)
        wires = kept[1] if kept is not None and kept[0] == row else self.made(row, credentials, guarded=True)
        self._bound[which] = row, wires
        if len(self._bound) > _MOST_BOUND:
            del self._bound[next(iter(self._bound))]
        return wires


def usable(row: ProviderRow, credentials: Credentials | None) -> bool:
    """Whether a row has what it cannot do without: a key or a base URL."""
    if row.wire == "demo" or (row.keyless and row.base_url):
        return True
    return credentials is not None and bool(credentials.base_url or (row.base_url and key_of(credentials)))


def base_url(row: ProviderRow, credentials: Credentials | None) -> str | None:
    """The base URL that stands in for the row's own, None where there is none."""
    given = (credentials.base_url or "").rstrip("/") if credentials is not None else ""
    return given if given and given != row.base_url else None


def key_of(credentials: Credentials | None) -> str:
    """The key itself, "" where there is none."""
    if credentials is None or credentials.api_key is None:
        return ""
    return credentials.api_key.get_secret_value()


def deadlines(row: ProviderRow, model: str, credentials: Credentials | None) -> Deadlines:
    """How long it may take: longer where it thinks unseen, or a server near us may have to load it."""
    if _is_near((credentials.base_url if credentials else None) or (row.base_url if row.guarded else "")):
        return Deadlines(first=catalog.FIRST_EVENT_LOADING)
    silent = row.profile(model).reasons
    return Deadlines(first=catalog.FIRST_EVENT_REASONING if silent else row.first_event)


def _is_near(address: str) -> bool:
    """Whether a server is on this machine or network, where it may have to load the model first."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".internal"))
