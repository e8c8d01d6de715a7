"""Who may do what: every route, asked by everybody."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from starlette.routing import Mount, Route

from bot.core.view import View
from storage.people import Person
from tests.web.conftest import Site
from web.app import build

KEY = "0123456789abcdef"
THREAD = "abcdefgh12345678"
NAMED = {
    "thread": THREAD,
    "token": "wrong",
    "way": "nowhere",
    "provider": "openai",
    "look": "weather",
    "platform": "teams",
    "entries": "999-1000",
}
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
    ("GET", "/try/{thread}/models", {}, 401, 200, 200),
    ("GET", "/try/{thread}/events", {}, 401, 404, 200),
    ("GET", "/try/{thread}/pictures/{post:int}", {}, 401, 404, 404),
    # In another person's name this only ever makes a thread of their own.
    ("POST", "/try/{thread}/say", SAID, 401, 200, 200),
    ("POST", "/try/{thread}/press", {"key": KEY, "command": "help"}, 401, 404, 200),
    ("GET", "/api/complete", {}, 401, 200, 200),
    ("POST", "/sign-out", {}, 401, 303, 303),
    ("GET", "/conversations", {}, 401, 200, 200),
    ("GET", "/conversations/{id:int}", {}, 401, 404, 404),
    ("GET", "/conversations/{id:int}/export", {}, 401, 404, 404),
    ("POST", "/conversations/{id:int}/forget", {}, 401, 404, 404),
    ("GET", "/defaults", {}, 401, 403, 200),
    ("POST", "/defaults/channel", {"id": "C1"}, 401, 403, 404),
    ("POST", "/defaults/model", {}, 401, 403, 303),
    ("POST", "/defaults/chain", {}, 401, 403, 303),
    ("POST", "/defaults/follow", {}, 401, 403, 303),
    ("POST", "/defaults/requests", {}, 401, 403, 303),
    ("POST", "/defaults/requests/person", {}, 401, 403, 422),
    ("POST", "/defaults/clock", {}, 401, 403, 404),
    ("GET", "/defaults/agents", {}, 401, 403, 200),
    ("GET", "/defaults/agents/new", {}, 401, 403, 200),
    ("POST", "/defaults/agents/new", {}, 401, 403, 422),
    ("GET", "/defaults/agents/{id:int}", {}, 401, 403, 404),
    ("POST", "/defaults/agents/{id:int}", {}, 401, 403, 404),
    ("POST", "/defaults/agents/{id:int}/remove", {}, 401, 403, 404),
    ("GET", "/defaults/access", {}, 401, 403, 200),
    ("GET", "/defaults/models", {}, 401, 403, 200),
    ("POST", "/defaults/access/find", {}, 401, 403, 422),
    ("POST", "/defaults/access/pattern", {}, 401, 403, 400),
    ("POST", "/defaults/access/local", {}, 401, 403, 303),
    ("POST", "/defaults/access/exempt", {}, 401, 403, 422),
    ("POST", "/defaults/access/reset", {}, 401, 403, 303),
    ("GET", "/operations", {}, 401, 403, 200),
    ("POST", "/operations/backup", {}, 401, 403, 303),
    ("GET", "/operations/alerts", {}, 401, 403, 200),
    ("POST", "/operations/alerts", {}, 401, 403, 303),
    ("POST", "/operations/alerts/test", {}, 401, 403, 303),
    ("POST", "/operations/alerts/reset", {}, 401, 403, 303),
    ("GET", "/operations/alerts/webhooks", {}, 401, 403, 200),
    ("POST", "/operations/alerts/webhooks", {}, 401, 403, 422),
    ("GET", "/operations/alerts/webhooks/{id:int}", {}, 401, 403, 404),
    ("POST", "/operations/alerts/webhooks/{id:int}", {}, 401, 403, 404),
    ("POST", "/operations/alerts/webhooks/{id:int}/test", {}, 401, 403, 404),
    ("POST", "/operations/alerts/webhooks/{id:int}/remove", {}, 401, 403, 404),
    ("GET", "/operations/people", {}, 401, 403, 200),
    ("POST", "/operations/people/{id:int}/role", {"role": "admin"}, 401, 403, 404),
    ("POST", "/operations/people/{id:int}/sign-out", {}, 401, 403, 404),
    ("GET", "/operations/audit", {}, 401, 403, 200),
    ("GET", "/start", {}, 401, 403, 200),
    ("POST", "/start/skip", {"item": "slack"}, 401, 403, 303),
    ("GET", "/start/ollama", {}, 401, 403, 200),
    ("GET", "/start/checks", {}, 401, 403, 200),
    ("GET", "/start/checks/{look}", {}, 401, 403, 404),
    ("GET", "/start/{platform}", {}, 401, 403, 404),
    ("POST", "/start/{platform}", {}, 401, 403, 404),
    ("GET", "/start/{platform}/invites", {}, 401, 403, 404),
    ("POST", "/start/{platform}/{id:int}/remove", {}, 401, 403, 404),
    ("GET", "/providers", {}, 401, 403, 200),
    ("GET", "/providers/own/new", {}, 401, 403, 200),
    ("POST", "/providers/own/new", {}, 401, 403, 422),
    ("POST", "/providers/own/hosts", {"host": "ollama.local"}, 401, 403, 303),
    ("GET", "/providers/{provider}", {}, 401, 403, 200),
    ("POST", "/providers/{provider}/test", {}, 401, 403, 404),
    ("POST", "/providers/{provider}/remove", {}, 401, 403, 404),
    ("POST", "/providers/{provider}/keys", {}, 401, 403, 422),
    ("GET", "/providers/keys/{id:int}", {}, 401, 403, 404),
    ("POST", "/providers/keys/{id:int}", {}, 401, 403, 404),
    ("POST", "/providers/keys/{id:int}/replace", {}, 401, 403, 404),
    ("POST", "/providers/keys/{id:int}/test", {}, 401, 403, 404),
    ("POST", "/providers/keys/{id:int}/disable", {}, 401, 403, 404),
    ("POST", "/providers/keys/{id:int}/enable", {}, 401, 403, 404),
    ("POST", "/providers/keys/{id:int}/remove", {}, 401, 403, 404),
    ("GET", "/models", {}, 401, 403, 200),
    ("GET", "/models/one", {}, 401, 403, 404),
    ("POST", "/models/refresh", {}, 401, 403, 303),
    ("GET", "/models/prices", {}, 401, 403, 200),
    ("POST", "/models/prices", {}, 401, 403, 422),
    ("POST", "/models/prices/{id:int}/remove", {}, 401, 403, 404),
    ("POST", "/models/own", {}, 401, 403, 422),
    ("POST", "/models/own/remove", {}, 401, 403, 404),
    ("GET", "/models/ollama", {}, 401, 403, 200),
    ("GET", "/models/ollama/installed", {}, 401, 403, 200),
    ("GET", "/models/ollama/progress", {}, 401, 403, 200),
    ("POST", "/models/ollama/pull", {}, 401, 403, 303),
    ("POST", "/models/ollama/update", {}, 401, 403, 303),
    ("POST", "/models/ollama/remove", {}, 401, 403, 303),
    ("POST", "/models/ollama/stop", {}, 401, 403, 303),
    ("GET", "/usage", {}, 401, 200, 200),
    ("GET", "/usage/download", {}, 401, 200, 200),
    ("GET", "/budgets", {}, 401, 403, 200),
    ("POST", "/budgets", {}, 401, 403, 400),
    ("POST", "/budgets/limits", {}, 401, 403, 303),
    ("POST", "/budgets/{id:int}", {}, 401, 403, 404),
    ("POST", "/budgets/{id:int}/remove", {}, 401, 403, 404),
    ("POST", "/budgets/approvals/{id:int}/approve", {}, 401, 403, 404),
    ("POST", "/budgets/approvals/{id:int}/decline", {}, 401, 403, 404),
    ("GET", "/digest", {}, 401, 403, 200),
    ("POST", "/digest", {"every": "week"}, 401, 403, 404),
    ("GET", "/digest/picture", {}, 401, 403, 404),
    ("POST", "/digest/send", {}, 401, 403, 404),
    ("POST", "/digest/off", {}, 401, 403, 404),
    ("POST", "/undo/{entries}", {}, 401, 403, 404),
    ("GET", "/me", {}, 401, 200, 200),
    ("POST", "/me/sessions/{id:int}/end", {}, 401, 404, 404),
    ("GET", "/sign-in/with/{way}", {}, 404, 404, 404),
    ("GET", "/sign-in/from/{way}", {}, 404, 404, 404),
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


async def test_every_route_knows_who_asks(site: Site) -> None:
    """Strangers get to the door only, people to their own threads only, owners everywhere."""
    owner = await session(site)
    await site.post(owner.person, THREAD, View("hello"), "first")
    other = await session(site, (await site.someone_else()).id)
    # What is said makes a thread, and whoever signs out has nothing more to ask.
    lines = sorted(MATRIX, key=lambda line: ("/try/{thread}/say", "/sign-out").count(line[1]))
    async with AsyncExitStack() as stack:
        visitors = [
            await stack.enter_async_context(site.visitor(X_Forwarded_For="192.0.2.7", Cookie=cookie))
            for cookie in ("", other.cookie, owner.cookie)
        ]
        wrong = [
            f"{line[0]} {line[1]}: {answered}, not {list(line[3:])}"
            for line in lines
            if (answered := await statuses(visitors, line)) != list(line[3:])
        ]
    assert wrong == []


async def statuses(visitors: Sequence[httpx.AsyncClient], line: Line) -> list[int]:
    """What each of them is answered."""
    method, path, form, *_ = line
    asked = path.replace("{id:int}", "999").replace("{post:int}", "999").format(**NAMED)
    found = []
    for client in visitors:
        async with client.stream(method, asked, data=form or None) as response:
            found.append(response.status_code)
    return found


async def test_no_number_is_too_large_to_be_refused(site: Site) -> None:
    """One that no database takes is nowhere, as any other that nothing has; it is no error of ours to be logged."""
    numbered = [(method, path) for method, path, *_ in MATRIX if ":int}" in path]
    large = "9" * 25
    wrong = []
    async with site.visitor() as client:
        await site.sign_in(client)
        for method, path in numbered:
            asked = path.replace("{id:int}", large).replace("{post:int}", large).format(**NAMED)
            answer = await client.request(method, asked, data={"role": "admin"} if method == "POST" else None)
            if answer.status_code != 404:
                wrong.append(f"{method} {path}: {answer.status_code}")
        for moment in ("2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00"):
            page = await client.get("/conversations", params={"before": f"{moment} {large}"})
            assert page.status_code == 200
        assert (await client.get(f"/operations/audit?before={large}")).status_code == 200
    assert wrong == []


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
