"""A thread's event stream, read over a real port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent, aconnect_sse

from bot.core.view import View
from storage.people import Person
from storage.store import Store
from tests.web.conftest import Site
from web.chat import WebSurface, home_of, place_of
from web.hub import Hub
from web.pages.events import ThreadEvents
from web.pages.threads import MOST_STREAMS
from web.posts import PostRenderer

THREAD = "abcdefgh12345678"
EVENTS = f"/try/{THREAD}/events"


@dataclass
class Reader:
    """Reads one stream event by event."""

    source: EventSource
    events: AsyncIterator[ServerSentEvent]

    async def next(self) -> ServerSentEvent:
        async with asyncio.timeout(30):
            return await anext(self.events)

    async def post(self) -> dict[str, Any]:
        """The next post; what comes before it is passed over."""
        while (event := await self.next()).event != "post":
            pass
        return {**json.loads(event.data), "version": event.id}

    async def ready(self) -> None:
        while (await self.next()).event != "ready":
            pass


@asynccontextmanager
async def reading(client: httpx.AsyncClient, path: str = EVENTS, **headers: str) -> AsyncIterator[Reader]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aconnect_sse(client, "GET", path, headers=sent) as source:
        assert source.response.status_code == 200
        yield Reader(source, source.aiter_sse())


@dataclass
class Open:
    """A signed-in browser with one post in its thread."""

    site: Site
    client: httpx.AsyncClient
    person: Person
    first: str


@pytest.fixture
async def thread(site: Site) -> AsyncIterator[Open]:
    async with site.visitor() as client:
        person = await site.sign_in(client)
        first = await site.post(person, THREAD, View("first"), "k1")
        yield Open(site, client, person, first)


async def test_what_was_said_before_comes_first(thread: Open) -> None:
    """A stream begins with everything after the version asked for, then says that it has caught up."""
    async with reading(thread.client) as reader:
        event = await reader.next()
        assert (event.event, json.loads(event.data)["id"]) == ("post", int(thread.first))
        assert (await reader.next()).event == "ready"


async def test_each_edit_arrives_as_it_grows(thread: Open) -> None:
    """The page gets the post again, rendered, at every edit."""
    place = place_of(thread.person.id, THREAD)
    async with reading(thread.client) as reader:
        await reader.ready()
        for text in ("**gro", "**growing**"):
            await thread.site.surface.edit(place, thread.first, View(text, growing=True))
            post = await reader.post()
            assert post["growing"] is True
        assert "<strong>growing</strong>" in post["html"]


async def test_a_browser_that_comes_back_gets_only_what_it_missed(thread: Open) -> None:
    """The last version seen is where the stream goes on, whether the browser or the page names it."""
    async with reading(thread.client) as reader:
        seen = (await reader.post())["version"]
    await thread.site.post(thread.person, THREAD, View("second"), "k2")
    async with reading(thread.client, Last_Event_ID=seen) as reader:
        assert "second" in (await reader.post())["html"]
    async with reading(thread.client, f"{EVENTS}?after={seen}") as reader:
        assert "second" in (await reader.post())["html"]


async def test_nobody_opens_streams_without_end(thread: Open) -> None:
    """Each costs a look into the database every second; closed ones make room, and others have their own."""
    hub, home = thread.site.surface.hub, str(home_of(thread.person.id))
    with ExitStack() as others:
        for number in range(MOST_STREAMS):
            others.enter_context(hub.listen(f"{home}/another{number}"))
        refused = await thread.client.get(EVENTS)
        assert refused.status_code == 429
        assert "too many tabs" in refused.text
    with ExitStack() as others:
        for number in range(MOST_STREAMS):
            others.enter_context(hub.listen(f"{home}0/another{number}"))
        async with reading(thread.client) as reader:
            await reader.ready()


async def test_a_version_that_is_none_means_from_the_beginning(thread: Open) -> None:
    """Nonsense in the header does no harm."""
    async with reading(thread.client, Last_Event_ID="nonsense") as reader:
        assert "first" in (await reader.post())["html"]


async def test_several_tabs_see_the_same(thread: Open) -> None:
    """Each stream gets every post."""
    async with reading(thread.client) as one, reading(thread.client) as two:
        await one.ready()
        await two.ready()
        await thread.site.post(thread.person, THREAD, View("for both"), "k2")
        assert "for both" in (await one.post())["html"]
        assert "for both" in (await two.post())["html"]


async def test_posts_of_other_processes_arrive_too(thread: Open) -> None:
    """Without a wake-up in this process the store is looked at once a second."""
    elsewhere = WebSurface(thread.site.store)
    async with reading(thread.client) as reader:
        await reader.ready()
        await elsewhere.post(place_of(thread.person.id, THREAD), View("from afar"), "k2")
        assert "from afar" in (await reader.post())["html"]


async def test_the_status_line_comes_and_goes(thread: Open) -> None:
    """The page is told what is on its way, also when it opens in the middle."""
    place = place_of(thread.person.id, THREAD)
    await thread.site.surface.status(place, "demo/quick is thinking…")
    page = (await thread.client.get(f"/try/{THREAD}")).text
    assert 'data-status="demo/quick is thinking…"' in page
    async with reading(thread.client) as reader:
        await reader.ready()
        assert json.loads((await reader.next()).data) == {"text": "demo/quick is thinking…"}
        await thread.site.surface.status(place, "")
        assert json.loads((await reader.next()).data) == {"text": ""}


async def test_streams_end_cleanly_at_shutdown(thread: Open) -> None:
    """Closing the surface ends every stream with a proper end."""
    async with reading(thread.client) as reader:
        await reader.ready()
        thread.site.surface.close()
        with pytest.raises(StopAsyncIteration):
            await reader.next()


async def test_a_browser_that_leaves_is_forgotten(thread: Open) -> None:
    """No subscription outlives its connection."""
    hub = thread.site.surface.hub
    place = str(place_of(thread.person.id, THREAD))
    async with reading(thread.client) as reader:
        await reader.ready()
        assert hub.listeners(place) == 1
    async with asyncio.timeout(30):
        while hub.listeners(place):  # noqa: ASYNC110 - nobody is told when a browser leaves
            await asyncio.sleep(0)


async def test_a_thread_that_does_not_exist_has_no_stream(thread: Open) -> None:
    """The page opens its stream after the first message only."""
    answer = await thread.client.get("/try/zzzzzzzz12345678/events")
    assert answer.status_code == 404


def events(store: Store, place: str, *, welcome: bool, heartbeat: float = 0.0) -> ThreadEvents:
    async def may_listen() -> bool:
        return welcome

    return ThreadEvents(store.posts, PostRenderer(), place, 0, may_listen, look=0.001, heartbeat=heartbeat)


async def test_quiet_streams_show_signs_of_life(store: Store) -> None:
    """A comment now and then keeps proxies from closing the connection."""
    with Hub().listen("p") as subscription:
        stream = events(store, "web:main/1/p", welcome=True).stream(subscription)
        chunks = [await anext(stream) for _ in range(3)]
        subscription.end()
        assert [chunk async for chunk in stream] == []
    assert chunks[0].startswith(b"retry: 1000")
    assert chunks[1:] == [b": still here\n\n"] * 2


async def test_a_session_that_was_ended_ends_its_streams(store: Store) -> None:
    """Signing out in one tab closes the others at the next sign of life."""
    with Hub().listen("p") as subscription:
        stream = events(store, "web:main/1/p", welcome=False).stream(subscription)
        assert len([chunk async for chunk in stream]) == 1


async def test_a_long_history_comes_in_pieces(store: Store) -> None:
    """More posts than one look takes arrive all the same, in order."""
    place = "web:main/1/p"
    for number in range(205):
        await store.posts.insert(
            place,
            '{"text":"","footer":"","buttons":[],"growing":false,"tone":"reply","private_to":null}',
            f"k{number}",
        )
    with Hub().listen(place) as subscription:
        subscription.end()
        stream = events(store, place, welcome=True, heartbeat=60).stream(subscription)
        ids = [
            json.loads(chunk.split(b"data: ")[1])["id"] async for chunk in stream if b"event: post" in chunk
        ]
    assert ids == sorted(ids)
    assert len(ids) == 205


async def test_a_stream_ends_with_a_warning_where_the_store_is_away(
    thread: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """The connection ends; the page will say so and come back."""
    async with reading(thread.client) as reader:
        await reader.ready()
        await thread.site.store.close()
        assert [event async for event in reader.events] == []
    assert "an event stream ended" in caplog.text
