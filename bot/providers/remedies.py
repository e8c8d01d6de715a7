"""What is wrong with a provider, and what an admin can do about it, in a sentence each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.core.errors import ProviderError
from bot.providers.rows.forms import ProviderRow


@dataclass(frozen=True, slots=True)
class Remedy:
    """``found`` is a sentence; ``fix`` says what to do, without a full stop, "" where only time helps."""

    found: str
    fix: str = ""

    @property
    def sentence(self) -> str:
        """Both."""
        return f"{self.found} {self.fix[:1].upper()}{self.fix[1:]}." if self.fix else self.found


def remedy(row: ProviderRow | None, error: ProviderError, base_url: str = "") -> Remedy:
    """What a failure asks for. ``base_url`` is where the provider was asked, "" where that is its own address."""
    of_all = _ALWAYS.get(error.kind) or (None if error.model else _WITHOUT_A_MODEL.get(error.kind))
    return Remedy(error.say) if row is None or of_all is None else of_all(row, base_url)


def _rejected(row: ProviderRow, _: str) -> Remedy:
    return Remedy(f"{row.name} rejected the key.", _new_key(row))


def _empty(row: ProviderRow, _: str) -> Remedy:
    where = f" at {row.console_url}" if row.console_url else ""
    return Remedy(f"The account at {row.name} has no credit left.", f"top it up{where}")


def _unreached(row: ProviderRow, base_url: str) -> Remedy:
    return Remedy(f"{row.name} could not be reached{_at(base_url)}.", _reach(row, base_url))


def _late(row: ProviderRow, base_url: str) -> Remedy:
    return Remedy(f"{row.name} did not answer in time{_at(base_url)}.", _reach(row, base_url))


def _misunderstood(row: ProviderRow, base_url: str) -> Remedy:
    return Remedy(f"{row.name} did not understand the request{_at(base_url)}.", _address(row))


def _new_key(row: ProviderRow) -> str:
    where = f" at {row.console_url}" if row.console_url else ""
    set_ = f", or set {row.key_env}" if row.key_env else ""
    return f"make a new one{where} and enter it with `switchboard keys add {row.id}`{set_}"


def _at(base_url: str) -> str:
    """The host alone: an address may carry a password."""
    host = urlsplit(base_url).hostname if base_url else None
    return f" at {host}" if host else ""


def _reach(row: ProviderRow, base_url: str) -> str:
    if row.local:
        return f"start it, or let {row.base_url_env} say where it runs"
    if base_url and row.base_url_env:
        return f"look whether {row.base_url_env} or the stored key's address is right, and the server runs"
    return "look at this machine's network, or wait until the provider is back"


def _address(row: ProviderRow) -> str:
    setting = f"{row.base_url_env} or the stored key's address" if row.base_url_env else "its address"
    return f"look whether {setting} is right: {row.base_url_form}"


_For = Mapping[str, Callable[[ProviderRow, str], Remedy]]

_ALWAYS: _For = MappingProxyType({"auth": _rejected, "quota": _empty, "network": _unreached})
_WITHOUT_A_MODEL: _For = MappingProxyType(
    {"timeout": _late, "model": _misunderstood, "request": _misunderstood}
)
