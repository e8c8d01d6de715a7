"""Style sheets, scripts and fonts, straight from the package: no build step. They travel compressed.

Pages do not: one that says again what was asked beside something secret would tell by its length.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from web.answers import STATIC

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def static() -> ASGIApp:
    """What answers for the static files."""
    return GZipMiddleware(_Static(), minimum_size=1000, compresslevel=6)


class _Static(StaticFiles):
    """Files whose address names their fingerprint are kept for good; others are asked for again."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = "v" in parse_qs(scope["query_string"].decode("latin-1"))
        fixed = named or path.endswith(".woff2")
        response.headers["Cache-Control"] = _FOR_GOOD if fixed else _ASK_AGAIN
        return response
