"""The workspaces that our tokens open, each with the client that speaks for us there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.slack.settings import Agent, App, SlackSettings
from bot.core.errors import PlatformDown, SwitchboardError

log = logging.getLogger(__name__)

# Of the session that speaks to Slack; RuntimeError where it is closed.
CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError, OSError, RuntimeError)
# All that a call of a client may raise, refusals too.
FAILURES = (*CONNECTION_ERRORS, SlackClientError)
Session: TypeAlias = aiohttp.ClientSession
Socket: TypeAlias = aiohttp.ClientWebSocketResponse
_TIMEOUT = aiohttp.ClientTimeout(total=10.0, connect=5.0)
FILE_TIMEOUT = aiohttp.ClientTimeout(total=40.0, connect=5.0)  # for a file's bytes
_DEAD = {
    "account_inactive": "it was deactivated",
    "invalid_auth": "Slack does not know it",
    "not_authed": "Slack does not know it",
    "token_expired": "it has expired",
    "token_revoked": "it was revoked",
}
_GET_ONE = (
    "Install the app again on its page at api.slack.com/apps and put the new token into SLACK_BOT_TOKEN."
)


class SlackNotReady(SwitchboardError):
    """Nothing of Slack works until somebody changes a setting, or Slack is back; ``say`` tells which."""


def session() -> aiohttp.ClientSession:
    """The one session of the edge. Its deadlines hold for every call, as the client's own then do not count."""
    return aiohttp.ClientSession(timeout=_TIMEOUT)


def client(session: aiohttp.ClientSession, settings: SlackSettings, token: str | None) -> AsyncWebClient:
    """A client with this token. It tries nothing a second time: whether to is for the caller to know."""
    return AsyncWebClient(token=token, base_url=settings.api_url, session=session, retry_handlers=[])


@dataclass(slots=True, eq=False)
class Workspace:
    """One workspace as ``auth.test`` describes it. ``lacks`` are the native ways that it has turned down for good.

    ``admins`` remembers by user who is one, and until when that is believed.
    """

    team: str
    name: str
    url: str
    bot_user: str  # U..., what people mention
    bot: str  # B...
    app: str  # A..., "" where Slack did not say
    scopes: frozenset[str]
    agent: bool
    client: AsyncWebClient
    lacks: set[str] = field(default_factory=set)
    admins: dict[str, tuple[bool, float]] = field(default_factory=dict)


class Workspaces:
    """Every workspace that is connected, by its team id."""

    def __init__(self) -> None:
        self._by_team: dict[str, Workspace] = {}
        self.known = False  # whether every token was asked at least once

    def __iter__(self) -> Iterator[Workspace]:
        return iter(self._by_team.values())

    def add(self, workspace: Workspace) -> None:
        """Connect a workspace, or renew it."""
        self._by_team[workspace.team] = workspace

    def drop(self, team: str) -> None:
        """It has thrown us out, or its token was revoked."""
        self._by_team.pop(team, None)

    def get(self, team: str) -> Workspace | None:
        """The workspace, None where no token opens it."""
        return self._by_team.get(team)

    def forget(self) -> None:
        """Nothing is connected any more, and every token is to be asked again."""
        self._by_team.clear()
        self.known = False


async def connect(
    settings: SlackSettings, speaking: aiohttp.ClientSession, workspaces: Workspaces
) -> tuple[str, ...]:
    """Ask every bot token which workspace it opens. Returns sentences on those that open none.

    Raises PlatformDown where Slack cannot be reached.
    """
    troubles = []
    for app in settings.apps:
        for token in app.bot_tokens:
            try:
                workspace = await _asked(settings, app, client(speaking, settings, token))
            except SlackApiError as error:
                troubles.append(_trouble(token, error))
                continue
            except FAILURES as error:
                raise _away(error) from error
            _enter(workspaces, workspace)
    workspaces.known = True
    return tuple(troubles)


def code_of(error: SlackApiError) -> str:
    """Slack's word for what is wrong, "" where something before it answered, with a page of its own."""
    body = error.response.data
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def dead(name: str, reason: str = "token_revoked") -> str:
    """The sentence on a token that opens nothing any more. ``name`` is the workspace's, or the token's end."""
    return f"{name}: the bot token does not work any more, {_DEAD.get(reason, reason)}. {_GET_ONE}"


def _enter(workspaces: Workspaces, workspace: Workspace) -> None:
    if (first := workspaces.get(workspace.team)) is None:
        workspaces.add(workspace)
    elif first.client.token != workspace.client.token:
        log.warning("two bot tokens are of %s; the first in the settings speaks there", workspace.name)


def _trouble(token: str, error: SlackApiError) -> str:
    code = code_of(error)
    if error.response.status_code >= 500 or code not in _DEAD:
        raise _away(error) from error
    # The last letters tell tokens apart without giving them away.
    sentence = dead(f"The workspace of the token that ends in {token[-4:]}", code)
    log.warning("%s", sentence)
    return sentence


def _away(error: Exception) -> PlatformDown:
    say = "Slack cannot be reached just now; it is tried again by itself."
    return PlatformDown(f"auth.test: {error}", say=say)


async def _asked(settings: SlackSettings, app: App, asking: AsyncWebClient) -> Workspace:
    answer = await asking.auth_test()
    scopes = _scopes(answer)
    return Workspace(
        team=str(answer["team_id"]),
        name=str(answer.get("team") or answer["team_id"]),
        url=str(answer.get("url") or ""),
        bot_user=str(answer["user_id"]),
        bot=str(answer.get("bot_id") or ""),
        app=str(answer.get("app_id") or "") or _app_of(app.app_token),
        scopes=scopes,
        agent=_is_agent(settings, scopes),
        client=asking,
    )


def _scopes(answer: AsyncSlackResponse) -> frozenset[str]:
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    return frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip())


def _is_agent(settings: SlackSettings, scopes: frozenset[str]) -> bool:
    if settings.agent is Agent.AUTO:
        return "assistant:write" in scopes
    return settings.agent is Agent.ON


def _app_of(app_token: str) -> str:
    """The app's id, which stands in its token: xapp-1-A012-..."""
    parts = app_token.split("-")
    return parts[2] if len(parts) > 3 and parts[2].startswith("A") else ""
