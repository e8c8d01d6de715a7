"""Process settings: the environment and `.env`, read once into one frozen `Config`.

A real environment variable wins over `.env`; an empty one counts as not set; unknown ones are ignored.
What people set while Switchboard runs (keys, budgets, defaults) stands in the database, not here.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from platformdirs import user_data_dir
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import SwitchboardError
from bot.providers.catalog import CATALOG, ProviderRow

_SECRET_KEY_BYTES = 32
_LONGEST_SHOWN = 30
# Addresses to listen on that nobody can open, and what opens them on the same machine.
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound to


class SettingError(SwitchboardError):
    """A setting is wrong. One line: its name, what was found (never a secret), its form, where to get it."""

    def __init__(self, name: str, found: str, form: str) -> None:
        self.name = name
        super().__init__(say=f"{name}: found {found}, expected {form}. See {name} in .env.example.")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What the environment says of one provider, None where it says nothing. `base_url` ends in no slash."""

    api_key: SecretStr | None = None
    base_url: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Every process setting, checked, with the defaults filled in.

    `port` 0 means any free port. `public_url` ends in no slash; `database_url` is `postgres://...` or
    `sqlite:////absolute/path`. `data_dir` is absolute and may not exist yet. `secret_key` is 32 bytes, or
    None where it is not set; `default_model` is `provider/model-id`, or None to let the catalogue
    choose; `log_format` None means text on a terminal and JSON elsewhere. `providers` has every known id.
    """

    host: str
    port: int
    public_url: str
    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: bytes | None = field(repr=False)
    default_model: str | None
    log_level: str
    log_format: Literal["text", "json"] | None
    providers: Mapping[str, ProviderSettings]

    def secrets(self) -> tuple[str, ...]:
        """Every secret that was loaded, in the spellings it may be met in, for the log's redactor."""
        found = [p.api_key.get_secret_value() for p in self.providers.values() if p.api_key]
        if self.secret_key:
            found += [
                encode(self.secret_key).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode)
            ]
        if password := urlsplit(self.database_url).password:
            found += [password, unquote(password)]
        return tuple(found)


def load(rows: Sequence[ProviderRow] = CATALOG, env_file: str | Path | None = ".env") -> Config:
    """Read the environment and `env_file` (which need not exist; None reads none). Raises `SettingError`."""
    model = _model(rows)
    try:
        raw = model(_env_file=env_file)
    except ValidationError as error:
        raise _setting_error(error, rows) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            str(env_file), f"a file that cannot be read ({error})", "lines of NAME=value"
        ) from None
    if raw.default_model and raw.default_model.partition("/")[0] not in (ids := [row.id for row in rows]):
        form = f"provider/model-id with one of the providers {', '.join(ids)}"
        raise SettingError("DEFAULT_MODEL", _shown(raw.default_model), form)
    return _config(raw, rows)


def settings(rows: Sequence[ProviderRow] = CATALOG) -> dict[str, FieldInfo]:
    """Every setting there is: its name, and its default and its form (as `description`)."""
    return {str(info.alias): info for info in _model(rows).model_fields.values()}


def _shown(value: object) -> str:
    """`value` for a message. Long ones keep to themselves: a key pasted in the wrong place is long."""
    text = str(value)
    return f'"{text}"' if text.isprintable() and len(text) <= _LONGEST_SHOWN else f"{len(text)} characters"


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
        raise ValueError(_shown(value))
    return value


def _split(value: str, schemes: Sequence[str]) -> SplitResult:
    try:
        url = urlsplit(value)
        usable = url.scheme in schemes and (url.port is None or url.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"an address that does not begin with {' or '.join(s + '://' for s in schemes)}")
    return url


def _web_address(value: str) -> str:
    url = _split(value.strip(), ("http", "https"))
    if not url.hostname or re.search(r"\s", value.strip()):
        raise ValueError("an address without a usable host name")
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("an address with a user name, a password, a ? or a # in it")
    return value.strip().rstrip("/")


def _site_address(value: str) -> str:
    address = _web_address(value)
    if urlsplit(address).path:
        raise ValueError("an address with a path")
    return address


def _database_url(value: str) -> str:
    """One form for each database: `sqlite:////absolute/path`, `postgres://...`."""
    url = _split(value.strip(), ("sqlite", "postgres", "postgresql"))
    name = url.path.removeprefix("/")
    if url.scheme == "sqlite":
        if url.netloc or not name:
            raise ValueError("no file after sqlite:///")
        return _sqlite_url(Path(name))
    if not name:
        raise ValueError("no database after the host")
    return url._replace(scheme="postgres").geturl()


def _sqlite_url(file: Path) -> str:
    return f"sqlite:///{file.expanduser().absolute()}"


def _data_dir(value: str) -> Path:
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"{_shown(value)}, which is a file")
    return path


def _secret_key(value: str) -> bytes:
    try:
        key = base64.b64decode(value.strip().translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("something that is not base64") from None
    if len(key) != _SECRET_KEY_BYTES:
        raise ValueError(f"{len(key)} bytes")
    return key


def _api_key(value: str) -> SecretStr:
    key = value.strip()
    # Anything else cannot travel in a header, and is a slip in copying.
    if not re.fullmatch(r"[!-~]+", key):
        raise ValueError("a space or a special character in the key")
    return SecretStr(key)


def _model_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+/\S+", value):
        raise ValueError(_shown(value))
    return value


class _Process(BaseSettings):
    """What is read, under the names people write. A description is the form a message asks for."""

    model_config = SettingsConfigDict(
        case_sensitive=True,
        env_ignore_empty=True,
        extra="ignore",
        validate_default=False,
        env_file_encoding="utf-8",
    )

    host: Annotated[str, BeforeValidator(_host)] = Field(
        "127.0.0.1", alias="HOST", description="the host name or IP address to listen on"
    )
    port: int = Field(
        8000, alias="PORT", ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one"
    )
    public_url: Annotated[str | None, BeforeValidator(_site_address)] = Field(
        None, alias="PUBLIC_URL", description="http:// or https://, a host and perhaps a port, without a path"
    )
    data: Annotated[Path | None, BeforeValidator(_data_dir)] = Field(
        None, alias="SWITCHBOARD_DATA", description="a folder, which is made when it does not exist"
    )
    database_url: Annotated[str | None, BeforeValidator(_database_url)] = Field(
        None,
        alias="DATABASE_URL",
        description="sqlite:///file or postgres://user:password@host:port/database",
    )
    secret_key: Annotated[bytes | None, BeforeValidator(_secret_key)] = Field(
        None,
        alias="SWITCHBOARD_SECRET_KEY",
        description="32 bytes in base64, as `openssl rand -base64 32` prints",
    )
    default_model: Annotated[str | None, BeforeValidator(_model_name)] = Field(
        None, alias="DEFAULT_MODEL", description="provider/model-id"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = Field(
        "info", alias="LOG_LEVEL", description="debug, info, warning or error"
    )
    log_format: Literal["text", "json"] | None = Field(None, alias="LOG_FORMAT", description="text or json")


def _model(rows: Sequence[ProviderRow]) -> type[_Process]:
    """The settings of the process and, from the rows, those of the providers."""
    fields: dict[str, Any] = {}
    for row in rows:
        if row.key_env:
            form = f"a key from {row.console_url or row.name}"
            kind = Annotated[SecretStr | None, BeforeValidator(_api_key)]
            fields[f"{row.id}_key"] = (kind, Field(None, alias=row.key_env, description=form))
        if row.base_url_env:
            form = "http:// or https:// and a host, usually with /v1 at the end"
            url_kind = Annotated[str | None, BeforeValidator(_web_address)]
            fields[f"{row.id}_url"] = (url_kind, Field(None, alias=row.base_url_env, description=form))
    return create_model("_Settings", __base__=_Process, **fields)


def _setting_error(error: ValidationError, rows: Sequence[ProviderRow]) -> SettingError:
    """The first thing wrong, in words."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    ours = first.get("ctx", {}).get("error")
    return SettingError(
        name, str(ours) if ours else _shown(first["input"]), settings(rows)[name].description or ""
    )


def _config(raw: _Process, rows: Sequence[ProviderRow]) -> Config:
    data_dir = raw.data or Path(user_data_dir("switchboard", appauthor=False))
    host = _WILDCARDS.get(raw.host, raw.host)
    host = f"[{host}]" if ":" in host else host
    providers = {
        row.id: ProviderSettings(getattr(raw, f"{row.id}_key", None), getattr(raw, f"{row.id}_url", None))
        for row in rows
    }
    return Config(
        host=raw.host,
        port=raw.port,
        public_url=raw.public_url or f"http://{host}:{raw.port}",
        data_dir=data_dir,
        database_url=raw.database_url or _sqlite_url(data_dir / "switchboard.db"),
        secret_key=raw.secret_key,
        default_model=raw.default_model,
        log_level=raw.log_level,
        log_format=raw.log_format,
        providers=MappingProxyType(providers),
    )
