"""The forms that settings have: each function takes what was written, and raises ValueError with what is wrong."""

from __future__ import annotations

import base64
import binascii
import re
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.core.errors import SwitchboardError
from bot.net.addresses import split, web_address

_SECRET_KEY_BYTES = 32
_LONGEST_SHOWN = 30


class SettingError(SwitchboardError):
    """A setting is wrong. One line: its name, what was found (never a secret), its form, where to get it."""

    def __init__(self, name: str, found: str, form: str) -> None:
        self.name = name
        super().__init__(say=f"{name}: found {found}, expected {form}. See {name} in .env.example.")


def shown(value: object) -> str:
    """`value` for a message. Long ones keep to themselves: a key pasted in the wrong place is long."""
    text = str(value)
    return f'"{text}"' if text.isprintable() and len(text) <= _LONGEST_SHOWN else f"{len(text)} characters"


def host(value: str) -> str:
    """A host name or an address."""
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
        raise ValueError(shown(value))
    return value


def site_address(value: str) -> str:
    """The same without a path."""
    address = web_address(value)
    if urlsplit(address).path:
        raise ValueError("an address with a path")
    return address


def proxies(value: str) -> tuple[str, ...]:
    """Addresses and networks with commas between them: `10.0.0.7`, `10.0.0.0/8`, `::1`."""
    named = tuple(part.strip() for part in value.split(",") if part.strip())
    for one in named:
        try:
            ip_network(one)
        except ValueError:
            raise ValueError(shown(one)) from None
    return named


def database_url(value: str) -> str:
    """One form for each database: `sqlite:////absolute/path`, `postgres://...`."""
    url = split(value.strip(), ("sqlite", "postgres", "postgresql"))
    name = url.path.removeprefix("/")
    if url.scheme == "sqlite":
        if url.netloc or not name:
            raise ValueError("no file after sqlite:///")
        return sqlite_url(Path(name))
    if not name:
        raise ValueError("no database after the host")
    return url._replace(scheme="postgres").geturl()


def sqlite_url(file: Path) -> str:
    """A file in the form of a database URL."""
    return f"sqlite:///{file.expanduser().absolute()}"


def data_dir(value: str) -> Path:
    """A folder, which may not exist yet."""
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"{shown(value)}, which is a file")
    return path


def secret_keys(value: str) -> tuple[bytes, ...]:
    """32 bytes in base64, of either alphabet; perhaps several with commas between them."""
    return tuple(_secret_key(part) for part in value.split(",") if part.strip())


def _secret_key(value: str) -> bytes:
    try:
        key = base64.b64decode(value.strip().translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("something that is not base64") from None
    if len(key) != _SECRET_KEY_BYTES:
        raise ValueError(f"{len(key)} bytes")
    return key


def api_key(value: str) -> SecretStr:
    """A key of a provider."""
    key = value.strip()
    # Anything else cannot travel in a header, and is a slip in copying.
    if not re.fullmatch(r"[!-~]+", key):
        raise ValueError("a space or a special character in the key")
    return SecretStr(key)


def client_id(value: str) -> str:
    """The id of an OAuth app: digits, perhaps with a dot in between."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value.strip()):
        raise ValueError(shown(value))
    return value.strip()


def model_name(value: str) -> str:
    """A model as ``provider/model-id``."""
    if not re.fullmatch(r"[a-z0-9_-]+/\S+", value):
        raise ValueError(shown(value))
    return value
