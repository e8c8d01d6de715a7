"""Every way in which Slack fails: the whole text stands there once in the end, and is billed once."""

from __future__ import annotations

import pytest

from tests.fakes.orders import Fault
from tests.fakes.provider import answer_for
from tests.fakes.slack.messages import Message
from tests.fakes.slack_house import SlackHouse
from tests.fakes.surface import ink

STORY = {"text": "word " * 80, "speed": 300}
_STREAMS = ("chat.startStream", "chat.appendStream", "chat.stopStream")


def asked(house: SlackHouse, text: str) -> Message:
    agent = house.slack.app.agent
    return house.dm("ada", text) if agent else house.mention("ada", "general", text)


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.CUT, Fault.DOWN, Fault.AWAY, Fault.BUSY])
@pytest.mark.parametrize("method", _STREAMS)
async def test_a_call_of_a_stream_fails(agency: SlackHouse, method: str, fault: Fault) -> None:
    """The same for the calls of a native stream; nothing of it is shown twice."""
    agency.provider.script(text="word " * 80, holds=(20, 50))
    agency.fault(fault, method, wait=4.0)
    # Whether a stream whose answer was lost is still open is found out by trying.
    agency.slack.book.expect(error="message_not_in_streaming_state")
    agency.slack.book.expect(error="streaming_state_conflict")
    first = asked(agency, "Tell me a story.")
    for characters in (1, 200):  # it is begun, goes on, and ends
        await agency.grows(first, characters)
        agency.provider.go_on()
    shown = await agency.answered(first)
    assert ink(shown.text) == "word" * 80
    assert len(agency.eyes.ours(agency.place(first))) == len(shown.lines)


async def test_a_storm_of_429s(either: SlackHouse) -> None:
    """Slack refuses ten calls in a row, whichever they are; people read it all in the end, once."""
    either.provider.script(**STORY)
    for method in ("chat.appendStream", "chat.stopStream") if either.slack.app.agent else ("chat.update",):
        either.fault(Fault.BUSY, method, times=3, wait=3.0)
    first = asked(either, "Tell me a story.")
    shown = await either.answered(first)
    for order in either.slack.orders:
        either.slack.withdraw(order)
    assert ink(shown.text) == "word" * 80


async def test_the_channel_is_archived_under_the_answer(house: SlackHouse) -> None:
    """Nobody can be shown anything: the provider's stream is closed, what was used is billed, the next is answered."""
    house.provider.script(text="word " * 5000, speed=40)
    room = house.slack.build.channel("room")
    first = house.mention("ada", room, "Tell me a story.")
    growing = await house.grows(first)
    house.slack.book.expect(error="is_archived")
    house.slack.book.expect(error="is_inactive")
    house.expected.unseen = True
    room.archived = True
    await house.provider.billed_all()
    await house.rested(first)
    assert not house.provider.billed[0].completed
    growing.deleted = True
    second = house.mention("ada", "general", "Are you there?")
    assert (await house.answered(second)).text == answer_for("Are you there?")
