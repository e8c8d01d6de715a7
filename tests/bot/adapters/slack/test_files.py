"""Files that people put into their messages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
import pytest_asyncio
from aiohttp import web

from bot.adapters.slack.outgoing import files
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace
from bot.core.errors import BadInput, PlatformDown
from bot.core.message import Promised
from bot.core.place import Place
from bot.knowledge.files import MOST_BYTES
from tests.fakes.orders import Fault
from tests.fakes.slack.attached import File
from tests.fakes.slack.server import FakeSlack

Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server of one's own; returns its address."""
    runners: list[web.AppRunner] = []

    async def start(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def shared(
    slack: FakeSlack, name: str, data: bytes, kind: str = "text/plain", *, connect: bool = False
) -> File:
    """A file that somebody put into the public channel."""
    file = slack.file(name, data, kind, connect=connect)
    slack.say("ada", "general", "look", files=[file])
    return file


def promised(file: File) -> Promised:
    """As a message promises it."""
    seen = file.seen
    ref = {"id": file.id, "url": seen.get("url_private_download", "")}
    return Promised(seen.get("name", file.id), seen.get("mimetype", ""), seen.get("size", 0), json.dumps(ref))


def anywhere(slack: FakeSlack) -> Place:
    return Place("slack", slack.team.id, slack.general.id)


async def refused(surface: SlackSurface, slack: FakeSlack, file: Promised, *said: str) -> None:
    """The refusal names the file and says why."""
    with pytest.raises(BadInput) as caught:
        await surface.fetch(anywhere(slack), file)
    assert all(part in caught.value.say for part in (f"“{file.name}”", *said))


async def test_a_file_comes_with_our_token(slack: FakeSlack, surface: SlackSurface) -> None:
    """Its bytes are those that were put in, web pages too."""
    for name, data, kind in (("a.txt", b"abc", "text/plain"), ("p.html", b"<p>", "text/html")):
        assert await surface.fetch(anywhere(slack), promised(shared(slack, name, data, kind))) == data


async def test_a_file_of_another_company(slack: FakeSlack, surface: SlackSurface) -> None:
    """Its message tells only an id, so Slack is asked for the rest first."""
    file = promised(shared(slack, "b.txt", b"b", connect=True))
    assert json.loads(file.ref)["url"] == ""
    assert await surface.fetch(anywhere(slack), file) == b"b"
    slack.order(Fault.BUSY, "files.info")
    with pytest.raises(PlatformDown):
        await surface.fetch(anywhere(slack), file)
    slack.book.expect("files.info", "file_not_found")
    gone = Promised("c.txt", "", 0, json.dumps({"id": "F404", "url": ""}))
    await refused(surface, slack, gone, "could not be fetched")


async def test_a_sign_in_page_is_no_file(slack: FakeSlack, surface: SlackSurface) -> None:
    """Without the permission Slack answers with a page for people."""
    slack.book.expect("download", "sign-in page")
    slack.bot.scopes -= {"files:read"}
    await refused(surface, slack, promised(shared(slack, "a.png", b"\x89PNG", "image/png")), "files:read")


async def test_a_file_too_large(slack: FakeSlack, surface: SlackSurface) -> None:
    """It is refused before it is fetched, and while it is, where its size was not told."""
    large = promised(shared(slack, "big.txt", b"x" * (MOST_BYTES + 1)))
    await refused(surface, slack, large, "larger than the 10 MB")
    await refused(surface, slack, replace(large, size=0), "larger than the 10 MB")


async def test_our_token_goes_to_slack_alone(slack: FakeSlack, surface: SlackSurface, serve: Serve) -> None:
    """Neither a link elsewhere nor a redirect to it is followed."""
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(text="got you")

    address = await serve(elsewhere)
    for url in (f"{address}/a.txt", "http://files.slack.com/a.txt", "https://slack.com.evil.example/a", ""):
        file = Promised("a.txt", "text/plain", 1, json.dumps({"id": "", "url": url}))
        if not url:
            slack.book.expect("files.info", "file_not_found")
        await refused(surface, slack, file, "could not be fetched")
    assert asked == []


async def test_a_redirect_elsewhere(
    slack: FakeSlack, settings: SlackSettings, workspace: Workspace, serve: Serve
) -> None:
    """Within Slack it is followed; out of it, it is not."""
    asked: list[tuple[str, str]] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(("elsewhere", request.headers.get("Authorization", "")))
        return web.Response(text="got you")

    outside = await serve(elsewhere)

    async def inside(request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/moved":
                raise web.HTTPFound("/there")
            case "/away":
                raise web.HTTPFound(f"{outside}/x")
            case "/round":
                raise web.HTTPFound("/round")
            case "/broken":
                return web.Response(status=502)
            case "/none":
                return web.Response(status=404)
        return web.Response(text="here")

    api = await serve(inside)
    there = replace(settings, api_url=f"{api}/api/")

    async def fetched(path: str) -> bytes:
        ref = json.dumps({"id": "F1", "url": f"{api}{path}"})
        return await files.fetch(workspace, there, Promised("a.txt", "text/plain", 4, ref))

    assert await fetched("/moved") == b"here"
    for path in ("/away", "/round", "/none"):
        with pytest.raises(BadInput):
            await fetched(path)
    with pytest.raises(PlatformDown):
        await fetched("/broken")
    assert asked == []


async def test_a_server_that_is_away(slack: FakeSlack, settings: SlackSettings, workspace: Workspace) -> None:
    """Trying again may help."""
    ref = json.dumps({"id": "F1", "url": "http://127.0.0.1:9/a.txt"})
    away = replace(settings, api_url="http://127.0.0.1:9/api/")
    with pytest.raises(PlatformDown):
        await files.fetch(workspace, away, Promised("a.txt", "text/plain", 4, ref))
