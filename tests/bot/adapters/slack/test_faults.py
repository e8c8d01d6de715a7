"""Whatever Slack does to a call: the whole answer is shown, and shown once."""

from __future__ import annotations

import pytest

from bot.adapters.slack.outgoing.streams import LACKING
from bot.adapters.slack.settings import Streaming
from tests.bot.adapters.slack.playing import run, stage
from tests.bot.adapters.slack.seeing import dm_thread, flat_dm, ours, thread
from tests.fakes.orders import Fault
from tests.fakes.slack.messages import StreamState

FAULTS = [Fault.LOST, Fault.CUT, Fault.DOWN, Fault.AWAY, Fault.BUSY]
LONG = 2_200  # tokens: three pages
NATIVE = ["chat.startStream", "chat.appendStream", "chat.stopStream"]
CONFLICT = ("chat.update", "streaming_state_conflict")


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
@pytest.mark.parametrize("fault", FAULTS)
def test_updates(fault: Fault, method: str, after: int) -> None:
    """In a channel, where a message is posted and then updated."""

    async def scene() -> None:
        async with stage(thread) as played:
            played.slack.order(fault, method, times=2, after=after, wait=5)
            await played.answer(LONG if method == "chat.postMessage" else 200)
            # Who has waited three seconds for an update goes on in a new message.
            pages = 2 if fault is Fault.BUSY else 1
            played.check(pages=3 if method == "chat.postMessage" else pages)
            assert set(played.methods()) == {"postMessage", "update"}

    run(scene())


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("method", NATIVE)
@pytest.mark.parametrize("fault", FAULTS)
def test_native_streams(fault: Fault, method: str, after: int) -> None:
    """In a thread with an agent, where a message is a stream, over three pages."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            played.slack.order(fault, method, after=after, wait=5)
            if (fault, method) == (Fault.LOST, "chat.stopStream"):
                played.slack.book.expect(method, "message_not_in_streaming_state", times=1)
            await played.answer(LONG)
            # A last text that may not be stopped for five seconds goes on in a new message.
            played.check(pages=None if (fault, method) == (Fault.BUSY, "chat.stopStream") else 3)
            assert "startStream" in played.methods()

    run(scene())


@pytest.mark.parametrize("method", [*NATIVE, "chat.update"])
def test_a_fault_that_stays_for_a_while(method: str) -> None:
    """Several answers in a row are lost."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            played.slack.order(Fault.LOST, method, times=3)
            played.slack.book.expect("chat.stopStream", "message_not_in_streaming_state")
            await played.answer(LONG)
            played.check()

    run(scene())


def test_a_stream_whose_start_was_lost_is_found_and_goes_on() -> None:
    """It carries no key, so the one message in the thread that nobody claims is taken for it."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            played.slack.order(Fault.LOST, "chat.startStream")
            await played.answer(200)
            played.check(pages=1)
            assert played.methods().count("startStream") == 1
            assert "postMessage" not in played.methods()

    run(scene())


def test_another_answers_stream_is_never_taken_for_ones_own() -> None:
    """A start that was not applied finds nothing to adopt beside a stream that is growing, and one that has ended."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            await played.answer(100)
            played.slack.order(Fault.DOWN, "chat.startStream")
            before = ours(played.slack, played.place)[0].text
            first, played.text = played.text, ""
            await played.answer(50)
            texts = [message.text for message in ours(played.slack, played.place)]
            assert (texts[0], len(texts)) == (before, 2)
            assert texts[0].split() == first.split()
            assert texts[1].split() == played.text.split()

    run(scene())


@pytest.mark.parametrize("code", ["channel_type_not_supported", "unknown_method", "feature_not_enabled"])
def test_where_streams_are_not_taken_messages_are_updated(code: str) -> None:
    """The refusal is remembered, and nobody is asked twice."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            played.slack.order(Fault.REFUSED, "chat.startStream", times=9, error=code)
            await played.answer(LONG)
            played.check(pages=3)
            assert played.slack.book.count("chat.startStream", code) == 1
            assert played.workspace.lacks == {
                f"{LACKING} {played.place.channel}" if code.startswith("channel") else LACKING
            }

    run(scene())


@pytest.mark.parametrize(
    "code", ["invalid_thread_ts", "missing_recipient_user_id", "user_not_found", "msg_too_long"]
)
def test_a_start_refused_for_one_message_is_a_post(code: str) -> None:
    """The next message may be a stream again."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            played.slack.order(Fault.REFUSED, "chat.startStream", error=code)
            await played.answer(LONG)
            played.check(pages=3)
            assert {"postMessage", "startStream"} <= set(played.methods())

    run(scene())


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "code",
    [
        "message_not_in_streaming_state",
        "stopped_by_user",
        "msg_too_long",
        "streaming_mode_mismatch",
        "invalid_blocks",
    ],
)
def test_a_stream_that_takes_no_more(code: str, method: str, after: int) -> None:
    """The message goes on by updates, whatever Slack says and whether it is true or not."""

    async def scene() -> None:
        async with stage(dm_thread) as played:
            played.slack.book.expect(*CONFLICT)
            played.slack.order(Fault.REFUSED, method, error=code, after=after)
            await played.answer(LONG)
            played.check(pages=3)

    run(scene())


@pytest.mark.parametrize("rotated", [255.0, 1_000.0])
def test_a_stream_outlived(rotated: float) -> None:
    """After five minutes Slack closes a stream: it is stopped before, or mended after."""

    async def scene() -> None:
        async with stage(dm_thread, stream_seconds=rotated) as played:
            played.slack.book.expect("", "message_not_in_streaming_state")
            await played.answer(400, per_second=1.0)
            played.check(pages=1)
            late = played.slack.book.count("chat.appendStream", "message_not_in_streaming_state")
            assert late == (rotated > 300)

    run(scene())


def test_a_stream_that_would_grow_too_large() -> None:
    """Beyond so many bytes a message goes on by updates."""

    async def scene() -> None:
        async with stage(dm_thread, stream_bytes=500) as played:
            await played.answer(400)
            played.check(pages=1)
            message = ours(played.slack, played.place)[0]
            assert message.stream is None

    run(scene())


def test_slacks_own_stop_button() -> None:
    """Slack ends the stream; what is due is shown all the same."""

    async def scene() -> None:
        async with stage(dm_thread) as played:

            async def press(number: int) -> None:
                if number == 60:
                    (message,) = ours(played.slack, played.place)
                    assert message.stream is not None
                    message.stream.state = StreamState.STOPPED_BY_USER

            played.slack.book.expect("", "stopped_by_user")
            await played.answer(120, until=press)
            played.check(pages=1)

    run(scene())


def test_being_told_of_the_stop_spares_the_refusal() -> None:
    """Who knows that a stream has ended updates the message at once."""

    async def scene() -> None:
        async with stage(dm_thread) as played:

            async def press(number: int) -> None:
                if number == 60:
                    (message,) = ours(played.slack, played.place)
                    assert message.stream is not None
                    message.stream.state = StreamState.STOPPED_BY_USER
                    played.surface.stopped(played.place)

            await played.answer(120, until=press)
            played.check(pages=1)

    run(scene())


def test_a_channel_streams_for_the_person_who_asked() -> None:
    """Where the setting says so and the person is known; else the message is updated."""

    async def scene() -> None:
        async with stage(thread, streaming=Streaming.EVERYWHERE) as played:
            await played.answer(50)
            assert "startStream" not in played.methods()
            played.surface.note_asker(played.place, played.slack.ada.id)
            await played.answer(50)
            stream = ours(played.slack, played.place)[1].stream
            assert stream is not None
            assert stream.recipient == played.slack.ada.id

    run(scene())


def test_no_stream_where_none_is_wanted() -> None:
    """With the setting off, and in a DM without threads, messages are updated."""

    async def scene() -> None:
        async with stage(dm_thread, streaming=Streaming.OFF) as off, stage(flat_dm, agent=False) as flat:
            for played in (off, flat):
                await played.answer(LONG)
                played.check(pages=3)
                assert set(played.methods()) == {"postMessage", "update"}

    run(scene())


def test_an_edit_window_that_closes() -> None:
    """The message keeps what it shows; the rest goes out in a new one."""

    async def scene() -> None:
        async with stage(thread) as played:
            played.slack.book.expect("chat.update", "edit_window_closed")
            played.slack.team.edit_window = 5.0
            await played.answer(500)
            shown = ours(played.slack, played.place)
            assert " ".join(message.written("markdown") for message in shown).split() == played.text.split()
            assert len(shown) == 2
            assert played.slack.book.count("chat.update", "edit_window_closed") == 1

    run(scene())


def test_blocks_that_slack_does_not_take() -> None:
    """The text goes out without them rather than not at all."""

    async def scene() -> None:
        async with stage(thread) as played:
            for method in ("chat.postMessage", "chat.update"):
                played.slack.order(Fault.REFUSED, method, times=1, error="msg_blocks_too_long")
            await played.answer(100)
            played.check(pages=1)

    run(scene())
