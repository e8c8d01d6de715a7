"""The settings of Discord: how they are written, and the value of the adapter's that they become."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, NoReturn

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.config import forms
from bot.net import addresses

BOT_TOKEN = "DISCORD_BOT_TOKEN"  # noqa: S105 - a setting's name
_Secrets = tuple[SecretStr, ...]

# What else can be copied from an application's pages: a form, and what it is.
_OTHERS = (
    (r"(?i)(bot|bearer)\s.*", "the word “Bot” before the token; leave it out"),
    (r"\d{17,20}", "an application or user id; the token is on the page Bot"),
    (r"[0-9a-f]{64}", "the public key of the page General Information; the token is on the page Bot"),
    (r"https?://.*", "an address; the token is on the page Bot"),
    (r"[\w-]{32}", "the client secret of the page OAuth2; the token is on the page Bot"),
    (r"mfa\..*", "a person's token, which a bot must not use"),
)
_TOKEN = r"[\w-]+\.[\w-]+\.[\w-]+"  # noqa: S105 - the form of one


def _tokens(value: str) -> _Secrets:
    found = _listed(value)
    for token in found:
        _check(token)
    if len(set(found)) < len(found):
        raise ValueError("the same token twice")
    return tuple(map(SecretStr, found))


def _check(token: str) -> None:
    if not token:
        _wrong("nothing beside a comma")
    for form, what in _OTHERS:
        if re.fullmatch(form, token, re.ASCII):
            _wrong(what)
    if not re.fullmatch(_TOKEN, token, re.ASCII):
        _wrong("something that has not three parts of letters, digits, - and _ with dots between them")


def _wrong(what: str) -> NoReturn:
    raise ValueError(what)


def _listed(value: str) -> list[str]:
    return [each.strip() for each in value.split(",")]


def _bots(value: str) -> frozenset[str]:
    found = [each for each in _listed(value) if each]
    for each in found:
        if not re.fullmatch(r"\d{15,20}", each, re.ASCII):
            raise ValueError(forms.shown(each))
    return frozenset(found)


def _gateway_url(value: str) -> str:
    url = addresses.split(value.strip(), ("ws", "wss"))
    if not url.hostname or url.query or url.fragment:
        raise ValueError("an address without a host name, or with a ? or a # in it")
    return value.strip().rstrip("/")


_LIST = "; several with commas between them"
_OWN = "; without it Discord's own"


class DiscordFields(BaseSettings):
    """What is read, under the names people write."""

    discord_bot_token: Annotated[_Secrets | None, NoDecode, BeforeValidator(_tokens)] = Field(
        None,
        alias=BOT_TOKEN,
        description="a bot token, three parts with dots between them, from the page Bot of your application"
        f" at discord.com/developers{_LIST}",
    )
    discord_answers: Annotated[Answers, BeforeValidator(str.lower)] = Field(
        Answers.THREAD, alias="DISCORD_ANSWERS", description="thread or reply"
    )
    discord_bots: Annotated[frozenset[str] | None, NoDecode, BeforeValidator(_bots)] = Field(
        None, alias="DISCORD_BOTS", description=f"user ids of bots, like 198622483471925248{_LIST}"
    )
    discord_back_fill: int = Field(
        50, alias="DISCORD_BACK_FILL", ge=1, le=100, description="a whole number from 1 to 100"
    )
    discord_api_url: Annotated[str | None, BeforeValidator(addresses.web_address)] = Field(
        None,
        alias="DISCORD_API_URL",
        description=f"http:// or https://, a host and a path like /api/v10{_OWN}",
    )
    discord_gateway_url: Annotated[str | None, BeforeValidator(_gateway_url)] = Field(
        None, alias="DISCORD_GATEWAY_URL", description=f"ws:// or wss:// and a host{_OWN}"
    )
    discord_cdn_url: Annotated[str | None, BeforeValidator(addresses.web_address)] = Field(
        None, alias="DISCORD_CDN_URL", description=f"http:// or https:// and a host{_OWN}"
    )


def made(raw: DiscordFields) -> DiscordSettings:
    """What was read as the adapter's value, without tokens where none is set."""
    return DiscordSettings(
        tokens=tuple(each.get_secret_value() for each in raw.discord_bot_token or ()),
        api_url=raw.discord_api_url or "",
        gateway_url=raw.discord_gateway_url or "",
        cdn_url=raw.discord_cdn_url or "",
        answers=raw.discord_answers,
        bots=raw.discord_bots or frozenset(),
        back_fill=raw.discord_back_fill,
    )


def secrets(settings: DiscordSettings) -> Iterable[str]:
    """Every secret in them."""
    return settings.tokens
