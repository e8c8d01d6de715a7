"""What people are told when something fails inside."""

from __future__ import annotations

import re

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bot.core.errors import Overloaded
from tests.web.conftest import Site
from web.errors import CatchAll

JSON = {"Accept": "application/json"}


async def test_a_database_that_is_away_is_said_in_words(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """503 with an id that stands in the log, and no trace of the inside."""
    async with site.visitor() as client:
        await site.sign_in(client)
        await site.store.close()
        page = await client.get("/try")
        assert page.status_code == 503
        assert "database cannot be reached" in page.text
        assert "Traceback" not in page.text
        [error_id] = re.findall(r"quote <code>([0-9a-f]{8})</code>", page.text)
        assert error_id in caplog.text
        script = await client.get("/try", headers=JSON)
        assert re.fullmatch("[0-9a-f]{8}", script.json()["id"])


async def test_a_fault_of_ours_shows_an_id_and_nothing_else(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack trace is in the log, under the id that the page shows; the path, with its token, is not."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(site.store.sessions, "redeem", broken)
    async with site.visitor() as client:
        page = await client.post("/sign-in/secret-token")
    assert page.status_code == 500
    assert "secret" not in page.text
    [error_id] = re.findall(r"quote <code>([0-9a-f]{8})</code>", page.text)
    assert f"error {error_id} on POST sign-in" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "secret-token" not in caplog.text


SCOPE: Scope = {
    "type": "http",
    "method": "GET",
    "path": "/try",
    "headers": [(b"accept", b"application/json")],
}


async def receive() -> dict[str, object]:
    return {"type": "http.request", "body": b""}


async def answers(app: object, scope: Scope = SCOPE) -> list[dict[str, object]]:
    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    await CatchAll(app)(scope, receive, send)  # type: ignore[arg-type]
    return sent


async def test_errors_with_words_of_their_own_use_them() -> None:
    """An error of the house says what happened in its own sentence."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise Overloaded(provider="demo", model="quick")

    start, body = await answers(app)
    assert start["status"] == 500
    assert b"demo/quick is overloaded just now." in body["body"]  # type: ignore[operator]


async def test_an_answer_that_has_begun_is_not_answered_twice(caplog: pytest.LogCaptureFixture) -> None:
    """A failure in the middle is logged; the connection simply ends."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    assert [message["type"] for message in await answers(app)] == ["http.response.start"]
    assert "ZeroDivisionError" in caplog.text


async def test_a_browser_that_leaves_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is there to be answered, and nothing of ours went wrong."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    assert await answers(app) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_other_protocols_pass_through() -> None:
    """The layers look at HTTP only."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    await answers(app, {"type": "lifespan"})
    assert seen == ["lifespan"]
