"""Undo: the button beside the sentence that says what was done."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.auth import person_of
from web.forms import Form
from web.frame import DOORS, UNDOES, done
from web.services import Services
from web.undo import may_undo
from web.viewer import admins, viewer_of

WITHIN = timedelta(minutes=10)

_DONE = "Undone. Everything is as it was before."
_LATE = "That was too long ago to be undone by a button. Change it on this page instead."
_OVER = "Nothing was undone: it was undone already, or somebody changed it since."
_NOT_THEIRS = "You may no longer change that, so it stays as it is."


class UndoRoute:
    """POST puts a change of one's own back. It names entries of the audit, whose values are the ones that count."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.models

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("/undo/{entries}", admins(self.undo), methods=["POST"])]

    async def undo(self, request: Request) -> Response:
        """Undo what these entries tell of: 404 for anybody else's, 403 where the right to change it is gone."""
        back, by = _back((await Form.of(request))["back"]), person_of(request).id
        named = str(request.path_params["entries"])
        ids = {int(one) for one in named.split("-")} if re.fullmatch(UNDOES, named) else set()
        rows = await self._store.audit.entries(ids) if ids else []
        if not rows or len(rows) < len(ids) or any(row.person_id != by for row in rows):
            raise HTTPException(404)
        if not all([await may_undo(self._store, viewer_of(request), row) for row in rows]):
            raise HTTPException(403, _NOT_THEIRS)
        if any(row.at < datetime.now(UTC) - WITHIN for row in rows):
            return done(back, _LATE, "bad")
        if not await self._store.undoing.undo(rows, by):
            return done(back, _OVER, "bad")
        await self._desk.sync()
        return done(back, _DONE)


def _back(typed: str) -> str:
    """The page of ours that was looked at; the front door where it is none."""
    parts = urlsplit(typed)
    ours = any(parts.path == door.path or parts.path.startswith(f"{door.path}/") for door in DOORS)
    return typed if ours and not parts.scheme and not parts.netloc and typed.isprintable() else "/"
