"""Signed HTTP delivery: what Slack posts to an app's request URL."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.fakes.refused import Misuse
from tests.fakes.slack.acks import ACK_SECONDS, Ack, Sent
from tests.fakes.slack.workspace import App
from tests.fakes.times import Clock


class Posts:
    """Posts payloads and reads the answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def verify(self, app: App, url: str) -> None:
        """What Slack does when a request URL is entered: the app must give the challenge back."""
        challenge = {
            "type": "url_verification",
            "token": "legacy-verification-token",
            "challenge": "3eZbrw1a",
        }
        status, text, _ = await self._post(app, url, json.dumps(challenge), "application/json", {})
        if status != 200 or "3eZbrw1a" not in text:
            raise Misuse(f"{url} does not answer Slack's challenge: {status} {text[:100]!r}")

    async def send(self, app: App, sent: Sent) -> Ack:
        """One try. Events are JSON, the rest forms."""
        url, body, form = app.request_url, json.dumps(sent.payload), "application/x-www-form-urlencoded"
        headers = {}
        if sent.kind == "events_api":
            form = "application/json"
            if sent.attempt:
                headers = {"x-slack-retry-num": str(sent.attempt), "x-slack-retry-reason": sent.reason}
        elif sent.kind == "slash_commands":
            body = urlencode(sent.payload)
        else:
            if sent.payload["type"] == "block_suggestion":
                url = app.options_url
            body = urlencode({"payload": body})
        if not url:
            raise Misuse("an options load URL must be set for external selects over HTTP")
        posting = asyncio.ensure_future(self._post(app, url, body, form, headers))
        late = asyncio.ensure_future(self._clock.sleep(ACK_SECONDS))
        try:
            await asyncio.wait({posting, late}, return_when=asyncio.FIRST_COMPLETED)
            return _ack(*posting.result()) if posting.done() else Ack(ok=False, error="http_timeout")
        except aiohttp.ClientError:
            return Ack(ok=False, error="connection_failed")
        finally:
            late.cancel()
            posting.cancel()

    async def _post(
        self, app: App, url: str, body: str, form: str, headers: dict[str, str]
    ) -> tuple[int, str, bool]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        # The receiver compares with its own clock, so the fake's does not count here.
        signed = signature(app.signing_secret, str(int(time.time())), body)
        async with self._session.post(
            url, data=body.encode(), headers={"Content-Type": form, **signed, **headers}
        ) as answer:
            return answer.status, await answer.text(), answer.headers.get("x-slack-no-retry") == "1"


def signature(secret: str, at: str, body: str) -> dict[str, str]:
    """The headers that prove a request is Slack's (signature version 0)."""
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}


def _ack(status: int, text: str, final: bool) -> Ack:
    if status >= 300:
        return Ack(ok=False, error="http_error", final=final)
    try:
        said: Any = json.loads(text) if text else {}
    except ValueError:
        said = {"text": text}
    return Ack(ok=True, payload=said if isinstance(said, dict) else {"text": text})
