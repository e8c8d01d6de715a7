"""The settings of Slack: how they are written, and the value of the adapter's that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, NoReturn

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from bot.adapters.slack.settings import API_URL, Agent, App, SlackSettings, Streaming
from bot.config import forms
from bot.config.forms import SettingError
from bot.net import addresses

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"
_KINDS = {
    "xoxb-": f"a bot token (xoxb-), which belongs in {BOT_TOKEN}",
    "xapp-": f"an app token (xapp-), which belongs in {APP_TOKEN}",
    "xoxp-": "a person's token (xoxp-)",
    "xoxe": "a token that rotates (xoxe), which would end after twelve hours",
}
_Secrets = tuple[SecretStr, ...]


def _listed(value: str) -> list[str]:
    return [each.strip() for each in value.split(",")]


def _tokens(begins: str) -> Callable[[str], _Secrets]:
    """Takes tokens of one kind, which ``begins`` tells; "" takes what is no token of Slack's."""

    def taken(value: str) -> _Secrets:
        found = _listed(value)
        for token in found:
            _refuse(token, begins)
        if begins and len(set(found)) < len(found):
            raise ValueError("the same token twice")
        return tuple(map(SecretStr, found))

    return taken


def _refuse(token: str, begins: str) -> None:
    if not token:
        raise ValueError("nothing beside a comma")
    kind = next((each for each in _KINDS if token.startswith(each)), "")
    if kind and kind != begins:
        raise ValueError(_KINDS[kind])
    if begins and not kind:
        raise ValueError(f"something that does not begin {begins}")
    # As with keys of providers: anything else is a slip in copying.
    if not re.fullmatch(r"[!-~]+", token) or token == begins:
        raise ValueError("a space, a special character or nothing at all where the secret should be")


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]{1,16}", value):
        raise ValueError(forms.shown(value))
    return value


def _bots(value: str) -> frozenset[str]:
    found = [each for each in _listed(value) if each]
    for each in found:
        if not re.fullmatch(r"[ABUW][A-Z0-9]{2,}", each):
            raise ValueError(forms.shown(each))
    return frozenset(found)


def _api_url(value: str) -> str:
    return f"{addresses.web_address(value)}/"


_LIST = "; several with commas between them"
_Read = Annotated[_Secrets | None, NoDecode]


class SlackFields(BaseSettings):
    """What is read, under the names people write."""

    slack_bot_token: Annotated[_Read, BeforeValidator(_tokens("xoxb-"))] = Field(
        None,
        alias=BOT_TOKEN,
        description=f"a bot token, which begins xoxb-, from your app's page OAuth & Permissions{_LIST}",
    )
    slack_app_token: Annotated[_Read, BeforeValidator(_tokens("xapp-"))] = Field(
        None,
        alias=APP_TOKEN,
        description="an app-level token with connections:write, which begins xapp-, from your app's page "
        f"Basic Information{_LIST}",
    )
    slack_signing_secret: Annotated[_Read, BeforeValidator(_tokens(""))] = Field(
        None,
        alias=SIGNING_SECRET,
        description=f"the signing secret from your app's page Basic Information{_LIST}",
    )
    slack_api_url: Annotated[str, BeforeValidator(_api_url)] = Field(
        API_URL, alias="SLACK_API_URL", description="http:// or https://, a host and a path like /api/"
    )
    slack_command_prefix: Annotated[str | None, BeforeValidator(_prefix)] = Field(
        None, alias="SLACK_COMMAND_PREFIX", description="up to 16 of a-z, 0-9, - and _, without the /"
    )
    slack_streaming: Annotated[Streaming, BeforeValidator(str.lower)] = Field(
        Streaming.DM, alias="SLACK_STREAMING", description="dm, everywhere or off"
    )
    slack_agent: Annotated[Agent, BeforeValidator(str.lower)] = Field(
        Agent.AUTO, alias="SLACK_AGENT", description="auto, on or off"
    )
    slack_bots: Annotated[frozenset[str] | None, NoDecode, BeforeValidator(_bots)] = Field(
        None, alias="SLACK_BOTS", description=f"ids of bots, apps or their users, like B0123456789{_LIST}"
    )
    slack_updates_per_minute: int = Field(
        50, alias="SLACK_UPDATES_PER_MINUTE", ge=1, le=1000, description="a whole number from 1 to 1000"
    )
    slack_stream_bytes: int = Field(
        9000, alias="SLACK_STREAM_BYTES", ge=1000, le=12_000, description="a whole number from 1000 to 12000"
    )
    slack_stream_seconds: int = Field(
        255, alias="SLACK_STREAM_SECONDS", ge=10, le=3600, description="a whole number from 10 to 3600"
    )


def made(raw: SlackFields) -> SlackSettings:
    """What was read as the adapter's value, without apps where no token is set. Raises SettingError."""
    bots, apps, signing = map(_words, (raw.slack_bot_token, raw.slack_app_token, raw.slack_signing_secret))
    _check(bots, apps, signing)
    return SlackSettings(
        apps=_paired(bots, apps, signing),
        api_url=raw.slack_api_url,
        prefix=raw.slack_command_prefix or "",
        streaming=raw.slack_streaming,
        agent=raw.slack_agent,
        bots=raw.slack_bots or frozenset(),
        updates_per_minute=raw.slack_updates_per_minute,
        stream_bytes=raw.slack_stream_bytes,
        stream_seconds=raw.slack_stream_seconds,
    )


def _words(values: _Secrets | None) -> tuple[str, ...]:
    return tuple(each.get_secret_value() for each in values or ())


def _check(bots: Sequence[str], apps: Sequence[str], signing: Sequence[str]) -> None:
    for name, values in ((APP_TOKEN, apps), (SIGNING_SECRET, signing)):
        if values and not bots:
            _fail(name, f"it without {BOT_TOKEN}", f"{BOT_TOKEN} beside it, a token that begins xoxb-")
        if len(values) > len(bots):
            _fail(name, f"{len(values)} for {len(bots)} in {BOT_TOKEN}", f"at most as many as in {BOT_TOKEN}")
    if apps and signing and len(apps) != len(signing):
        _fail(SIGNING_SECRET, f"{len(signing)} for {len(apps)} in {APP_TOKEN}", f"as many as in {APP_TOKEN}")
    if bots and not apps and not signing:
        ways = f"{APP_TOKEN} beside it (Socket Mode; no public address) or {SIGNING_SECRET} (Slack posts to PUBLIC_URL)"
        _fail(BOT_TOKEN, "it alone", ways)


def _fail(name: str, found: str, form: str) -> NoReturn:
    raise SettingError(name, found, form)


def _paired(bots: Sequence[str], apps: Sequence[str], signing: Sequence[str]) -> tuple[App, ...]:
    """By position, the last of a shorter list for the rest: one app in several workspaces."""
    found: dict[tuple[str, str], list[str]] = {}
    for position, bot in enumerate(bots):
        found.setdefault((_at(apps, position), _at(signing, position)), []).append(bot)
    return tuple(App(tuple(tokens), app, secret) for (app, secret), tokens in found.items())


def _at(values: Sequence[str], position: int) -> str:
    return values[min(position, len(values) - 1)] if values else ""


def secrets(settings: SlackSettings) -> Iterable[str]:
    """Every secret in them."""
    for app in settings.apps:
        yield from (secret for secret in (*app.bot_tokens, app.app_token, app.signing_secret) if secret)
