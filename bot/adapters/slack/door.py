"""Where one Slack app's payloads come in, by socket or by signed HTTP, and meet Bolt.

Events are dealt with in a global middleware, which Bolt runs before it acks: what cannot be kept is answered with
a status that is no ack, and Slack delivers it again. Everything else goes on to the listeners.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.incoming.addressed import Event
from bot.adapters.slack.settings import App
from bot.adapters.slack.workspaces import Workspace, Workspaces
from storage.errors import StorageError

log = logging.getLogger(__name__)

# Takes an event of a workspace and its Bolt app's; StorageError means that Slack has to deliver it again.
TakeEvent = Callable[[Workspace, Event], Awaitable[None]]

_DONE, _AGAIN = 200, 503
_CHECKS = frozenset({"ssl_check", "url_verification"})


class Door:
    """One app. ``bolt`` is for whoever listens to commands, buttons and views."""

    def __init__(self, app: App, client: AsyncWebClient, workspaces: Workspaces, take: TakeEvent) -> None:
        self.app, self._workspaces, self._take = app, workspaces, take
        self._verifier = SignatureVerifier(app.signing_secret) if app.signing_secret else None
        with _without_slacks_variables():
            self.bolt = AsyncApp(
                name="slack",
                logger=_quiet(),
                client=client,
                signing_secret=app.signing_secret,
                before_authorize=self._known,
                authorize=_authorized,
            )
        self.bolt.use(self._event)

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether Slack signed this for our app, within the last five minutes."""
        signature, at = headers.get("x-slack-signature"), headers.get("x-slack-request-timestamp")
        if self._verifier is None or not signature or not at:
            return False
        try:
            return self._verifier.is_valid(body, at, signature)
        except (TypeError, ValueError):  # a time that is no number, letters that no signature has
            return False

    async def posted(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Answer a request. Bolt checks the signature once more."""
        given: dict[str, str | Sequence[str]] = {**headers}
        try:
            request = AsyncBoltRequest(body=body.decode(), query="", headers=given)
        except (AttributeError, TypeError, ValueError):
            return 400, {}, b""
        response = await self._dispatched(request)
        # Bolt's headers are lists; it sets no cookies here.
        return response.status, response.first_headers(), response.body.encode()

    async def enveloped(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        """Take an envelope of Socket Mode; what its ack carries, None for no ack."""
        retries = {"x-slack-retry-num": "retry_attempt", "x-slack-retry-reason": "retry_reason"}
        headers: dict[str, str | Sequence[str]]
        headers = {name: str(frame[key]) for name, key in retries.items() if frame.get(key) is not None}
        request = AsyncBoltRequest(mode="socket_mode", body=frame.get("payload") or {}, headers=headers)
        response = await self._dispatched(request)
        if response.status != _DONE:
            return None
        if not response.body or not frame.get("accepts_response_payload"):
            return {}
        if response.headers.get("content-type", [""])[0].startswith("application/json"):
            return dict(json.loads(response.body))
        return {"text": response.body}

    async def _dispatched(self, request: AsyncBoltRequest) -> BoltResponse:
        response = await self.bolt.async_dispatch(request)
        if response.status == 404:
            # Nobody listens to that button any more; without an ack Slack shows a warning sign.
            return BoltResponse(status=_DONE)
        return response

    def _workspace(self, context: Mapping[str, Any]) -> Workspace | None:
        """Whose payload it is, None where this app does not speak there."""
        named = (context.get("team_id"), context.get("enterprise_id"))
        found = next((one for name in named if name and (one := self._workspaces.get(name))), None)
        return found if found is not None and found.client.token in self.app.bot_tokens else None

    async def _known(
        self, context: dict[str, Any], body: dict[str, Any], next_: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Before Bolt asks for a token: nobody's payload is acked and forgotten."""
        if body.get("type") in _CHECKS:
            await next_()
        elif not self._workspaces.known:
            return BoltResponse(status=_AGAIN)
        elif (workspace := self._workspace(context)) is None:
            log.debug("a payload for team %s, where this app does not speak", context.get("team_id"))
            return BoltResponse(status=_DONE)
        else:
            context["workspace"] = workspace
            await next_()
        return None

    async def _event(
        self, context: dict[str, Any], body: dict[str, Any], next_: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Keep what an event says, then ack it. It goes no further: nobody else listens to events."""
        event = body.get("event")
        if body.get("type") != "event_callback" or not isinstance(event, Mapping):
            await next_()
            return None
        try:
            await self._take(context["workspace"], event)
        except StorageError as error:
            log.warning("an event was not kept, Slack is to deliver it again: %s", error)
            return BoltResponse(status=_AGAIN)
        return BoltResponse(status=_DONE)


async def _authorized(context: dict[str, Any]) -> AuthorizeResult:
    """Who we are there; Bolt wants a plain function."""
    workspace: Workspace = context["workspace"]
    return AuthorizeResult(
        enterprise_id=context.get("enterprise_id"),
        team_id=workspace.team,
        bot_user_id=workspace.bot_user,
        bot_id=workspace.bot or None,
        bot_token=workspace.client.token,
        user_id=context.get("user_id"),
    )


def _quiet() -> logging.Logger:
    """Bolt writes whole requests at INFO and below."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.WARNING)
    return logger


@contextmanager
def _without_slacks_variables() -> Iterator[None]:
    """Hide Bolt's variables from it: with SLACK_CLIENT_ID in sight it would turn to an OAuth of its own."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
