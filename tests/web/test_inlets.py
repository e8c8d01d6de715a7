"""Doors for platforms: open without a session, and to nothing but what they are for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import httpx
import pytest

from tests.web.conftest import Site, listen, serving
from web.security import HEADERS


@dataclass
class Taker:
    """Notes what came in and answers as a platform wants it."""

    taken: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        self.taken.append((headers, body))
        return 202, {"Content-Type": "application/json"}, b'{"taken":true}'


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
async def outside(site: Site, taker: Taker) -> AsyncIterator[httpx.AsyncClient]:
    """Another program, before a site with one such door."""
    listener = listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    services = replace(site.services, inlets={"/hooks/chat": taker.take})
    async with serving(services, listener), httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield client


async def test_a_platform_posts_without_a_session(outside: httpx.AsyncClient, taker: Taker) -> None:
    """Neither a session nor our own origin is asked for; the owner of the path gets headers and body as sent."""
    answer = await outside.post(
        "/hooks/chat", content=b"a=%20b", headers={"X-Signature": "s", "Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    [(headers, body)] = taker.taken
    assert (headers["x-signature"], body) == ("s", b"a=%20b")


async def test_its_answer_carries_the_security_headers(outside: httpx.AsyncClient) -> None:
    """As every other answer of the site does."""
    answer = await outside.post("/hooks/chat")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_a_browser_finds_nothing_there(outside: httpx.AsyncClient, taker: Taker) -> None:
    """Whoever only looks is told so, and the owner of the path hears nothing of it."""
    answer = await outside.get("/hooks/chat")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert taker.taken == []


@pytest.mark.parametrize("path", ["/hooks/chat/", "/hooks", "/threads"])
async def test_no_other_path_is_opened(outside: httpx.AsyncClient, taker: Taker, path: str) -> None:
    """Beside the path itself everything is as shut as before."""
    assert (await outside.post(path)).status_code == 403
    assert taker.taken == []


@pytest.mark.parametrize("form", ["application/json", "multipart/form-data; boundary=b"])
async def test_a_huge_body_is_refused(outside: httpx.AsyncClient, taker: Taker, form: str) -> None:
    """Over a megabyte, whatever it says it is."""
    answer = await outside.post("/hooks/chat", content=b"x" * 1_000_001, headers={"Content-Type": form})
    assert answer.status_code == 413
    assert taker.taken == []


async def test_a_huge_body_that_says_no_length_is_refused(outside: httpx.AsyncClient, taker: Taker) -> None:
    """It is counted while it is read."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1100):
            yield b"x" * 1000

    answer = await outside.post(
        "/hooks/chat", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 413
    assert taker.taken == []
