"""Requests that change something must come from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from web.answers import refusal

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSED = (
    "This request did not come from Switchboard's own pages, so nothing was changed. "
    "Open Switchboard at its own address and try again."
)


def is_same_origin(headers: Headers, public_url: str) -> bool:
    """Whether a browser vouches that the request was made by a page of ours, or by the person's own hand.

    Browsers leave out ``Sec-Fetch-Site`` over plain HTTP to other machines; there the origin must be the host
    that was asked, or the public URL. A request that says neither is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin", "")
    if not origin or origin == "null":
        return False
    public = urlsplit(public_url)
    if origin == f"{public.scheme}://{public.netloc}":
        return True
    return public.scheme != "https" and urlsplit(origin).netloc == headers.get("host")


class SameOrigin:
    """ASGI middleware: refuses unsafe methods (403) unless they come from our own origin."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app = app
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            headers = Headers(scope=scope)
            if not is_same_origin(headers, self._public_url):
                await refusal(scope, 403, _REFUSED)(scope, receive, send)
                return
        await self._app(scope, receive, send)
