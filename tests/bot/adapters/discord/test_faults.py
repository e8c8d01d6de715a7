"""Whatever Discord does to a call: the whole answer is shown, and shown once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.adapters.discord.settings import Answers
from bot.core.place import Place
from tests.bot.adapters.discord.playing import run, stage
from tests.bot.adapters.discord.seeing import asked, calls, dm, ours, thread
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault

FAULTS = [Fault.LOST, Fault.CUT, Fault.DOWN, Fault.AWAY, Fault.BUSY]
LONG = 1_100  # tokens: three pages
WHERE: dict[str, Callable[[FakeDiscord], Place]] = {"new thread": asked, "old thread": thread, "direct": dm}


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("method", ["create_message", "edit_message"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_that_fails_in_passing(fault: Fault, method: str, where: str, after: int) -> None:
    """Wherever the answer stands, and whether the first call or a later one goes wrong."""

    async def scene() -> None:
        async with stage(WHERE[where]) as played:
            played.fake.book.expect("get_message", "10008")  # an old thread is at no message
            played.fake.order(fault, method, times=2, after=after, wait=5)
            await played.answer(LONG)
            # Who has waited three seconds for an edit goes on in a new message.
            played.check(pages=None if (fault, method) == (Fault.BUSY, "edit_message") else 3)

    run(scene())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_thread_that_cannot_be_opened_at_once(fault: Fault) -> None:
    """It is opened in the end, and once; the answer is in it."""

    async def scene() -> None:
        async with stage(asked) as played:
            # Tried again after its answer was lost, it is there already.
            played.fake.book.expect("create_thread", "160004")
            # What may have been posted is looked for, though there is no thread yet.
            played.fake.book.expect("get_messages", "10003")
            played.fake.order(fault, "create_thread", times=2, wait=2)
            await played.answer(60)
            played.check(pages=1)
            assert played.fake.world.channels[played.place.thread].is_thread
            assert calls(played.fake, "create_thread") == ["create_thread"]

    run(scene())


@pytest.mark.parametrize("method", ["create_message", "edit_message"])
def test_a_fault_that_stays_for_a_while(method: str) -> None:
    """An answer is lost, and then nothing is answered for longer than Discord remembers a nonce by."""

    async def scene() -> None:
        async with stage(thread) as played:
            played.fake.book.expect("get_message", "10008")
            fake, begun = played.fake, played.fake.clock.now()
            fake.order(Fault.LOST, method)
            fake.order(Fault.DOWN, "", after=3, times=20)
            await played.answer(LONG)
            played.check()
            assert fake.clock.now() - begun > 300

    run(scene())


def test_a_whole_page_without_buttons_is_found_by_what_it_says() -> None:
    """Its post was applied, nobody heard so, and Discord no longer knows the nonce."""

    async def scene() -> None:
        async with stage(dm) as played:
            fake = played.fake

            async def trouble(number: int) -> None:
                if number == 1:
                    fake.order(Fault.LOST, "create_message")
                    fake.order(Fault.DOWN, "get_messages", times=40)

            # All comes at once, so that the first page is whole when it is posted.
            await played.answer(LONG, per_second=100_000, until=trouble)
            played.check(pages=3)

    run(scene())


def test_forgotten_answers_in_a_channel() -> None:
    """Where answers are replies, the messages are found among those of the channel."""

    async def scene() -> None:
        async with stage(asked, answers=Answers.REPLY) as played:
            fake, place = played.fake, played.place
            fake.book.expect("get_channel", "10003")
            fake.order(Fault.LOST, "create_message")
            fake.order(Fault.LOST, "edit_message")
            await played.answer(LONG)
            played.check(pages=3)
            assert {one.replied.id for one in ours(fake, place) if one.replied} == {place.thread}
            assert place.thread not in fake.world.channels

    run(scene())


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
def test_a_limit_is_waited_for_by_delivery_and_by_nobody_else(scope: str) -> None:
    """A refusal comes back at once; what it says is kept, and no further call is refused."""

    async def scene() -> None:
        async with stage(dm) as played:
            played.fake.order(Fault.BUSY, "edit_message", after=1, wait=2, error=scope)
            await played.answer(200)
            played.check(pages=1)
            assert len([one for one in played.fake.book.entries if one.ordered]) == 1

    run(scene())


@pytest.mark.parametrize("where", [asked, dm])
def test_nothing_is_refused_without_a_fault(where: Callable[[FakeDiscord], Place]) -> None:
    """A long answer keeps all of Discord's limits."""

    async def scene() -> None:
        async with stage(where) as played:
            await played.answer(LONG)
            played.check(pages=3)
            assert played.fake.book.entries == []

    run(scene())
