"""One call of Slack's Web API, and what its refusals mean to us."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.workspaces import CONNECTION_ERRORS, Workspace
from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown, PlatformError

T = TypeVar("T")

log = logging.getLogger(__name__)

_DOWN = frozenset(
    {
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "accesslimited",
    }
)
# Trying again cannot help: the place, the message or our own right to be there is gone.
_GONE = frozenset(
    {
        "account_inactive",
        "cannot_reply_to_message",
        "cant_update_message",
        "channel_not_found",
        "enterprise_is_restricted",
        "invalid_auth",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "message_not_owned_by_app",
        "messages_tab_disabled",
        "no_permission",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "team_access_not_granted",
        "thread_not_found",
        "token_expired",
        "token_revoked",
        "user_not_in_channel",
    }
)
_WAIT = 30.0  # seconds, where a 429 does not say how long


class SlackRefusal(PlatformError):
    """Slack said no for a reason that its caller may know a way around; ``code`` is Slack's word for it."""

    def __init__(self, code: str, method: str = "") -> None:
        super().__init__(f"{method} was refused: {code}" if method else code)
        self.code = code


async def call(
    workspace: Workspace, method: str, args: Mapping[str, Any], *, budget: str = ""
) -> dict[str, Any]:
    """Call a method that takes JSON; None as a value leaves the argument out. Raises as ``called`` does."""
    given = {name: value for name, value in args.items() if value is not None}
    answer = await called(workspace, workspace.client.api_call(method, json=given), budget=budget)
    return dict(answer.data) if isinstance(answer.data, dict) else {}


async def read(workspace: Workspace, method: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Call a method that reads and takes no JSON. Raises as ``called`` does."""
    given = {name: _plain(value) for name, value in args.items() if value is not None}
    answer = await called(workspace, workspace.client.api_call(method, http_verb="GET", params=given))
    return dict(answer.data) if isinstance(answer.data, dict) else {}


async def called(workspace: Workspace, calling: Awaitable[T], *, budget: str = "") -> T:
    """Await a call of the workspace's client.

    Raises PlatformBusy, which names ``budget``, PlatformDown, PlaceGone, and SlackRefusal for all the rest.
    """
    try:
        return await calling
    except SlackApiError as error:
        raise _meaning(error, budget, workspace.team) from error
    except (*CONNECTION_ERRORS, SlackClientError) as error:
        raise PlatformDown(f"{type(error).__name__} at {workspace.team}") from error


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meaning(error: SlackApiError, budget: str, team: str) -> PlatformError:
    answer: Any = error.response
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    code, method = _code(answer), str(getattr(answer, "api_url", "")).rpartition("/")[2]
    if code in {"ratelimited", "rate_limited"} or status == 429:
        return PlatformBusy(f"{method} at {team}", wait=_retry_after(answer), budget=budget)
    if not code or status >= 500 or code in _DOWN:
        return PlatformDown(f"{method} at {team}: {status} {code}")
    if code in _GONE:
        return PlaceGone(f"{method} at {team}: {code}")
    return SlackRefusal(code, method)


def _code(answer: Any) -> str:
    data = getattr(answer, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _retry_after(answer: Any) -> float:
    try:
        return max(1.0, float(answer.headers["Retry-After"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return _WAIT
