"""The runner of tasks: begun at once, each to its end, shown once, and nothing lost when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from bot.conversation.delivery.bulletin import Bulletin
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.delivery.errand import Posting
from bot.conversation.presence import Presence
from bot.conversation.tasks import TaskDesk
from bot.core.errors import MessageFrozen, PlaceGone
from bot.core.place import Place
from bot.core.surface import Posted
from bot.core.view import Button, Tone, View
from bot.jobs.tasks import TaskRunner
from bot.jobs.work import CANCEL, Kind, TaskFailed, Work
from storage.store import Store
from storage.tasks import NewTask, TaskRow
from tests.fakes.process import HurriedClock
from tests.fakes.surface import Kind as Fault
from tests.fakes.surface import RoomSurface

PLACE = Place("room", "town", "square", "kitchen")
PATIENCE = 20.0  # seconds


def _buttons(row: TaskRow) -> tuple[Button, ...]:
    return (Button(CANCEL, f"stop {row.id}"),) if row.state == "running" else ()


class Bench:
    """One process that runs tasks; ``handler`` is what its only kind, "dig", does."""

    def __init__(self, store: Store) -> None:
        self.store, self.changed = store, asyncio.Event()
        self.room = RoomSurface(self.changed.set)
        self.delivery = Delivery(HurriedClock())
        self.desk = TaskDesk(store.tasks)
        self.presence = Presence(store, "here")
        self.handler: Callable[[Work], Awaitable[str]] = self.dig
        self.begun = 0
        self.go = asyncio.Event()
        kinds = {"dig": Kind(self._does, _buttons)}
        self.runner = TaskRunner(
            store.tasks,
            self.desk,
            self.presence,
            self.delivery,
            {"room": self.room},
            kinds,
            look=0.05,
            pace=0.0,
        )

    async def _does(self, work: Work) -> str:
        return await self.handler(work)

    async def dig(self, work: Work) -> str:
        """Half of it, the rest when it may."""
        self.begun += 1
        await work.progress(1, 2, "Digging.", now=True)
        await self.go.wait()
        return "Dug."

    async def started(self, place: Place | None = PLACE, kind: str = "dig") -> int:
        task = NewTask(kind, place=None if place is None else str(place))
        return (await self.desk.start(task, by=7)).id

    async def row(self, task_id: int) -> TaskRow:
        row = await self.store.tasks.get(task_id)
        assert row is not None
        return row

    async def until(self, task_id: int, holds: Callable[[TaskRow], bool]) -> TaskRow:
        async with asyncio.timeout(PATIENCE):
            while not holds(row := await self.row(task_id)):  # noqa: ASYNC110 - a database has no event
                await asyncio.sleep(0.01)
        return row

    def texts(self) -> list[str]:
        return [line.view.text for line in self.room.lines]


@pytest.fixture
async def bench(store: Store) -> AsyncIterator[Bench]:
    """A bench at work. Afterwards no call to the room was a misuse."""
    bench = Bench(store)
    await bench.presence.join()
    parts = [asyncio.create_task(part) for part in (bench.delivery.run(), bench.runner.run())]
    yield bench
    for part in reversed(parts):
        part.cancel()
        with suppress(asyncio.CancelledError):
            await part
    assert bench.room.mistakes == []


def told(row: TaskRow) -> bool:
    return row.state not in ("waiting", "running") and row.owner is None


async def test_a_task_without_a_place_is_done_too(bench: Bench) -> None:
    """Nothing is shown anywhere; its row says how it stands."""
    task = await bench.started(place=None)
    row = await bench.until(task, lambda row: row.done == 1)
    assert (row.state, row.note, row.owner) == ("running", "Digging.", "here")
    bench.go.set()
    row = await bench.until(task, told)
    assert (row.state, row.note, row.done) == ("done", "Dug.", 2)
    assert bench.texts() == []


@pytest.mark.parametrize(
    ("error", "words"),
    [(TaskFailed("x", say="No spade here."), "No spade here."), (RuntimeError("x"), "Something went wrong")],
)
async def test_a_task_that_fails_says_why(bench: Bench, error: Exception, words: str) -> None:
    """In its own words, or without any of an unforeseen error; as an error."""

    async def fails(work: Work) -> str:
        raise error

    bench.handler = fails
    row = await bench.until(await bench.started(), told)
    assert (row.state, row.note[: len(words)]) == ("failed", words)
    [line] = bench.room.lines
    assert (line.view.tone, line.view.text) == (Tone.ERROR, row.note)


async def test_what_is_not_for_this_process_waits(bench: Bench) -> None:
    """A kind it does not know, and a platform it is not connected to."""
    bench.go.set()
    others = [await bench.started(kind="sow"), await bench.started(Place("annex", "town", "square"))]
    await bench.until(await bench.started(), told)
    assert [(await bench.row(task)).state for task in others] == ["waiting", "waiting"]


async def test_a_task_that_never_ends_is_given_up(bench: Bench) -> None:
    """One that its processes did not survive is not begun for ever."""
    task = await bench.store.tasks.start(NewTask("dig", place=str(PLACE)))
    for number in range(25):
        claim = await bench.store.tasks.claim(task.id, f"p{number}", {f"p{number - 1}"})
        assert claim is not None
    bench.desk.changed.set()
    row = await bench.until(task.id, told)
    assert (row.state, bench.begun) == ("failed", 0)


async def test_a_place_that_is_gone_ends_no_task(bench: Bench) -> None:
    """It is done all the same."""
    bench.room.order(Fault.GONE, times=1)
    bench.go.set()
    row = await bench.until(await bench.started(), told)
    assert (row.state, bench.texts()) == ("done", [])


async def test_a_message_that_is_frozen_is_followed_by_another() -> None:
    """What changes meanwhile stays unsaid; the last words are a message of their own."""

    class Frozen(RoomSurface):
        async def edit(self, place: Place, message_id: str, view: View) -> Posted:
            raise MessageFrozen("frozen")

    room, delivery = Frozen(lambda: None), Delivery(HurriedClock())
    running = asyncio.create_task(delivery.run())
    written: list[tuple[str, str | None]] = []

    async def journal(key: str, message_id: str | None) -> None:
        written.append((key, message_id))

    bulletin = Bulletin(delivery, room, PLACE, Posting("task1"), journal)
    bulletin.show(View("one"))
    async with asyncio.timeout(PATIENCE):
        while not room.lines:  # noqa: ASYNC110 - nor has a list
            await asyncio.sleep(0.01)
        bulletin.show(View("two"))
        await bulletin.close(View("three"))
    assert [line.view.text for line in room.lines] == ["one", "three"]
    assert written == [("task1", None), ("task1", "m1"), ("task1e", None), ("task1e", "m2")]
    room.order(Fault.GONE)
    gone = Bulletin(delivery, room, PLACE, Posting("task2"), journal)
    with pytest.raises(PlaceGone):
        await gone.close(View("four"))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
