"""The headers of every answer, and requests that are refused before any page sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.web.conftest import Site
from web.security import HEADERS

PATHS = [
    ("GET", "/", 401),
    ("GET", "/nowhere", 401),
    ("GET", "/sign-in/x", 200),
    ("POST", "/sign-in/x", 403),
    ("PUT", "/sign-in/x", 405),
    ("GET", "/healthz", 200),
    ("GET", "/static/base.css", 200),
    ("GET", "/static/nowhere.css", 404),
    ("GET", "/static/..%2Fapp.py", 404),
    ("GET", "/api/complete", 401),
]


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
async def test_every_answer_carries_the_headers(site: Site, method: str, path: str, status: int) -> None:
    """Pages, JSON, static files and refusals alike."""
    async with site.visitor() as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


async def test_the_policy_allows_nothing_inline(site: Site) -> None:
    """Neither the policy nor a page leaves room for inline scripts or styles."""
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    async with site.visitor() as client:
        await site.sign_in(client)
        page = (await client.get("/try")).text
    assert " style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count('<script type="module" src="')
    assert " onclick=" not in page


async def test_pages_are_not_kept_and_static_files_are(site: Site) -> None:
    """What is private is never stored; what names its fingerprint is kept for good."""
    async with site.visitor() as client:
        await site.sign_in(client)
        assert (await client.get("/try")).headers["cache-control"] == "no-store"
        fixed = await client.get("/static/base.css?v=1")
        assert "immutable" in fixed.headers["cache-control"]
        loose = await client.get("/static/posts.js")
        assert loose.headers["cache-control"] == "no-cache"
        known = {"If-None-Match": loose.headers["etag"]}
        assert (await client.get("/static/posts.js", headers=known)).status_code == 304


async def test_only_static_files_travel_compressed(site: Site) -> None:
    """A style sheet is compressed for who takes that; a page never is: it may hold what was asked and a secret."""
    async with site.visitor() as client:
        await site.sign_in(client)
        sheet = await client.get("/static/site.css")
        assert sheet.headers["content-encoding"] == "gzip"
        plain = await client.get("/static/site.css", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == sheet.content
        assert "content-encoding" not in (await client.get("/me")).headers


async def test_requests_from_other_sites_change_nothing(site: Site) -> None:
    """A form on another site, even with the cookie, is refused in words."""
    async with site.visitor() as client:
        await site.sign_in(client)
        refused = await client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403
        assert "did not come from" in refused.text
        assert (await client.get("/try")).status_code == 200


async def test_an_oversized_request_is_refused_in_words(site: Site) -> None:
    """Over a million bytes of anything but files is too much; with files the limit is twenty million."""
    async with site.visitor(Accept="application/json") as client:
        await site.sign_in(client)
        path = "/try/abcdefgh12345678/say"
        text = await client.post(path, data={"key": "k" * 16, "text": "x" * 1_100_000})
        assert (text.status_code, text.json()["say"][:30]) == (413, "That is more than one request ")
        files = [("files", (f"{n}.txt", b"x" * 3_000_000)) for n in range(7)]
        assert (await client.post(path, data={"key": "k" * 16}, files=files)).status_code == 413


async def test_a_length_that_is_not_declared_is_counted(site: Site) -> None:
    """A chunked body cannot slip past the limit."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    async with site.visitor(Accept="application/json") as client:
        await site.sign_in(client)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post("/try/abcdefgh12345678/say", content=body(), headers=form)
    assert answer.status_code == 413


async def test_pages_and_scripts_each_get_their_kind_of_refusal(site: Site) -> None:
    """A person sees a page, a script gets JSON."""
    async with site.visitor() as client:
        await site.sign_in(client)
        page = await client.get("/nowhere")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "There is nothing here" in page.text
        script = await client.get("/nowhere", headers={"Accept": "application/json"})
        assert script.json()["say"]
        wrong = await client.put("/try")
        assert wrong.status_code == 405
        assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD"}
