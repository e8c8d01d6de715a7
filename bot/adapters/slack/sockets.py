"""Socket Mode: connections that take turns at being renewed, each of which is there before the old one goes.

slack-sdk's own client closes a connection before it opens the next, and sends what the old one still owes over
the new one. Here every envelope is acked over the connection it came by.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.workspaces import CONNECTION_ERRORS, FAILURES, Session, SlackNotReady, Socket, code_of

log = logging.getLogger(__name__)

# Takes an envelope and gives what its ack carries, {} for nothing; None where it is not to be acked.
Take = Callable[[dict[str, Any]], Awaitable[dict[str, Any] | None]]

_HEARTBEAT = 15.0  # seconds between two pings; a connection that does not answer one is lost
_HELLO = 10.0  # seconds to wait for Slack's first word
_LINGER = 15.0  # seconds that a connection may live after Slack announced its end
_FINISH = 2.0  # seconds that envelopes under way get where a connection ends
_STEADY = 30.0  # seconds; a connection that lived so long did not fail
_FIRST, _LONGEST = 0.5, 30.0  # seconds before the second and the later tries
_WRONG = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
_NO_ENTRY = (
    "Slack does not accept the app token in SLACK_APP_TOKEN ({code}). It begins with xapp-, needs connections:write, "
    "and is made at api.slack.com/apps under Basic Information, App-Level Tokens."
)
CONNECTING = "Slack is being connected."
_AWAY = "Slack cannot be reached by Socket Mode just now; it is tried again by itself."
_REASONS = {
    "link_disabled": "Socket Mode is off in the app's settings; turn it on at api.slack.com/apps under Socket Mode.",
    "too_many_websockets": "Slack allows ten connections to one app, and they are all taken by other programs.",
}


async def ticket(client: AsyncWebClient, app_token: str) -> str:
    """An address for one connection. Raises SlackNotReady, whose sentence says whether somebody must act."""
    try:
        answer = await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        code = code_of(error)
        say = _NO_ENTRY.format(code=code) if code in _WRONG else _AWAY
        raise SlackNotReady(f"apps.connections.open: {code or error.response.status_code}", say=say) from None
    except FAILURES as error:
        raise SlackNotReady(f"apps.connections.open: {error}", say=_AWAY) from error
    return str(answer["url"])


class Sockets:
    """All connections of one app. ``trouble`` says what is wrong while there is none, else ""."""

    def __init__(self, session: Session, client: AsyncWebClient, app_token: str, take: Take) -> None:
        self._session, self._client, self._app_token, self._take = session, client, app_token, take
        self._turn = asyncio.Lock()
        self._open: set[_Connection] = set()
        self._trouble = CONNECTING

    @property
    def trouble(self) -> str:
        """A sentence while nothing is connected."""
        return "" if self._open else self._trouble

    async def run(self, number: int) -> None:
        """Keep so many connections until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(number):
                group.create_task(self._keep())

    async def _keep(self) -> None:
        """One connection and its successors. The next is there before the last one goes, if Slack warns us."""
        loop, failures = asyncio.get_running_loop(), 0
        async with asyncio.TaskGroup() as group:
            while True:
                connection = await self._opened(failures)
                began = loop.time()
                group.create_task(self._use(connection))
                await connection.ending.wait()
                lasted = connection.asked_to_go or loop.time() - began > _STEADY
                failures = 0 if lasted else failures + 1

    async def _use(self, connection: _Connection) -> None:
        self._open.add(connection)
        try:
            await connection.read(self._take)
        finally:
            self._open.discard(connection)

    async def _opened(self, failures: int) -> _Connection:
        """Open one, later and later while that fails. Only one of an app's connections does so at a time."""
        while True:
            if failures > 1:
                wait = min(_FIRST * 2 ** (failures - 2), _LONGEST)
                await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the tries, no secret
            try:
                async with self._turn:
                    return await self._dial()
            except SlackNotReady as error:
                failures += 1
                self._trouble = error.say
                log.warning("no connection to Slack: %s", error)

    async def _dial(self) -> _Connection:
        url = await ticket(self._client, self._app_token)
        try:
            ws = await self._session.ws_connect(url, heartbeat=_HEARTBEAT, proxy=self._client.proxy)
        except CONNECTION_ERRORS as error:
            raise SlackNotReady(f"{type(error).__name__} at the socket", say=_AWAY) from error
        try:
            await _greeted(ws)
        except BaseException:
            await _hang_up(ws)
            raise
        return _Connection(ws)


class _Connection:
    """An open connection. ``ending`` is set once it is to be replaced: lost, or about to be closed by Slack."""

    def __init__(self, ws: Socket) -> None:
        self._ws = ws
        self._under_way: set[asyncio.Task[None]] = set()
        self.ending = asyncio.Event()
        self.asked_to_go = False

    async def read(self, take: Take) -> None:
        """Hand on what comes until the connection ends, then let what is under way finish."""
        try:
            async with asyncio.timeout(None) as bound:
                async for message in self._ws:
                    frame = _frame(message.data)
                    if frame.get("type") == "disconnect":
                        self._asked(str(frame.get("reason", "")), bound)
                    elif frame.get("envelope_id"):
                        self._start(take, frame)
        except TimeoutError:
            log.debug("an old connection was closed by us")
        finally:
            self.ending.set()
            await self._finish()

    def _asked(self, reason: str, bound: asyncio.Timeout) -> None:
        log.info("Slack asks for a new connection: %s", reason)
        self.asked_to_go = reason not in _REASONS
        self.ending.set()
        bound.reschedule(asyncio.get_running_loop().time() + _LINGER)

    def _start(self, take: Take, frame: dict[str, Any]) -> None:
        task = asyncio.create_task(self._answer(take, frame))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, take: Take, frame: dict[str, Any]) -> None:
        try:
            payload = await take(frame)
            if payload is None:
                return
            ack = {"envelope_id": frame["envelope_id"], **({"payload": payload} if payload else {})}
            await self._ws.send_str(json.dumps(ack))
        except CONNECTION_ERRORS as error:
            log.info("an ack was not sent (%s); Slack delivers again", error)
        except Exception:  # not acked, so Slack delivers it again
            log.exception("an envelope of Slack's could not be taken")

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_FINISH)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await _hang_up(self._ws)


async def _greeted(ws: Socket) -> None:
    """Wait for Slack's hello. Raises SlackNotReady where something else comes."""
    try:
        async with asyncio.timeout(_HELLO):
            frame = _frame((await ws.receive()).data)
    except CONNECTION_ERRORS as error:
        raise SlackNotReady(f"{type(error).__name__} before hello", say=_AWAY) from error
    if frame.get("type") != "hello":
        reason = str(frame.get("reason", "closed"))
        raise SlackNotReady(f"{reason} in place of hello", say=_REASONS.get(reason, _AWAY))


async def _hang_up(ws: Socket) -> None:
    with suppress(*CONNECTION_ERRORS):
        async with asyncio.timeout(_FINISH):
            await ws.close()


def _frame(data: Any) -> dict[str, Any]:
    """What a message of the socket says; {} for all that is no JSON object."""
    if not isinstance(data, str) or not data.startswith("{"):
        return {}
    try:
        frame = json.loads(data)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}
