"""Who looks at a page, and what they may see: members, admins of a workspace, owners of the installation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from storage.people import Person

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
INSTALLATION = ""  # in place of a workspace's id: all of it

Handler = Callable[[Request], Awaitable[Response]]

_NOT_ADMIN = "This page is for admins. Ask an owner of this Switchboard to make you one."
_NOT_OWNER = "This page is for the owners of this Switchboard, since it concerns every workspace."
_NOT_THEIRS = "You do not administer that workspace, so its pages stay closed to you."


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with their roles, as pairs of role and workspace id (None: the whole installation)."""

    person: Person
    roles: frozenset[tuple[str, str | None]]

    @property
    def is_owner(self) -> bool:
        """Whether the whole installation is theirs to change."""
        return bool(self.roles & {(OWNER, None), (ADMIN, None)})

    @property
    def workspaces(self) -> tuple[str, ...]:
        """The workspaces of which they are an admin by name, sorted."""
        return tuple(sorted(place for role, place in self.roles if role in (ADMIN, OWNER) and place))

    @property
    def is_admin(self) -> bool:
        """Whether some workspace is theirs to change."""
        return self.is_owner or bool(self.workspaces)

    def administers(self, workspace: str) -> bool:
        """Whether they may change a workspace; "" is the installation."""
        return self.is_owner or (workspace != INSTALLATION and workspace in self.workspaces)


def viewer_of(request: Request) -> Viewer:
    """Who looks; only for routes behind ``Authentication``."""
    viewer = request.scope["viewer"]
    assert isinstance(viewer, Viewer)
    return viewer


def admins(handler: Handler) -> Handler:
    """Let only admins of some workspace, and owners, come to a route; 403 for everybody else."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        if not viewer_of(request).is_admin:
            raise HTTPException(403, _NOT_ADMIN)
        return await handler(request)

    return guarded


def owners(handler: Handler) -> Handler:
    """Let only owners come to a route; 403 for everybody else."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        if not viewer_of(request).is_owner:
            raise HTTPException(403, _NOT_OWNER)
        return await handler(request)

    return guarded


def workspace_asked(request: Request) -> str:
    """The workspace that a request is about (``?workspace=``, also beside a form); 403 where it is not theirs.

    Without one: the installation for owners, an admin's first workspace for admins.
    """
    viewer = viewer_of(request)
    named = request.query_params.get("workspace")
    if named is None:
        return INSTALLATION if viewer.is_owner else next(iter(viewer.workspaces), INSTALLATION)
    if not viewer.administers(named):
        raise HTTPException(403, _NOT_THEIRS)
    return named
