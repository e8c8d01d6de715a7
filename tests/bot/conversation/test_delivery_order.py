"""Who goes first where a platform has fewer calls than there is to show."""

import asyncio
from collections.abc import Sequence

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.reply import Reply
from bot.core.place import Place
from bot.core.surface import Rate, Spend, Verb
from bot.core.view import View
from tests.fakes import clock, scenes
from tests.fakes.measure import Row
from tests.fakes.platform import Fault, Kind, Platform, Window


class Narrow(Platform):
    """Every call spends one budget."""

    calls_per_window, seconds = 6, 10.0

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return (Spend("narrow", Rate(self.calls_per_window, self.seconds)),)

    def meters(self, verb: Verb, place: Place) -> Sequence[Window]:
        window = Window("narrow", self.calls_per_window, self.seconds)
        return (self._meters.setdefault("narrow", window),)  # type: ignore[return-value]

    def reply(self, delivery: Delivery, name: str) -> Reply:
        keys = iter(f"{name}{n}" for n in range(99))
        place = Place("narrow", "W", name)
        return Reply(Row().journal(), delivery, self, place, new_key=lambda: next(keys))

    def order(self, since: float) -> list[tuple[str, Verb]]:
        return [(place.channel, verb) for moment, verb, place in self.asked if moment > since]


def test_last_texts_then_first_texts_then_interim_ones() -> None:
    """After a freeze with everything waiting, the order is: ended replies, answers to commands, new ones, others."""
    platform = Narrow()
    platform.calls_per_window = 20

    async def main() -> None:
        async with scenes.running() as delivery:
            grown, ended = platform.reply(delivery, "grown"), platform.reply(delivery, "ended")
            grown.feed("Hello")
            ended.feed("Hello")
            await asyncio.sleep(3)
            platform.faults = [Fault(Kind.BUSY, wait=10)]
            grown.feed(" you")
            await asyncio.sleep(3)
            platform.reply(delivery, "new").feed("Hello")
            grown.feed(" and you")
            await asyncio.sleep(1)
            command = delivery.send(platform, Place("narrow", "W", "command"), View("Hello"), "k")
            await asyncio.gather(ended.finish(), command)
            await asyncio.sleep(5)

    clock.run(main())
    assert platform.order(6.0) == [
        ("ended", Verb.EDIT),
        ("command", Verb.POST),
        ("new", Verb.POST),
        ("grown", Verb.EDIT),
    ]


def test_the_stalest_interim_text_goes_first() -> None:
    """Of many replies that wait for few edits, those go first whose new text has waited longest."""
    platform = Narrow()

    async def main() -> None:
        async with scenes.running() as delivery:
            replies = [platform.reply(delivery, f"c{n}") for n in range(5)]
            for reply in replies:
                reply.feed("Hello")
            await asyncio.sleep(20)
            platform.faults = [Fault(Kind.BUSY, wait=20)]
            for reply in replies:
                reply.feed(" you")
                await asyncio.sleep(0.1)
            await asyncio.sleep(60)

    clock.run(main())
    assert [place for place, _ in platform.order(20.1)] == ["c0", "c1", "c2", "c3", "c4"]


def test_a_call_a_second_is_enough_to_grow() -> None:
    """A platform that gives one call at a time still shows interim texts, and the last within a second."""
    platform = Narrow()
    platform.calls_per_window, platform.seconds = 1, 1.0

    async def main() -> tuple[float, float]:
        async with scenes.running() as delivery:
            reply = platform.reply(delivery, "c")
            for n in range(200):
                reply.feed(f" word{n}")
                await asyncio.sleep(0.05)
            before = asyncio.get_running_loop().time()
            await reply.finish()
            return before, asyncio.get_running_loop().time()

    before, after = clock.run(main())
    assert after - before <= 1.3
    assert 8 <= len(platform.calls) <= 11


def test_two_replies_that_wait_for_each_others_answer() -> None:
    """With its only token in flight, a budget is asked again when the answer is there."""
    platform = Narrow()
    platform.calls_per_window, platform.seconds = 1, 1.0

    async def main() -> None:
        async with scenes.running() as delivery:
            first, second = platform.reply(delivery, "a"), platform.reply(delivery, "b")
            for n in range(40):
                first.feed(f" word{n}")
                second.feed(f" word{n}")
                await asyncio.sleep(0.25)
            await asyncio.gather(first.finish(), second.finish())

    clock.run(main())
    assert platform.refused == 0
    texts = [message.view.text for message in platform.messages.values()]
    assert texts == ["".join(f" word{n}" for n in range(40))] * 2


def test_a_reply_that_is_alone_is_not_held_back_by_ones_that_ended() -> None:
    """When the others are done, what was kept for their last texts is free for the one that goes on."""
    platform = Narrow()
    platform.calls_per_window, platform.seconds = 12, 60.0

    async def main() -> None:
        async with scenes.running() as delivery:
            replies = [platform.reply(delivery, f"c{n}") for n in range(4)]
            for n in range(400):
                for reply in replies[: 4 if n < 80 else 1]:
                    reply.feed(f" word{n}")
                if n == 80:
                    await asyncio.gather(*(reply.finish() for reply in replies[1:]))
                await asyncio.sleep(0.05)
            await replies[0].finish()

    clock.run(main())
    alone = [moment for moment, verb, place in platform.calls if place.channel == "c0" and moment > 5]
    assert len(alone) >= 2
    assert platform.refused == 0
