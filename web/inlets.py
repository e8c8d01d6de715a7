"""Doors for other programs: addresses that a platform posts to and signs, in place of a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.answers import refusal
from web.limits import TEXT_BYTES

# Takes headers (names in lower case) and body; answers with a status, headers and a body.
Inlet = Callable[[Mapping[str, str], bytes], Awaitable[tuple[int, Mapping[str, str], bytes]]]

_ONLY_POST = "Only a chat platform has business here, and it posts."
_TOO_LARGE = "That is more than one request may carry."


class Inlets:
    """ASGI middleware: hands what is posted to a path of ``inlets`` to its owner, who checks the signature.

    To stand outside of what checks sessions and origins, and inside of what bounds bodies and adds headers.
    """

    def __init__(self, app: ASGIApp, *, inlets: Mapping[str, Inlet]) -> None:
        self._app, self._inlets = app, inlets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inlet = self._inlets.get(scope["path"]) if scope["type"] == "http" else None
        if inlet is None:
            await self._app(scope, receive, send)
            return
        response = await _answered(inlet, Request(scope, receive))
        await response(scope, receive, send)


async def _answered(inlet: Inlet, request: Request) -> Response:
    if request.method != "POST":
        refused = refusal(request.scope, 405, _ONLY_POST)
        refused.headers["Allow"] = "POST"
        return refused
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        # Uploads may be larger elsewhere; nothing that is not signed yet is held in memory here.
        if len(body) > TEXT_BYTES:
            return refusal(request.scope, 413, _TOO_LARGE)
    status, headers, content = await inlet(dict(request.headers), bytes(body))
    return Response(content, status, dict(headers))
