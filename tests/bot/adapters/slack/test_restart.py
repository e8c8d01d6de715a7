"""What a new process finds of the messages that one before it left in Slack."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspaces
from bot.conversation.delivery.delivery import whole
from bot.core.errors import PlatformDown
from bot.core.place import Place
from bot.core.view import Button, View
from tests.bot.adapters.slack.playing import run, stage
from tests.bot.adapters.slack.seeing import all_seen, calls, dm_thread, flat_dm, ours, thread
from tests.contracts.surfaces import KEY, OTHER
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock

GROWN, LAST = View("Good", growing=True), View("Good morning", "in all", (Button("Retry", "retry"),))
Again = Callable[[], SlackSurface]


@pytest.fixture
def again(workspaces: Workspaces, settings: SlackSettings, clock: ManualClock) -> Again:
    """A surface that knows nothing of what was before it."""
    return lambda: SlackSurface(workspaces, settings, whole, clock.now)


@pytest.mark.parametrize("minutes", [0, 10])
async def test_a_stream_without_a_key_is_adopted(
    slack: FakeSlack, surface: SlackSurface, again: Again, clock: ManualClock, minutes: int
) -> None:
    """Whether it still runs or Slack has closed it, it gets its text, its end and its key."""
    place = dm_thread(slack)
    slack.order(Fault.LOST, "chat.startStream")
    with pytest.raises(PlatformDown):
        await surface.post(place, GROWN, KEY)
    await clock.advance(60 * minutes)
    if minutes:
        slack.book.expect("chat.stopStream", "message_not_in_streaming_state")
    after = again()
    found = await after.find(place, [KEY])
    await after.edit(place, found[KEY], LAST)
    (seen,) = all_seen(slack, place)
    assert (seen.text, seen.footer, seen.buttons) == ("Good morning", "in all", ("Retry",))
    assert await again().find(place, [KEY, OTHER]) == found
    assert not ours(slack, place)[0].streaming


async def test_a_stream_known_by_its_id_goes_on(
    slack: FakeSlack, surface: SlackSurface, again: Again
) -> None:
    """It is ended and updated, and nobody adopts it for another message afterwards."""
    place = dm_thread(slack)
    slack.book.expect("chat.update", "streaming_state_conflict", times=1)
    posted = await surface.post(place, GROWN, KEY)
    after = again()
    await after.edit(place, posted.message_id, LAST)
    assert [one.text for one in all_seen(slack, place)] == ["Good morning"]
    assert await after.find(place, [OTHER]) == {}
    assert await again().find(place, [OTHER]) == {}


async def test_a_finished_answer_is_never_adopted(
    slack: FakeSlack, surface: SlackSurface, again: Again
) -> None:
    """Neither a stream that has ended, nor a message, nor what somebody else said."""
    place = dm_thread(slack)
    posted = await surface.post(place, GROWN, "k1")
    await surface.edit(place, posted.message_id, LAST)
    await surface.post(place, LAST, "k2")
    slack.dm("ada", "and?", thread_ts=place.thread)
    assert await again().find(place, [OTHER]) == {}


async def test_in_a_channel_nothing_is_adopted(slack: FakeSlack, surface: SlackSurface, again: Again) -> None:
    """There messages carry their key from the beginning, so one without is not an answer."""
    place = thread(slack)
    await surface.post(place, LAST, KEY)
    ours(slack, place)[0].metadata = None
    assert await again().find(place, [KEY]) == {}


@pytest.mark.parametrize("where", [thread, flat_dm, dm_thread])
async def test_keys_are_found_in_long_threads(
    slack: FakeSlack, surface: SlackSurface, again: Again, where: Callable[[FakeSlack], Place]
) -> None:
    """However much was said since."""
    place = where(slack)
    posted = await surface.post(place, LAST, KEY)
    for number in range(700):
        slack.say("ada", place.channel, f"{number}", thread_ts=place.thread)
    assert await again().find(place, [KEY]) == {KEY: posted.message_id}


def test_no_more_streams_than_can_be_stopped() -> None:
    """Slack takes twenty starts and twenty stops a minute: whoever finds none left is a message."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            people = (played.slack.build.user(f"person{number}") for number in range(25))
            asked = [played.slack.dm(person, "hello") for person in people]
            places = [Place("slack", played.slack.team.id, one.channel, one.ts) for one in asked]
            posted = [await played.surface.post(place, GROWN, f"k{place.channel}") for place in places]
            assert sum(one.edits is not None for one in posted) == 18
            assert calls(played.slack, "chat.startStream") == ["chat.startStream"] * 18
            assert played.slack.unexpected() == []

    run(scene())
