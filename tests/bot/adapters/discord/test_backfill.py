"""What was said while nobody listened: after a start, without a session, through every fault of the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest
import pytest_asyncio

from bot.adapters.discord.incoming.lanes import Lanes
from bot.adapters.discord.incoming.marks import Marks
from bot.core.background import Background
from storage.errors import StorageDown
from storage.store import Store
from tests.bot.adapters.discord.edge_stage import Stage, staged
from tests.fakes.discord.messages import Message
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault


@pytest_asyncio.fixture
async def stage(fake: FakeDiscord, store: Store) -> AsyncIterator[Stage]:
    """An edge that listened to something in a channel, a thread and direct messages."""
    async with staged(fake, store) as stage:
        await stage.start()
        yield stage


async def begun(stage: Stage) -> tuple[Message, Message]:
    """A conversation in a thread, and one in direct messages."""
    fake = stage.fake
    question = fake.mention("ada", "general", "one")
    direct = fake.dm("ada", "one")
    await fake.until(lambda: question.thread)
    fake.say("ada", question, "two")
    assert await stage.heard(question) == ["one", "two"]
    assert await stage.heard(direct) == ["one"]
    return question, direct


async def test_a_first_start_makes_up_for_nothing(fake: FakeDiscord, store: Store) -> None:
    """What was said before we came was not said to us."""
    old = [fake.mention("ada", "general", "are you there?"), fake.dm("ada", "hello?")]
    async with staged(fake, store) as stage:
        await stage.start()
        assert [await stage.heard(one) for one in old] == [[], []]


async def test_a_restart_makes_up_for_what_was_said(stage: Stage, fake: FakeDiscord) -> None:
    """In channels, threads and direct messages, in their order; what was there before is not taken twice."""
    question, direct = await begun(stage)
    await stage.stop()
    fake.say("ada", question, "three")
    fake.dm("ada", "two")
    missed = fake.mention("grace", "general", "did you hear?")
    fake.dm("ada", "!new")
    await stage.start()
    assert await stage.heard(question) == ["one", "two", "three"]
    assert await stage.heard(direct) == ["one", "two"]
    assert await stage.heard(missed) == ["did you hear?"]
    assert [line for _, line in stage.commands.lines] == ["/new"]


async def test_a_channel_without_a_word_so_far(stage: Stage, fake: FakeDiscord) -> None:
    """Its first message was missed; so was that of a channel which is new since."""
    await begun(stage)
    quiet = fake.build.channel("quiet")
    await stage.stop()
    new = fake.build.channel("new")
    missed = [fake.mention("ada", quiet, "first"), fake.mention("ada", new, "second")]
    await stage.start()
    assert [await stage.heard(one) for one in missed] == [["first"], ["second"]]


async def test_a_thread_that_was_closed_meanwhile(stage: Stage, fake: FakeDiscord) -> None:
    question, _ = await begun(stage)
    await stage.stop()
    fake.say("ada", question, "three")
    fake.archive(question)
    await stage.start()
    assert await stage.heard(question) == ["one", "two", "three"]


async def test_no_more_than_the_settings_say(stage: Stage, fake: FakeDiscord) -> None:
    """The newest of them, the oldest of these first."""
    _, direct = await begun(stage)
    await stage.stop()
    for number in range(130):
        fake.dm("ada", f"word {number}")
    stage.change(back_fill=120)
    await stage.start()
    assert await stage.heard(direct) == ["one", *(f"word {number}" for number in range(10, 130))]


async def test_yesterdays_questions_are_over(fake: FakeDiscord, store: Store) -> None:
    """What was said while we were away for days is answered as far as anybody may still wait."""
    old = fake.dm("ada", "long ago")
    kept = old.channel.messages.pop(old.id)
    kept.id = str(int(kept.id) - (2 * 86_400_000 << 22))
    old.channel.messages[kept.id] = kept
    await store.places.set_watermark(f"discord:@me/{old.channel.id}", str(int(kept.id) - 1))
    fake.dm("ada", "just now")
    async with staged(fake, store) as stage:
        await stage.start()
        assert await stage.heard(old) == ["just now"]


async def test_marks_are_written(stage: Stage, fake: FakeDiscord, store: Store) -> None:
    """The newest message of every channel that was looked at, ours too, at the latest when we stop."""
    question, direct = await begun(stage)
    last = fake.say("grace", "general", "to nobody")
    await stage.quiet()
    await stage.stop()
    marks = await store.places.watermarks("discord")
    assert marks[f"discord:{fake.guild.id}/{fake.general.id}"] == last.id
    assert marks[str(stage.place(direct))] == direct.id
    assert question.thread is not None
    assert marks[str(stage.place(question))] == question.thread.last_message


async def _forgotten(fake: FakeDiscord) -> None:
    fake.gateway.forget()
    await fake.gateway.drop()


FAULTS: dict[str, Callable[[FakeDiscord], Awaitable[None]]] = {
    "a dropped connection": lambda fake: fake.gateway.drop(),
    "opcode 7": lambda fake: fake.gateway.reconnect(),
    "opcode 9, to be resumed": lambda fake: fake.gateway.invalidate(resumable=True),
    "opcode 9": lambda fake: fake.gateway.invalidate(),
    "a close that allows it": lambda fake: fake.gateway.close_with(4000),
    "a session that is over": _forgotten,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_is_lost_nor_doubled(stage: Stage, fake: FakeDiscord, fault: str) -> None:
    """Whatever happens to the connection, with events told twice on top."""
    question, direct = await begun(stage)
    fake.gateway.replay_extra = 3
    await FAULTS[fault](fake)
    fake.say("ada", question, "three")
    missed = fake.mention("grace", "general", "did you hear?")
    fake.dm("ada", "two")
    await fake.until(lambda: fake.gateway.identified + fake.gateway.resumed == 2)
    fake.gateway.repeat("MESSAGE_CREATE", 2)
    fake.say("ada", question, "four")
    assert await stage.heard(question) == ["one", "two", "three", "four"]
    assert await stage.heard(direct) == ["one", "two"]
    assert await stage.heard(missed) == ["did you hear?"]


async def test_what_is_live_waits_for_what_was_missed(stage: Stage, fake: FakeDiscord) -> None:
    """What comes over the wire meanwhile is later in time, and is answered later."""
    question, _ = await begun(stage)
    held = fake.order(Fault.SLOW, "get_messages", times=9)
    await fake.gateway.invalidate()
    fake.say("ada", question, "three")
    await fake.until(lambda: fake.gateway.identified == 2)
    await fake.connected()
    fake.say("ada", question, "four")
    await fake.until(lambda: held in fake.orders.done)
    assert len(await stage.items(stage.place(question))) == 2
    fake.withdraw(held)
    assert await stage.heard(question) == ["one", "two", "three", "four"]


async def test_history_that_cannot_be_read_yet(
    stage: Stage, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is live goes on; the rest is read a little later, and comes once."""
    monkeypatch.setattr("bot.adapters.discord.incoming.backfill._FIRST", 0.05)
    _, direct = await begun(stage)
    await stage.stop()
    fake.dm("ada", "two")
    fake.order(Fault.AWAY, "get_messages", times=4)
    await stage.start()
    fake.dm("ada", "three")
    async with asyncio.timeout(30):
        while len(await stage.heard(direct)) < 3:  # noqa: ASYNC110 - it is read again by the clock
            await asyncio.sleep(0.01)
    assert sorted(await stage.heard(direct)) == ["one", "three", "two"]


async def test_the_database_is_away_at_the_start(stage: Stage, fake: FakeDiscord, store: Store) -> None:
    """What was missed is looked at once the database is there; until then nothing that is live is dealt with."""
    question, _ = await begun(stage)
    await stage.stop()
    fake.say("ada", question, "three")
    places = store.places
    failures: list[str] = []
    real = places.watermarks

    async def watermarks(within: str) -> dict[str, str | None]:
        if not failures:
            failures.append(within)
            raise StorageDown("away")
        return await real(within)

    places.watermarks = watermarks  # type: ignore[method-assign]
    await stage.start()
    fake.say("ada", question, "four")
    assert await stage.heard(question) == ["one", "two", "three", "four"]
    assert failures


async def test_silence_is_noticed(stage: Stage, fake: FakeDiscord) -> None:
    """Opposite a gateway that says nothing any more the library connects again."""
    question, _ = await begun(stage)
    (listener,) = stage.edge.listeners
    fake.gateway.silence()
    fake.say("ada", question, "three")
    shard = listener.gateway.get_shard(0)
    assert shard is not None
    await shard.reconnect()
    assert await stage.heard(question) == ["one", "two", "three"]


async def test_a_mark_does_not_pass_what_is_to_be_read(store: Store) -> None:
    """Written is what was seen where nothing before it is missing, and never backwards."""
    marks, place = Marks(store), "discord:1/2"
    marks.seen(place, "10")
    await marks.write()
    marks.hold(place)
    marks.hold(place)
    marks.seen(place, "30")
    await marks.write()
    marks.release(place)
    await marks.write()
    assert await store.places.watermark(place) == "10"
    assert (await marks.of(place), await marks.all()) == (30, {place: 30})
    marks.release(place)
    marks.seen(place, "20")
    await marks.write()
    assert await store.places.watermark(place) == "30"


class Steps:
    """Work that notes that it was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.troubles: list[Exception] = []

    async def step(self, name: str) -> None:
        if self.troubles:
            raise self.troubles.pop()
        self.done.append(name)

    def work(self, name: str) -> Callable[[], Awaitable[None]]:
        return partial(self.step, name)


async def test_more_at_once_than_waits_in_memory(
    stage: Stage, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is let go is read again, all of it, though the settings make up for less after a start."""
    _, direct = await begun(stage)
    (listener,) = stage.edge.listeners
    monkeypatch.setattr(listener.lanes, "_most", 20)
    for number in range(150):
        fake.dm("ada", f"word {number}")
    assert await stage.heard(direct) == ["one", *(f"word {number}" for number in range(150))]


async def test_a_lane_that_is_too_full_reads_again() -> None:
    """What is over is let go, and one look at the channel stands in its place; then it goes on as before."""
    background, steps = Background("test"), Steps()
    lanes = Lanes(background, most=2)
    lanes.shut()
    for name in "abcde":
        lanes.put("lane", steps.work(name), steps.work("look"))
    lanes.put_first("lane", steps.work("first"))
    assert not lanes.idle()
    lanes.open()
    await _idle(lanes)
    lanes.put("lane", steps.work("f"), steps.work("look"))
    await _idle(lanes)
    assert steps.done == ["first", "a", "b", "look", "f"]
    await background.close()


async def test_a_lane_insists_but_not_on_mistakes() -> None:
    """A database that is away is waited for; what went wrong on our side is left behind."""
    background, steps = Background("test"), Steps()
    lanes = Lanes(background)
    steps.troubles = [StorageDown("away"), StorageDown("away")]
    lanes.put("lane", steps.work("a"), steps.work("look"))
    await _idle(lanes)
    steps.troubles = [ValueError("a mistake")]
    lanes.put("lane", steps.work("b"), steps.work("look"))
    lanes.put("lane", steps.work("c"), steps.work("look"))
    await _idle(lanes)
    assert steps.done == ["a", "c"]
    await background.close()


async def _idle(lanes: Lanes) -> None:
    async with asyncio.timeout(30):
        while not lanes.idle():  # noqa: ASYNC110 - nobody else needs to be told
            await asyncio.sleep(0.002)
