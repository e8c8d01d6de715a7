"""Answers in the house style: pages from templates; refusals as page or as JSON, whichever was asked for."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

WEB = Path(__file__).parent
STATIC = WEB / "static"

TITLES = {
    400: "That could not be read",
    401: "Please sign in",
    403: "Not allowed",
    404: "There is nothing here",
    405: "That is not how this page is used",
    413: "That is too large",
    429: "A moment, please",
    500: "Something went wrong on our side",
    503: "Back in a moment",
}


@cache
def fingerprint(name: str) -> str:
    """A few letters that change when the static file does."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Where a static file is fetched; the address changes with the file, so browsers may keep it for good."""
    return f"/static/{name}?v={fingerprint(name)}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_url
    return environment


def fragment(template: str, **values: Any) -> str:
    """Fill a template; everything that is not marked as HTML is escaped."""
    return _environment().get_template(template).render(values)


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(fragment(template, **values), status)


def wants_json(scope: Scope) -> bool:
    """Whether the other side is a script of ours rather than a person looking at a page."""
    accept = Headers(scope=scope).get("accept", "")
    return scope["path"].startswith("/api/") or "application/json" in accept or "text/event-stream" in accept


def refusal(scope: Scope, status: int, say: str, *, error_id: str = "") -> Response:
    """Say no: JSON ``{"say", "id"}`` to scripts, a page to people. ``error_id`` is to be quoted."""
    if wants_json(scope):
        return JSONResponse({"say": say, "id": error_id}, status)
    title = TITLES.get(status, HTTPStatus(status).phrase)
    return page("error.html", status, title=title, say=say, error_id=error_id)
