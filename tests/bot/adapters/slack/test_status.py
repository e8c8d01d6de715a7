"""What people see while they wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspaces
from bot.conversation.delivery.delivery import whole
from bot.core.place import Place
from bot.core.view import Button, View
from tests.bot.adapters.slack.playing import run, stage
from tests.bot.adapters.slack.seeing import calls, dm_thread, flat_dm, thread
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock

TEXT, SESSION = "assistant.threads.setStatus", "agents.sessions.setStatus"
THINKS = "demo/quick is thinking…"


@pytest_asyncio.fixture
async def hasty(
    workspaces: Workspaces, settings: SlackSettings, clock: ManualClock
) -> AsyncIterator[SlackSurface]:
    """A surface that says a status again at once."""
    made = SlackSurface(workspaces, settings, whole, clock.now, refresh=0.01)
    yield made
    await made.close()


async def has(slack: FakeSlack, place: Place, text: str, session: str | None = None) -> None:
    """Wait until a thread says so."""

    def there() -> bool:
        known = slack.session(place.channel, place.thread)
        return slack.status(place.channel, place.thread) == text and (known and known.status) == session

    await slack.until(there)


async def test_a_status_comes_and_goes(slack: FakeSlack, surface: SlackSurface) -> None:
    """Said twice it is sent once; taken back it is gone, and only what is shown needs taking back."""
    place = thread(slack)
    await surface.status(place, "")
    for _ in range(3):
        await surface.status(place, THINKS)
        await has(slack, place, THINKS)
    await surface.status(place, "demo/quick is thinking it through…")
    await has(slack, place, "demo/quick is thinking it through…")
    await surface.status(place, "")
    await has(slack, place, "")
    assert calls(slack, TEXT, SESSION) == [TEXT] * 3


async def test_a_message_takes_the_status_away(slack: FakeSlack, surface: SlackSurface) -> None:
    """Slack drops it itself, so nobody does it again."""
    place = thread(slack)
    await surface.status(place, THINKS)
    await has(slack, place, THINKS)
    await surface.post(place, View("Hi"), "k1")
    await has(slack, place, "")
    await surface.status(place, "")
    await surface.close()
    assert calls(slack, TEXT) == [TEXT]


async def test_a_status_is_said_again_before_it_fades(
    slack: FakeSlack, hasty: SlackSurface, clock: ManualClock
) -> None:
    """As long as somebody waits, it does not fade after Slack's two minutes."""
    place = thread(slack)
    await hasty.status(place, THINKS)
    await has(slack, place, THINKS)
    await clock.advance(121)
    await has(slack, place, THINKS)


async def test_an_agents_session(slack: FakeSlack, surface: SlackSurface) -> None:
    """While an agent works people have Slack's stop button; afterwards they do not. The text came first."""
    place = dm_thread(slack)
    await surface.status(place, THINKS)
    await has(slack, place, THINKS, "processing")
    await surface.post(place, View("Hi"), "k1")
    await surface.status(place, "")
    await has(slack, place, "", "active")
    assert calls(slack, TEXT, SESSION) == [TEXT, SESSION, SESSION]


async def test_a_stream_says_itself_that_it_works(slack: FakeSlack, surface: SlackSurface) -> None:
    """A page that is full leaves the session at work; the last one ends it."""
    place = dm_thread(slack)
    await surface.status(place, THINKS)
    await has(slack, place, THINKS, "processing")
    posted = await surface.post(place, View("Hi", growing=True), "k1")
    await surface.edit(place, posted.message_id, View("Hi there"))
    await has(slack, place, "", "processing")
    posted = await surface.post(place, View("More", growing=True), "k2")
    await surface.edit(place, posted.message_id, View("More to say", buttons=(Button("Retry", "retry"),)))
    await has(slack, place, "", "active")
    await surface.status(place, "")
    await has(slack, place, "", "active")


async def test_no_thread_no_status(slack: FakeSlack, surface: SlackSurface) -> None:
    """Slack shows none outside of threads."""
    await surface.status(flat_dm(slack), THINKS)
    await surface.close()
    assert calls(slack, TEXT, SESSION) == []


def test_what_is_not_granted_is_not_asked_for_again() -> None:
    """The refusal is remembered for the workspace."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            slack = played.slack
            slack.order(Fault.REFUSED, TEXT, error="missing_scope")
            slack.order(Fault.REFUSED, SESSION, error="not_authorized")
            for place in (played.place, dm_thread(slack)):
                await played.surface.status(place, THINKS)
                await asyncio.sleep(5)
            assert played.workspace.lacks == {"status", "sessions"}
            assert calls(slack, TEXT, SESSION) == []

    run(scene())


def test_a_429_is_waited_out() -> None:
    """Until then nobody asks, in no thread of the workspace; then it is said, if it is still to be."""

    async def scene() -> None:
        async with stage(thread) as played:
            slack, other, third = played.slack, thread(played.slack), thread(played.slack)
            slack.order(Fault.BUSY, TEXT, wait=60)
            await played.surface.status(played.place, THINKS)
            await asyncio.sleep(5)
            await played.surface.status(other, THINKS)
            await played.surface.status(third, THINKS)
            await asyncio.sleep(5)
            await played.surface.status(third, "")
            await asyncio.sleep(45)
            assert calls(slack, TEXT) == []
            await asyncio.sleep(10)
            assert calls(slack, TEXT) == [TEXT] * 2
            assert slack.status(other.channel, other.thread) == THINKS

    run(scene())


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOST, Fault.CUT])
def test_a_status_that_failed_is_tried_again(fault: Fault) -> None:
    """A few times, so that no stop button stays behind."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            slack, place = played.slack, played.place
            for method in (TEXT, SESSION):
                slack.order(fault, method, times=2)
            await played.surface.status(place, THINKS)
            await asyncio.sleep(20)
            session = slack.session(place.channel, place.thread)
            assert session is not None
            assert (slack.status(place.channel, place.thread), session.status) == (THINKS, "processing")
            for method in (TEXT, SESSION):
                slack.order(fault, method, times=2)
            await played.surface.status(place, "")
            await asyncio.sleep(20)
            assert (slack.status(place.channel, place.thread), session.status) == ("", "active")
            slack.order(fault, TEXT, times=1_000)
            await played.surface.status(place, THINKS)
            await asyncio.sleep(90)
            assert slack.book.count(TEXT, fault.name) <= 12

    run(scene())


def test_many_at_once_all_end() -> None:
    """Where more agents begin to work than a minute has calls for, some have no stop button, and none keeps it."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            slack = played.slack
            asked = [slack.dm(slack.build.user(f"person{number}"), "hello") for number in range(40)]
            places = [Place("slack", slack.team.id, one.channel, one.ts) for one in asked]
            for place in places:
                await played.surface.status(place, THINKS)
            await asyncio.sleep(5)
            begun = [slack.session(place.channel, place.thread) for place in places]
            assert [one.status for one in begun if one] == ["processing"] * 23
            for place in places:
                await played.surface.status(place, "")
            await asyncio.sleep(5)
            assert [one.status for one in begun if one] == ["active"] * 23
            assert slack.unexpected() == []

    run(scene())


def test_nobody_waits_for_ever() -> None:
    """A status that is never taken back fades after all."""

    async def scene() -> None:
        async with stage(thread) as played:
            await played.surface.status(played.place, THINKS)
            await asyncio.sleep(3_600)
            assert played.slack.status(played.place.channel, played.place.thread) == ""

    run(scene())


async def test_a_status_lost_with_its_place(slack: FakeSlack, surface: SlackSurface) -> None:
    """Nobody hears of it."""
    slack.book.expect(TEXT, "invalid_thread_ts")
    place = Place("slack", slack.team.id, slack.general.id, "1700000000.000001")
    await surface.status(place, THINKS)
    await slack.until(lambda: slack.book.count(TEXT, "invalid_thread_ts"))
    await surface.status(Place("slack", "T404", "C1", "1"), THINKS)
