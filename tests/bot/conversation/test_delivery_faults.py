"""What goes wrong between us and a platform, and what people see all the same: each text once and whole."""

import asyncio
import logging
import random
from collections import Counter

import pytest

from bot.conversation.delivery.delivery import Delivery, DeliveryGaveUp
from bot.core.errors import PlaceGone
from bot.core.surface import Verb
from bot.core.view import Button, Picture, Tone, View
from tests.fakes import clock, scenes
from tests.fakes.measure import Stream, ink, seen, summary, words
from tests.fakes.platform import Discord, Fault, Kind, Platform, Slack

PLATFORMS = pytest.mark.parametrize("platform_of", [Discord, Slack], ids=["discord", "slack"])


@PLATFORMS
@pytest.mark.parametrize("kind", [Kind.LOST, Kind.DOWN])
@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("after", range(6))
def test_no_lost_answer_doubles_or_loses_a_text(
    platform_of: type[Platform], kind: Kind, verb: Verb, after: int
) -> None:
    """Whichever call fails, applied or not, the text stands there exactly once."""
    platform = platform_of()
    platform.faults = [Fault(kind, verb, after=after)]
    tokens = words(1400 if verb is Verb.POST and platform_of is Discord else 400)
    stream = scenes.one(platform, tokens)
    result = seen(stream, platform)
    assert result.complete
    assert stream.failure is None
    assert len(platform.messages) == result.pages == len(stream.row.pages)
    assert {message.key: message.id for message in platform.messages.values()} == stream.row.pages
    assert platform.mistakes == []
    assert result.last < 2.5


@PLATFORMS
def test_several_lost_answers_in_a_row(platform_of: type[Platform]) -> None:
    """A platform that loses five answers one after another still shows one message."""
    platform = platform_of()
    platform.faults = [Fault(Kind.LOST, times=5)]
    stream = scenes.one(platform, words(400))
    assert seen(stream, platform).complete
    assert len(platform.messages) == 1


@PLATFORMS
def test_a_burst_of_refusals_is_waited_out_and_stale_text_is_never_sent(platform_of: type[Platform]) -> None:
    """Ten replies run into 429s with Retry-After 30: what is sent after the thaw is the text of then."""
    platform = platform_of()
    platform.faults = [Fault(Kind.BUSY, times=10, after=12)]
    streams = scenes.together(platform, 10)
    result = summary(streams, platform, 1.0)
    assert result.complete == 10
    assert platform.ordered == 10
    assert platform.refused == 0
    for stream in streams:
        for message in stream.pages(platform):
            lengths = [len(view.text) for _, view in message.history]
            assert lengths == sorted(lengths)


def test_a_frozen_edit_budget_lets_the_last_text_go_by_post() -> None:
    """Slack refuses an edit for 30 s; the rest of the answer is posted after 3 s and the old page is tidied."""
    platform = Slack()
    platform.faults = [Fault(Kind.BUSY, Verb.EDIT, after=3)]
    stream = scenes.one(platform, words(400))
    result = seen(stream, platform)
    assert result.complete
    assert result.pages == 2
    assert 3.0 <= result.last <= 3.3
    first, second = stream.pages(platform)
    assert not first.view.growing
    assert first.history[-1][0] > second.history[-1][0] + 20
    assert first.view.text == first.history[-2][1].text
    assert not first.view.footer
    assert second.view.footer


def test_a_reply_that_is_wholly_visible_waits_for_its_edit_instead_of_a_new_message() -> None:
    """Where nothing but the mark of growing is left to change, no second message is posted."""
    platform = Slack()
    platform.faults = [Fault(Kind.BUSY, Verb.EDIT, wait=20)]
    stream = scenes.one(platform, ["All of it at once.", " "], per_second=1)
    assert seen(stream, platform).complete
    assert seen(stream, platform).pages == 1
    assert stream.finished > 20


def test_an_edit_of_unknown_outcome_is_not_continued_elsewhere() -> None:
    """While nobody knows what a message shows, the rest is not posted beside it."""
    platform = Slack()
    platform.faults = [
        Fault(Kind.LOST, Verb.EDIT, after=2),
        Fault(Kind.BUSY, Verb.EDIT, times=3, wait=10, after=2),
    ]
    stream = scenes.one(platform, words(400))
    assert seen(stream, platform).complete
    assert sum(len(ink(message.view.text)) for message in stream.pages(platform)) == len(ink(stream.text))


@PLATFORMS
@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_place_that_is_gone_ends_the_reply(platform_of: type[Platform], after: int) -> None:
    """A deleted thread is told at once and nothing more is sent to it."""
    platform = platform_of()
    platform.faults = [Fault(Kind.GONE, times=99, after=after)]
    stream = scenes.one(platform, words(400))
    assert isinstance(stream.failure, PlaceGone)
    assert len(platform.calls) == after
    assert platform.faults[0].times == 98


@PLATFORMS
@pytest.mark.parametrize("kind", [Kind.DOWN, Kind.BUSY])
def test_after_fifteen_minutes_delivery_gives_up(platform_of: type[Platform], kind: Kind) -> None:
    """A platform that takes nothing for fifteen minutes is given up, with a sentence for people."""
    platform = platform_of()
    platform.faults = [Fault(kind, times=10_000, wait=100)]
    stream = scenes.one(platform, words(100))
    assert isinstance(stream.failure, DeliveryGaveUp)
    assert "kept" in stream.failure.say
    assert 15 * 60 <= stream.finished - stream.sent[0][0] <= 17 * 60
    assert len(platform.calls) == 0


def test_a_wait_of_an_hour_is_not_waited_out() -> None:
    """A Retry-After beyond fifteen minutes ends in giving up, not in silence."""
    platform = Discord()
    platform.faults = [Fault(Kind.BUSY, wait=3600)]
    stream = scenes.one(platform, words(100))
    assert isinstance(stream.failure, DeliveryGaveUp)
    assert stream.finished < 16 * 60


def test_pauses_between_failures_grow() -> None:
    """A platform that is down is asked ever more rarely, at most every half minute."""
    platform = Discord()
    platform.faults = [Fault(Kind.DOWN, times=12)]
    stream = scenes.one(platform, words(100))
    assert seen(stream, platform).complete
    assert 100 < stream.finished < 360


def test_one_broken_place_holds_up_no_other() -> None:
    """A channel that fails and one that refuses leave their neighbours at full speed."""
    platform = Discord()
    broken, refusing = scenes.place(platform, 0), scenes.place(platform, 1)
    platform.faults = [
        Fault(Kind.DOWN, times=8, place=broken),
        Fault(Kind.BUSY, times=2, place=refusing, budget="discord:edit:C1", verb=Verb.EDIT),
    ]
    streams = scenes.together(platform, 10)
    assert all(seen(stream, platform).complete for stream in streams)
    assert summary(streams[2:], platform, 1.0).last_p95 <= 0.15
    assert summary(streams[2:], platform, 1.0).lag <= 0.7


class TestSend:
    """Whole messages: answers of commands, notices."""

    def test_a_message_is_posted_at_once(self) -> None:
        """A command's answer passes through the same budgets and comes back with its id."""
        platform = Discord()
        view = View(
            "Hello", footer="f", buttons=(Button("Again", "retry"),), tone=Tone.NOTICE, private_to="U1"
        )
        sent = clock.run(send(platform, view))
        assert platform.messages[sent].view == view
        assert platform.messages[sent].history[0][0] == platform.limits.round_trip / 2

    def test_a_long_message_goes_over_several(self) -> None:
        """What does not fit one message is split like an answer; the last part has the key and the buttons."""
        platform = Discord()
        view = View("\n".join(words(1500)), buttons=(Button("Again", "retry"),))
        sent = clock.run(send(platform, view))
        parts = list(platform.messages.values())
        assert ink("".join(part.view.text for part in parts)) == ink(view.text)
        assert [bool(part.view.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]
        assert platform.messages[sent].key == "key1"

    @pytest.mark.parametrize("kind", [Kind.LOST, Kind.DOWN])
    def test_a_failed_message_is_sent_once(self, kind: Kind) -> None:
        """A message whose answer was lost is found, not repeated."""
        platform = Discord()
        platform.faults = [Fault(kind, times=3)]
        sent = clock.run(send(platform, View("Hello")))
        assert list(platform.messages) == [sent]

    def test_a_picture_goes_with_the_last_of_several_messages(self) -> None:
        """It is shown once, and found with the message that it belongs to where the answer is lost."""
        platform = Discord()
        platform.faults = [Fault(Kind.LOST, times=2)]
        picture = Picture(b"png", "A chart", "chart.png")
        sent = clock.run(send(platform, View("many words " * 300, picture=picture)))
        pictures = {message.id: message.view.picture for message in platform.messages.values()}
        assert len(pictures) == 2
        assert {id_ for id_, shown in pictures.items() if shown == picture} == {sent}

    def test_a_message_to_a_place_that_is_gone(self) -> None:
        """The caller is told."""
        platform = Discord()
        platform.faults = [Fault(Kind.GONE)]
        with pytest.raises(PlaceGone):
            clock.run(send(platform, View("Hello")))

    def test_a_caller_who_leaves_leaves_nothing_behind(self) -> None:
        """A cancelled send makes no further call and frees its slot."""

        async def main() -> None:
            platform = Slack()
            platform.faults = [Fault(Kind.BUSY, times=99)]
            async with scenes.running() as delivery:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(100):
                        await delivery.send(platform, scenes.place(platform, 1), View("Hello"), "key1")
                assert not delivery.open_slots()
                asked = platform.ordered
                await asyncio.sleep(100)
                assert platform.ordered == asked

        clock.run(main())

    def test_it_comes_before_interim_texts(self) -> None:
        """In a busy channel a command's answer does not wait behind growing replies."""
        platform = Slack()

        async def main() -> float:
            async with scenes.running() as delivery:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(3)
                begun = loop.time()
                await delivery.send(platform, scenes.place(platform, 1), View("Hello"), "key1")
                return loop.time() - begun

        assert clock.run(main()) <= 0.11


async def send(platform: Platform, view: View) -> str:
    async with scenes.running() as delivery:
        return await delivery.send(platform, scenes.place(platform, 1), view, "key1")


def test_calls_in_flight_are_waited_for_at_shutdown() -> None:
    """Ending the loop cancels no call: its outcome would be unknown."""

    async def main() -> None:
        platform = Discord()
        delivery = Delivery()
        loop = asyncio.create_task(delivery.run())
        sending = asyncio.create_task(
            delivery.send(platform, scenes.place(platform, 1), View("Hello"), "key1")
        )
        await asyncio.sleep(0.01)
        loop.cancel()
        await asyncio.wait([loop])
        assert await sending == "m1"

    clock.run(main())


class Stormy(Discord):
    """Discord on a bad day: any call may be slow, refused, fail or lose its answer."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)

    async def _travel(self) -> None:
        if self.chance.random() < 0.05:
            kind = self.chance.choice([Kind.LOST, Kind.DOWN, Kind.BUSY])
            self.faults = [Fault(kind, wait=self.chance.uniform(0.5, 12))]
        await asyncio.sleep(self.chance.choice([0.01, 0.02, 0.05, 0.4, 2.0]))


@pytest.mark.parametrize("seed", range(25))
def test_whatever_happens_each_text_stands_there_once(seed: int) -> None:
    """Ten replies, some long, through a storm of every kind of failure: complete, exact, none left growing."""
    platform = Stormy(seed)
    sizes = [platform.chance.randint(1, 1500) for _ in range(10)]
    streams = [Stream(scenes.place(platform, n), words(size, n)) for n, size in enumerate(sizes)]
    clock.run(scenes.play(platform, [(n / 3, stream) for n, stream in enumerate(streams)], after=300))
    for stream in streams:
        assert stream.failure is None
        assert seen(stream, platform).complete
        assert {message.key for message in stream.pages(platform)} == set(stream.row.pages)
        assert stream.row.text == stream.text
    assert len(platform.messages) == sum(len(stream.row.pages) for stream in streams)
    assert platform.mistakes == []


def test_operators_can_see_what_a_platform_refuses(caplog: pytest.LogCaptureFixture) -> None:
    """Each freeze of a budget is one line with its place, name and seconds; every refusal is counted."""
    caplog.set_level(logging.INFO, logger="bot.conversation.delivery.delivery")
    platform, refusals = Discord(), Counter[str]()
    platform.faults = [Fault(Kind.BUSY, times=2, verb=Verb.EDIT, wait=7.0, budget="discord:edit:C0")]
    stream = Stream(scenes.place(platform, 0), words(800))

    async def main() -> None:
        async with scenes.running() as delivery:
            await stream.play(delivery, platform)
            refusals.update(delivery.refusals)

    clock.run(main())
    assert refusals == {"discord": 2}
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert set(lines) == {"refused at discord:T1/C0: nothing more on discord:edit:C0 for 7.0 s"}
