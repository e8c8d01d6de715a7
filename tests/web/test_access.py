"""Who may do what: every route, asked by everybody."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from starlette.routing import Mount, Route

from bot.core.view import View
from storage.people import Person
from tests.web.conftest import Site
from web.app import build

KEY = "0123456789abcdef"
THREAD = "abcdefgh12345678"
SAID = {"key": KEY, "text": "hello"}

Line = tuple[str, str, dict[str, str], int, int, int]


@dataclass(frozen=True)
class Session:
    """A person and the header that names their session."""

    person: Person
    cookie: str


async def session(site: Site, person_id: int | None = None) -> Session:
    """Sign somebody in."""
    async with site.visitor() as client:
        person = await site.sign_in(client, person_id)
        return Session(person, f"switchboard={client.cookies['switchboard']}")


# Method, path, form; then the status for a stranger, for another person, for the thread's own person
MATRIX: list[Line] = [
    ("GET", "/", {}, 401, 303, 303),
    ("GET", "/try", {}, 401, 200, 200),
    ("GET", "/try/{thread}", {}, 401, 404, 200),
    ("GET", "/try/{thread}/threads", {}, 401, 200, 200),
    ("GET", "/try/{thread}/events", {}, 401, 404, 200),
    # In another person's name this only ever makes a thread of their own.
    ("POST", "/try/{thread}/say", SAID, 401, 200, 200),
    ("POST", "/try/{thread}/press", {"key": KEY, "command": "help"}, 401, 404, 200),
    ("GET", "/api/complete", {}, 401, 200, 200),
    ("POST", "/sign-out", {}, 401, 303, 303),
    ("GET", "/sign-in/{token}", {}, 200, 200, 200),
    ("POST", "/sign-in/{token}", {}, 403, 403, 403),
    ("GET", "/healthz", {}, 200, 200, 200),
    ("GET", "/readyz", {}, 200, 200, 200),
    # Through a proxy, or the machine itself would be let in: see test_health.
    ("GET", "/metrics", {}, 403, 403, 200),
]


async def test_the_matrix_names_every_route(site: Site) -> None:
    """A new route without a line in the matrix fails here."""
    routes: set[tuple[str, str]] = set()
    for route in build(site.services).routes:
        if isinstance(route, Route):
            routes |= {(method, route.path) for method in (route.methods or ()) if method != "HEAD"}
        else:
            assert isinstance(route, Mount)
            assert route.path == "/static"
    assert routes == {(method, path) for method, path, *_ in MATRIX}


@pytest.mark.parametrize("line", MATRIX, ids=[f"{method} {path}" for method, path, *_ in MATRIX])
async def test_every_route_knows_who_asks(site: Site, line: Line) -> None:
    """Strangers get to the door only, people to their own threads only."""
    method, path, form, *expected = line
    owner = await session(site)
    await site.post(owner.person, THREAD, View("hello"), "first")
    other = await session(site, (await site.someone_else()).id)
    statuses = []
    for cookie in ("", other.cookie, owner.cookie):
        asked = path.format(thread=THREAD, token="wrong")
        async with (
            site.visitor(X_Forwarded_For="192.0.2.7", Cookie=cookie) as client,
            client.stream(method, asked, data=form or None) as response,
        ):
            statuses.append(response.status_code)
    assert statuses == expected


async def test_what_is_said_in_anothers_thread_stays_ones_own(site: Site) -> None:
    """Naming somebody else's thread makes a thread of one's own; theirs is untouched."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        await site.post(owner, THREAD, View("secret plans"), "first")
    someone = await site.someone_else()
    async with site.visitor() as client:
        await site.sign_in(client, someone.id)
        await client.post(f"/try/{THREAD}/say", data=SAID)
        page = await client.get(f"/try/{THREAD}")
    assert "secret plans" not in page.text
    posts = await site.store.posts.since(f"web:main/{owner.id}/{THREAD}", 0, 10)
    assert len(posts) == 1


@pytest.mark.parametrize("thread", ["short", "UPPERCASE123", "a" * 33, "..%2F..%2Fetc1", "abcdefgh%2F1"])
async def test_what_cannot_be_a_thread_is_not_found(site: Site, thread: str) -> None:
    """Only ids of our own form are looked at."""
    async with site.visitor() as client:
        await site.sign_in(client)
        assert (await client.get(f"/try/{thread}")).status_code == 404
        assert (await client.post(f"/try/{thread}/say", data=SAID)).status_code in (404, 405)
