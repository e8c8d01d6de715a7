"""The frame around every page of the site: where one may go, who one is, and what was just done."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from web.answers import page
from web.viewer import Viewer, viewer_of

_SAID = "said"  # the cookie that carries a sentence over a redirect
_LIVES = 60  # seconds
_LONGEST = 600  # characters
UNDOES = r"[0-9]{1,18}(-[0-9]{1,18}){0,19}"  # the numbers of up to twenty entries of the audit

Level = Literal["member", "admin", "owner"]
Tone = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Door:
    """A page in the navigation, and who is shown it. The page itself checks who comes."""

    path: str
    label: str
    icon: str  # the d of an SVG path in a box of 20
    level: Level = "member"


DOORS = (
    Door("/start", "Start", "M3.5 9.5 10 4l6.5 5.5M5.5 8.5V16h9V8.5", "admin"),
    Door("/try", "Try it", "M4 5h12v8.5H9.5L6 16.5v-3H4z"),
    Door("/usage", "Usage", "M4 16V9m4 7V5m4 11v-5m4 5V7"),
    Door("/budgets", "Budgets", "M10 4a6 6 0 1 0 6 6h-6zM12.5 3.5a5 5 0 0 1 4 4h-4z", "admin"),
    Door("/digest", "Digest", "M4 5.5h12v9H4zM4 6l6 5 6-5", "admin"),
    Door("/models", "Models", "M10 3.5 16 7v6l-6 3.5L4 13V7zM4 7l6 3.5L16 7M10 10.5v6", "admin"),
    Door(
        "/providers",
        "Providers and keys",
        "M12.5 3.5a4 4 0 1 1-3.6 5.7L4 14v2.5h2.5V15H8v-1.5h1.5l1-1",
        "admin",
    ),
    Door("/defaults", "Defaults", "M4 6h7m4 0h1M4 14h1m4 0h7M13 4v4M7 12v4", "admin"),
    Door("/conversations", "Conversations", "M4 5h9v6H8l-2.5 2v-2H4zM15 8h1.5v6H15v2l-2.5-2H9"),
    Door("/operations", "Operations", "M3.5 10.5h3l2-5 3 9 2-4h3", "admin"),
)


def doors(viewer: Viewer) -> list[Door]:
    """The pages that a viewer is shown."""
    allowed = (
        {"member"} | ({"admin"} if viewer.is_admin else set()) | ({"owner"} if viewer.is_owner else set())
    )
    return [door for door in DOORS if door.level in allowed]


def site_page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the frame; what was said to be done by the request before stands above it, once."""
    viewer = viewer_of(request)
    said = _read(request)
    response = page(
        template,
        status,
        viewer=viewer,
        doors=doors(viewer),
        here="/" + request.url.path.split("/")[1],
        said=said,
        at=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        **values,
    )
    if said is not None:
        name, https = _cookie(request.scope)
        response.delete_cookie(name, path="/", secure=https, httponly=True, samesite="lax")
    return response


def done(path: str, sentence: str, tone: Tone = "good", *, undo: Sequence[int] = ()) -> Response:
    """Go on to a page of ours that says what was done, with a button that undoes it.

    ``undo`` are the numbers that ``storage.audit.noting`` collected; without any there is no button.
    """
    told = [tone, sentence[:_LONGEST], "-".join(map(str, undo))]
    return _Saying(path, urlsafe_b64encode(json.dumps(told).encode()).decode())


class _Saying(RedirectResponse):
    """Goes on to another page of ours, and lets that say something."""

    def __init__(self, path: str, told: str) -> None:
        super().__init__(URL(path), 303)
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, https = _cookie(scope)
        self.set_cookie(
            name, self._told, max_age=_LIVES, path="/", secure=https, httponly=True, samesite="lax"
        )
        await super().__call__(scope, receive, send)


def _cookie(scope: Scope) -> tuple[str, bool]:
    """What the cookie with the sentence is called, and whether it is for HTTPS alone: bound to this host then."""
    https = bool(scope["app"].state.https)
    return f"__Host-{_SAID}" if https else _SAID, https


def _read(request: Request) -> dict[str, str] | None:
    """What the request before left to be said. It is a cookie, so its form is not to be trusted."""
    try:
        tone, sentence, undo = json.loads(urlsafe_b64decode(request.cookies[_cookie(request.scope)[0]]))
        return {
            "tone": "bad" if tone == "bad" else "good",
            "text": str(sentence)[:_LONGEST],
            "undo": str(undo) if re.fullmatch(UNDOES, str(undo)) else "",
        }
    except (KeyError, ValueError, TypeError):
        return None
