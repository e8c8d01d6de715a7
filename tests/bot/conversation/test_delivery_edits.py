"""Messages whose edits spend other budgets than their place says: native streams, for one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.conversation.delivery.budgets import Budget
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.delivery.slots import Rank, Slot
from bot.core.errors import PlatformBusy, PlatformDown
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Rate, Spend, Surface, Verb
from bot.core.view import View
from tests.fakes import clock, scenes
from tests.fakes.platform import Bucket, Slack, Window

PLACE = Place("s", "T1", "C1", "1")
POST = Spend("post", Rate(100, 60.0), shared="T1")
UPDATE = Spend("update", Rate(50, 60.0), shared="T1")
APPEND = Spend("append", Rate(100, 60.0), shared="T1/streams")
OWN = Spend("own", Rate(10, 1.0))


class Streaming(Slack):
    """Slack where every message is a native stream: 100 appends a minute, and no update at all."""

    async def post(self, place: Place, view: View, key: str) -> Posted:
        posted = await super().post(place, view, key)
        return replace(posted, edits=(self.append(place), Spend(f"own:{posted.message_id}", Rate(10, 1.0))))

    def append(self, place: Place) -> Spend:
        return Spend(f"slack:append:{place.workspace}", Rate(100, 60.0), shared=place.workspace)

    def meters(self, verb: Verb, place: Place) -> Sequence[Window | Bucket]:
        if verb is Verb.EDIT:
            name = f"slack:append:{place.workspace}"
            return (self._meters.setdefault(name, Window(name, 100, 60.0)),)
        return super().meters(verb, place)


def edits_in(platform: Slack, seconds: float) -> int:
    return sum(verb is Verb.EDIT and moment < seconds for moment, verb, _ in platform.calls)


def test_streams_use_their_own_budget_and_no_other() -> None:
    """Ten streams grow by more calls than chat.update would have had, and none is refused."""
    platform, updates = Streaming(), Slack()
    streams = scenes.together(platform, 10)
    scenes.together(updates, 10)
    assert [stream.failure for stream in streams if stream.failure] == []
    assert (platform.refused, platform.mistakes) == (0, [])
    assert edits_in(updates, 20) <= 50 < edits_in(platform, 20) <= 100


def test_fifty_streams_end_in_time() -> None:
    """The last texts of fifty streams find their calls among the appends."""
    platform = Streaming()
    streams = scenes.together(platform, 50)
    assert (platform.refused, platform.mistakes) == (0, [])
    assert sorted(stream.finished - stream.sent[-1][0] for stream in streams)[-3] <= 3.0


class Scripted:
    """A job that needs and answers what the test says next."""

    diverts = False
    place = PLACE

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.wants: tuple[Verb, Rank] | None = None
        self.answer: Posted | Exception | None = None
        self.failure: Exception | None = None

    def need(self) -> tuple[Verb, Rank] | None:
        return self.wants

    async def act(self, verb: Verb) -> Posted | None:
        self.wants, answer = None, self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fail(self, error: Exception) -> None:
        self.failure = error


class Desk(Slack):
    """A place with one budget for each verb."""

    limits = Limits(2000, 8000)

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return (POST,) if verb is Verb.POST else (UPDATE,)


class Bench:
    """A delivery, one open job on it, and a look at who wants what."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery, self.job = delivery, Scripted(Desk())
        self.slot: Slot = delivery.open(self.job)
        self._seen: dict[str, Budget] = {}

    def demand(self) -> Mapping[str, tuple[int, int, int]]:
        """By budget, where there is any: open slots, growing streams, texts owed."""
        self._seen |= {one.name: one for one in self.slot.budgets[Verb.EDIT]}
        held = {name: one.demand for name, one in self._seen.items()}
        counted = {name: (one.slots, one.growing, one.pending) for name, one in held.items()}
        return {name: counts for name, counts in counted.items() if any(counts)}

    def left(self, name: str) -> int:
        """Tokens of the budget that edits spend now."""
        (budget,) = (one for one in self.slot.budgets[Verb.EDIT] if one.name == name)
        return budget.free(asyncio.get_running_loop().time())

    async def step(self, verb: Verb, answer: Posted | Exception, rank: Rank = Rank.LAST) -> None:
        """Let the job make one call that is answered so."""
        self.job.wants, self.job.answer = (verb, rank), answer
        self.delivery.touch(self.slot)
        await asyncio.sleep(30)


def test_what_is_wanted_moves_with_the_budget() -> None:
    """Open slots, growing streams and the share of a workspace are counted where the edits go now."""

    async def main() -> None:
        async with scenes.running() as delivery:
            bench = Bench(delivery)
            delivery.grow(bench.slot)
            assert bench.demand() == {"update": (1, 1, 0)}
            await bench.step(Verb.POST, Posted("m1", edits=(APPEND, OWN)))
            assert bench.demand() == {"append": (1, 1, 0), "own": (1, 1, 0)}
            assert delivery.open_slots() == {"T1": 1, "T1/streams": 1}
            await bench.step(Verb.EDIT, Posted("m1"))
            assert bench.demand() == {"append": (1, 1, 0), "own": (1, 1, 0)}
            await bench.step(Verb.EDIT, Posted("m1", edits=(UPDATE,)))
            assert bench.demand() == {"update": (1, 1, 0)}
            assert bench.left("update") == 49
            assert delivery.open_slots() == {"T1": 1}
            delivery.ended(bench.slot)
            assert bench.demand() == {"update": (1, 0, 0)}
            delivery.close(bench.slot)
            assert (bench.demand(), delivery.open_slots()) == ({}, {})

    clock.run(main())


def test_a_new_page_begins_with_the_places_own_budgets() -> None:
    """Before the next message is posted nobody knows what its edits will spend."""

    async def main() -> None:
        async with scenes.running() as delivery:
            bench = Bench(delivery)
            delivery.grow(bench.slot)
            await bench.step(Verb.POST, Posted("m1", edits=(APPEND,)))
            await bench.step(Verb.POST, Posted("m2"))
            assert bench.demand() == {"update": (1, 1, 0)}
            await bench.step(Verb.POST, Posted("m3", edits=(APPEND,)))
            assert bench.demand() == {"append": (1, 1, 0)}
            delivery.close(bench.slot)
            assert bench.demand() == {}

    clock.run(main())


def test_a_failure_may_say_what_edits_spend_from_now_on() -> None:
    """A stream that broke, whose update was then refused, waits for the updates' budget."""

    async def main() -> None:
        async with scenes.running() as delivery:
            bench = Bench(delivery)
            delivery.grow(bench.slot)
            for failure in (PlatformBusy("over", wait=5.0, budget="update"), PlatformDown("away")):
                await bench.step(Verb.POST, Posted("m1", edits=(APPEND,)))
                failure.edits = (UPDATE,)
                await bench.step(Verb.EDIT, failure)
                assert bench.demand() == {"update": (1, 1, 0)}
            assert bench.job.failure is None

    clock.run(main())


def test_a_job_that_was_closed_meanwhile_wants_nothing() -> None:
    """An answer that comes after the end moves no budget."""

    async def main() -> None:
        async with scenes.running() as delivery:
            bench = Bench(delivery)
            bench.job.wants, bench.job.answer = (Verb.POST, Rank.LAST), Posted("m1", edits=(APPEND,))
            delivery.touch(bench.slot)
            await asyncio.sleep(0)
            delivery.close(bench.slot)
            await asyncio.sleep(1)
            assert (bench.demand(), delivery.open_slots()) == ({}, {})

    clock.run(main())
