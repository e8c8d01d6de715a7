"""Tells webhooks: JSON by POST, signed, to public addresses or to those that are allowed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.jobs.sender import Told, Untold
from bot.net.errors import NetError, NetRefused
from bot.net.http import Http, encoded
from bot.workbench.alerting import ALERT, TEST, trial
from bot.workbench.hooking import SIGNATURE, Tried
from storage.errors import VaultError
from storage.sendings import FAILED, SENT, NewSending, Sending
from storage.store import Store
from storage.webhooks import Webhook

TIMEOUT = 10.0  # seconds for the whole answer
_MOST = 64 * 1024  # bytes of an answer that are read
_GONE = 410


def signature(secret: str, at: int, body: bytes) -> str:
    """``t=1764000000,v1=…``: the seconds since 1970, and HMAC-SHA256 over them, a full stop and the body, in hex."""
    signed = hmac.new(secret.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Hooks:
    """``near`` connects to any address, ``outside`` only to public ones."""

    def __init__(
        self,
        store: Store,
        near: Http,
        outside: Http,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._near, self._outside, self._clock = store, near, outside, clock

    async def send(self, claimed: Sending) -> Told:
        """Tell the webhook of a sending. Raises Untold."""
        number = int(claimed.target.removeprefix("webhook:"))
        hook = await self._store.webhooks.get(number)
        if hook is None:
            raise Untold("it was removed meanwhile", final=True)
        body = json.loads(claimed.payload) | {"id": f"alert-{claimed.id}", "attempt": claimed.attempts}
        return Told(said=await self.tell(hook, body))

    async def tell(self, hook: Webhook, body: Mapping[str, Any]) -> str:
        """Post something to a webhook; what it answered, in words. Raises Untold."""
        secret = await self._secret(hook)
        at = int(self._clock().timestamp())
        headers = {SIGNATURE: signature(secret, at, encoded(body) or b"")}
        http = self._near if hook.private else self._outside
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await http.request("POST", hook.url, headers=headers, json=body, limit=_MOST)
        except TimeoutError as error:
            raise Untold("no answer within 10 seconds") from error
        except NetRefused as error:
            raise Untold(f"not a public address: {error}", final=True) from error
        except NetError as error:
            raise Untold(f"no connection: {type(error).__name__}") from error
        said = f"answered {answer.status}"
        if not 200 <= answer.status < 300:
            raise Untold(said, final=answer.status == _GONE)
        return said

    async def test(self, hook: Webhook) -> Tried:
        """Tell a webhook something now, to try it with; what came of it stands in its log."""
        body = {**trial("A test of this webhook."), "id": TEST}
        try:
            tried = Tried(True, await self.tell(hook, body))
        except Untold as error:
            tried = Tried(False, str(error))
        sending = NewSending(ALERT, hook.target, f"{TEST}:{secrets.token_hex(8)}", json.dumps(body))
        await self._store.sendings.note(sending, SENT if tried.taken else FAILED, tried.said)
        return tried

    async def _secret(self, hook: Webhook) -> str:
        try:
            secret = await self._store.webhooks.secret(hook.id)
        except VaultError as error:
            raise Untold(f"its secret does not open: {error}") from error
        if secret is None:
            raise Untold("it was removed meanwhile", final=True)
        return secret
