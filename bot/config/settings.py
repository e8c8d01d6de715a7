"""Process settings: the environment and `.env`, read once into one frozen `Config`.

A real environment variable wins over `.env`; an empty one counts as not set; unknown ones are ignored.
What people set while Switchboard runs (keys, budgets, defaults) stands in the database, not here.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from platformdirs import user_data_dir
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import SlackSettings
from bot.config import discord, forms, mail, ollama, sign_in, slack
from bot.config.ollama import OllamaSettings
from bot.net import addresses
from bot.net.mail import MailSettings
from bot.providers.catalog import CATALOG, ProviderRow
from web.sign_in_settings import SignInSettings

# Addresses to listen on that nobody can open, and what opens them on the same machine.
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound to


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What the environment says of one provider, None where it says nothing. `base_url` ends in no slash.

    `name` is that of the key's setting.
    """

    api_key: SecretStr | None = None
    base_url: str | None = None
    name: str = ""
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Every process setting, checked, with the defaults filled in.

    `port` 0 means any free port. `public_url` ends in no slash; `trusted_proxies` are addresses and networks;
    `database_url` is `postgres://...` or `sqlite:////absolute/path`. `data_dir` is absolute and may not exist yet.
    `secret_keys` are 32 bytes each, the newest first, none where they are not set; `default_model` is
    `provider/model-id`, or None to let the catalogue choose; `log_format` None means text on a terminal and JSON
    elsewhere. `providers` has every known id. `slack` has no apps and `discord` no tokens where none are set.
    """

    host: str
    port: int
    public_url: str
    trusted_proxies: tuple[str, ...]
    data_dir: Path
    database_url: str = field(repr=False)
    secret_keys: tuple[bytes, ...] = field(repr=False)
    default_model: str | None
    log_level: str
    log_format: Literal["text", "json"] | None
    providers: Mapping[str, ProviderSettings]
    slack: SlackSettings = field(default_factory=partial(SlackSettings, ()))
    discord: DiscordSettings = field(default_factory=partial(DiscordSettings, ()))
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    ollama: OllamaSettings = field(default_factory=OllamaSettings)
    mail: MailSettings | None = None

    def secrets(self) -> tuple[str, ...]:
        """Every secret that was loaded, in the spellings it may be met in, for the log's redactor."""
        found = [p.api_key.get_secret_value() for p in self.providers.values() if p.api_key]
        found += [
            encode(key).decode()
            for key in self.secret_keys
            for encode in (base64.b64encode, base64.urlsafe_b64encode)
        ]
        if password := urlsplit(self.database_url).password:
            found += [password, unquote(password)]
        ours = (
            slack.secrets(self.slack),
            discord.secrets(self.discord),
            self.sign_in.secrets(),
            mail.secrets(self.mail),
        )
        return (*found, *(secret for secrets in ours for secret in secrets))


def load(rows: Sequence[ProviderRow] = CATALOG, env_file: str | Path | None = ".env") -> Config:
    """Read the environment and `env_file` (which need not exist; None reads none). Raises `SettingError`."""
    model = _model(rows)
    try:
        raw = model(_env_file=env_file)
    except ValidationError as error:
        raise _setting_error(error, rows) from None
    except (OSError, UnicodeDecodeError) as error:
        raise forms.SettingError(
            str(env_file), f"a file that cannot be read ({error})", "lines of NAME=value"
        ) from None
    if raw.default_model and raw.default_model.partition("/")[0] not in (ids := [row.id for row in rows]):
        form = f"provider/model-id with one of the providers {', '.join(ids)}"
        raise forms.SettingError("DEFAULT_MODEL", forms.shown(raw.default_model), form)
    return _config(raw, rows)


def settings(rows: Sequence[ProviderRow] = CATALOG) -> dict[str, FieldInfo]:
    """Every setting there is: its name, and its default and its form (as `description`)."""
    return {str(info.alias): info for info in _model(rows).model_fields.values()}


class _Process(BaseSettings):
    """What is read, under the names people write. A description is the form a message asks for."""

    model_config = SettingsConfigDict(
        case_sensitive=True,
        env_ignore_empty=True,
        extra="ignore",
        validate_default=False,
        env_file_encoding="utf-8",
    )

    host: Annotated[str, BeforeValidator(forms.host)] = Field(
        "127.0.0.1", alias="HOST", description="the host name or IP address to listen on"
    )
    port: int = Field(
        8000, alias="PORT", ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one"
    )
    public_url: Annotated[str | None, BeforeValidator(forms.site_address)] = Field(
        None, alias="PUBLIC_URL", description="http:// or https://, a host and perhaps a port, without a path"
    )
    trusted_proxies: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(forms.proxies)] = Field(
        None,
        alias="TRUSTED_PROXIES",
        description="addresses and networks with commas between them, such as 127.0.0.1,10.0.0.0/8",
    )
    data: Annotated[Path | None, BeforeValidator(forms.data_dir)] = Field(
        None, alias="SWITCHBOARD_DATA", description="a folder, which is made when it does not exist"
    )
    database_url: Annotated[str | None, BeforeValidator(forms.database_url)] = Field(
        None,
        alias="DATABASE_URL",
        description="sqlite:///file or postgres://user:password@host:port/database",
    )
    secret_keys: Annotated[tuple[bytes, ...] | None, NoDecode, BeforeValidator(forms.secret_keys)] = Field(
        None,
        alias="SWITCHBOARD_SECRET_KEY",
        description="32 bytes in base64, as `openssl rand -base64 32` prints; several with commas, the newest first",
    )
    default_model: Annotated[str | None, BeforeValidator(forms.model_name)] = Field(
        None, alias="DEFAULT_MODEL", description="provider/model-id"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = Field(
        "info", alias="LOG_LEVEL", description="debug, info, warning or error"
    )
    log_format: Literal["text", "json"] | None = Field(None, alias="LOG_FORMAT", description="text or json")


class _Raw(
    sign_in.SignInFields,
    discord.DiscordFields,
    slack.SlackFields,
    mail.MailFields,
    ollama.OllamaFields,
    _Process,
):
    """Everything but the providers, which the catalogue names. The bases' fields come last base first."""


def _model(rows: Sequence[ProviderRow]) -> type[_Raw]:
    """The settings of the process, of Slack and Discord and, from the rows, of the providers."""
    fields: dict[str, Any] = {}
    for row in rows:
        if row.key_env:
            form = f"a key from {row.console_url or row.name}"
            kind = Annotated[SecretStr | None, BeforeValidator(forms.api_key)]
            fields[f"{row.id}_key"] = (kind, Field(None, alias=row.key_env, description=form))
        if row.base_url_env:
            url_kind = Annotated[str | None, BeforeValidator(addresses.web_address)]
            fields[f"{row.id}_url"] = (
                url_kind,
                Field(None, alias=row.base_url_env, description=row.base_url_form),
            )
    return create_model("_Settings", __base__=_Raw, **fields)


def _setting_error(error: ValidationError, rows: Sequence[ProviderRow]) -> forms.SettingError:
    """The first thing wrong, in words."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    ours = first.get("ctx", {}).get("error")
    return forms.SettingError(
        name, str(ours) if ours else forms.shown(first["input"]), settings(rows)[name].description or ""
    )


def _config(raw: _Raw, rows: Sequence[ProviderRow]) -> Config:
    data_dir = raw.data or Path(user_data_dir("switchboard", appauthor=False))
    host = _WILDCARDS.get(raw.host, raw.host)
    host = f"[{host}]" if ":" in host else host
    providers = {
        row.id: ProviderSettings(
            getattr(raw, f"{row.id}_key", None), getattr(raw, f"{row.id}_url", None), row.key_env
        )
        for row in rows
    }
    return Config(
        host=raw.host,
        port=raw.port,
        public_url=raw.public_url or f"http://{host}:{raw.port}",
        trusted_proxies=raw.trusted_proxies or (),
        data_dir=data_dir,
        database_url=raw.database_url or forms.sqlite_url(data_dir / "switchboard.db"),
        secret_keys=raw.secret_keys or (),
        default_model=raw.default_model,
        log_level=raw.log_level,
        log_format=raw.log_format,
        providers=MappingProxyType(providers),
        slack=slack.made(raw),
        discord=discord.made(raw),
        sign_in=sign_in.made(raw, slack_api=raw.slack_api_url, discord_api=raw.discord_api_url or ""),
        ollama=ollama.made(raw),
        mail=mail.made(raw),
    )
