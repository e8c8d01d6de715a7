"""What is answered when a request cannot be met: one ordered ladder, never a stack trace, never silence."""

from __future__ import annotations

import logging
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.core.errors import BadInput, Refused, SwitchboardError
from storage.errors import StorageDown
from web.answers import refusal

_log = logging.getLogger(__name__)

_SENTENCES = {
    404: "The address may be mistyped, or what was here was removed or belongs to somebody else.",
    405: "Go back and use the buttons of the page.",
}
_STORAGE = "The database cannot be reached just now, so this was not done. Please try again in a moment."


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (404, 405, ...) in the house style."""
    assert isinstance(error, HTTPException)
    say = _SENTENCES.get(error.status_code, error.detail)
    response = refusal(request.scope, error.status_code, say)
    response.headers.update(error.headers or {})
    return response


def answer_to(scope: Scope, error: Exception) -> Response:
    """The answer to an error that no route met. What is our fault gets an id, which stands in the log too."""
    if isinstance(error, BadInput | Refused):
        return refusal(scope, 400, error.say)
    error_id = secrets.token_hex(4)
    route = f"{scope['method']} {scope['path'].split('/')[1]}"
    if isinstance(error, StorageDown):
        _log.error("error %s on %s: storage is away: %s", error_id, route, error)
        return refusal(scope, 503, _STORAGE, error_id=error_id)
    _log.error("error %s on %s", error_id, route, exc_info=error)
    say = error.say if isinstance(error, SwitchboardError) else SwitchboardError.say
    return refusal(scope, 500, say, error_id=error_id)


class CatchAll:
    """ASGI middleware: the last rung. Turns every error into an answer; it is never raised further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            _log.info("the browser left before its request was whole")
        except Exception as error:  # noqa: BLE001 - the person is told below, and the log
            response = answer_to(scope, error)
            if not begun:
                await response(scope, receive, send)
