"""What a doctor can find out about Slack from outside: tokens, scopes, the way in, clocks."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.slack.settings import POST_PATH, Agent, App, SlackSettings
from bot.adapters.slack.setup import scopes
from bot.adapters.slack.workspaces import FAILURES, client, code_of, session
from bot.core.check import Check, failed, ok, warning

PATIENCE = 8.0  # seconds for all of it
_MOST_DRIFT = 5.0  # seconds
_INSTALL = "paste the manifest again (`switchboard manifest slack`), then install the app again on its page"
_TOKEN = "copy the Bot User OAuth Token from the app's page OAuth & Permissions"  # noqa: S105 - words about one
_APP_TOKEN = "make an app-level token with connections:write on the app's page Basic Information"  # noqa: S105
_REASONS = {
    "account_inactive": "the app was removed from its workspace or deactivated",
    "invalid_auth": "Slack does not know it",
    "not_allowed_token_type": "it is a token of another kind",
    "not_authed": "Slack does not know it",
    "token_expired": "it has expired",
    "token_revoked": "it was revoked",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What auth.test said of one token."""

    check: Check
    team: str = ""
    name: str = ""
    granted: frozenset[str] | None = None  # None where Slack did not say
    date: str = ""


async def checks(
    settings: SlackSettings,
    public_url: str,
    *,
    patience: float = PATIENCE,
    now: Callable[[], float] = time.time,
) -> tuple[Check, ...]:
    """Everything about Slack, a line each. Asks all at once and never raises; no line holds a secret."""
    async with session() as opened:

        def asking(token: str) -> AsyncWebClient:
            return client(opened, settings, token)

        tokens = [token for app in settings.apps for token in app.bot_tokens]
        asked = [_told(number, asking(token), patience) for number, token in enumerate(tokens, 1)]
        doors = [
            _socket(_of("SLACK_APP_TOKEN", number, len(settings.apps)), asking(app.app_token), patience)
            for number, app in enumerate(settings.apps, 1)
            if app.app_token
        ]
        told, sockets = await asyncio.gather(asyncio.gather(*asked), asyncio.gather(*doors))
    found = [each.check for each in told]
    found += [line for each in told for line in _scopes(settings, each)]
    found += _twice(told)
    found += sockets
    found += [line for app in settings.apps for line in _posts(app, public_url)]
    found += _drift([each.date for each in told if each.date][:1], now())
    return (*found, _prefix(settings))


def _of(setting: str, number: int, of: int) -> str:
    return setting if of == 1 else f"{setting}, number {number}"


async def _told(number: int, asking: AsyncWebClient, patience: float) -> _Told:
    subject = f"Slack, bot token {number}"
    try:
        async with asyncio.timeout(patience):
            answer = await asking.auth_test()
    except (SlackApiError, *FAILURES) as error:
        return _Told(_trouble(subject, error, asking, _TOKEN))
    team, name = str(answer["team_id"]), str(answer.get("team") or answer["team_id"])
    found = f"{name} ({team}) knows the bot as {answer.get('user')} ({answer.get('user_id')})."
    headers = _headers(answer)
    listed = headers.get("x-oauth-scopes")
    granted = None if listed is None else frozenset(filter(None, re.split(r"[,\s]+", listed)))
    return _Told(ok(subject, found), team, name, granted, headers.get("date", ""))


async def _socket(setting: str, asking: AsyncWebClient, patience: float) -> Check:
    try:
        async with asyncio.timeout(patience):
            await asking.apps_connections_open(app_token=str(asking.token))
    except (SlackApiError, *FAILURES) as error:
        return _trouble("Slack, Socket Mode", error, asking, _APP_TOKEN, setting)
    return ok("Slack, Socket Mode", f"Slack opens a connection for {setting}; no public address is needed.")


def _trouble(
    subject: str, error: Exception, asking: AsyncWebClient, fix: str, setting: str = "The token"
) -> Check:
    """In words, without anything of the token."""
    if not isinstance(error, SlackApiError):
        host = urlsplit(asking.base_url).netloc
        what = "did not answer in time" if isinstance(error, TimeoutError) else "cannot be reached"
        return failed(subject, f"{host} {what}.", "look at the network of this machine and at SLACK_API_URL")
    code, status = code_of(error), error.response.status_code
    if code == "ratelimited":
        return warning(subject, "Slack asks for a pause.", "try again in a minute")
    if code == "missing_scope":
        return failed(subject, f"{setting} lacks the scope {error.response.get('needed')}.", fix)
    if code in _REASONS:
        return failed(subject, f"{setting} does not work: {_REASONS[code]}.", fix)
    said = f"“{code}”" if re.fullmatch(r"[a-z_]+", code) else f"with status {status}"
    return failed(subject, f"Slack answers {said}.", "try again in a minute; then look at status.slack.com")


def _headers(answer: AsyncSlackResponse) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in answer.headers.items()}


def _scopes(settings: SlackSettings, told: _Told) -> Iterator[Check]:
    """A line for each scope that is missing, or one that says that none is."""
    if not told.team:
        return
    subject = f"Slack, scopes in {told.name}"
    if told.granted is None:
        yield warning(subject, "Slack did not say which scopes the token has.", "look on OAuth & Permissions")
        return
    agent = _is_agent(settings, told.granted)
    missing = scopes.missing(told.granted, agent=agent)
    for scope in missing:
        line = failed if scope.vital else warning
        yield line(subject, f"{scope.name} is missing: {scope.without}.", _INSTALL)
    if not missing:
        yield ok(subject, f"all {len(scopes.scopes(agent=agent))} are granted.")
    yield ok(f"Slack, agent view in {told.name}", _view(settings, agent=agent))


def _is_agent(settings: SlackSettings, granted: Collection[str]) -> bool:
    return "assistant:write" in granted if settings.agent is Agent.AUTO else settings.agent is Agent.ON


def _view(settings: SlackSettings, *, agent: bool) -> str:
    if settings.agent is not Agent.AUTO:
        return f"{settings.agent}, as SLACK_AGENT says."
    return f"{'on, for the token has' if agent else 'off, for the token has not'} assistant:write."


def _twice(told: Collection[_Told]) -> Iterator[Check]:
    seen = set[str]()
    for each in told:
        if each.team in seen:
            found = f"two bot tokens are of {each.name}; the first one speaks there."
            yield warning("Slack, workspaces", found, "leave one of them out of SLACK_BOT_TOKEN")
        seen |= {each.team} - {""}


def _posts(app: App, public_url: str) -> Iterator[Check]:
    """Of an app that Slack posts to: the secret's form, and whether Slack can get here at all."""
    if not app.signing_secret:
        return
    if not re.fullmatch(r"[0-9a-f]{32}", app.signing_secret):
        found = "SLACK_SIGNING_SECRET is not of the form that Slack gives: 32 of 0-9 and a-f."
        fix = "copy Signing Secret (not Client Secret) from the app's page Basic Information"
        yield warning("Slack, signing secret", found, fix)
    if app.app_token:
        return
    url = urlsplit(public_url)
    if url.scheme != "https" or url.hostname in ("localhost", "127.0.0.1", "::1"):
        found = f"without Socket Mode Slack has to post to {public_url}{POST_PATH}, which it cannot."
        yield failed("Slack, HTTP", found, "set PUBLIC_URL to an https:// address, or SLACK_APP_TOKEN")
    else:
        yield ok(
            "Slack, HTTP", f"Slack posts to {public_url}{POST_PATH}; the app's page says whether it can."
        )


def _drift(dates: Collection[str], now: float) -> Iterator[Check]:
    for date in dates:
        try:
            drift = now - parsedate_to_datetime(date).timestamp()
        except ValueError:
            return
        if abs(drift) < _MOST_DRIFT + 1:  # the header leaves out fractions, and the answer took its time
            yield ok("clock", "it agrees with Slack's within a few seconds.")
        else:
            side = "ahead of" if drift > 0 else "behind"
            found = f"it is {abs(drift):.0f} seconds {side} Slack's; from 300 on posts of Slack are refused."
            yield warning("clock", found, "let the machine keep its time by NTP: timedatectl set-ntp true")


def _prefix(settings: SlackSettings) -> Check:
    subject = "Slack, commands"
    if settings.prefix:
        return ok(subject, f"they begin with /{settings.prefix}, if the manifest was made with that prefix.")
    return ok(
        subject,
        "they have no prefix: where another app has a /model too, the one installed last gets it.",
        "SLACK_COMMAND_PREFIX=sb- and a manifest made with --prefix sb- keep them apart",
    )
