"""Waking the event streams of a process."""

from __future__ import annotations

import asyncio

from web.hub import Hub


async def test_a_wake_reaches_the_listeners_of_its_place_only() -> None:
    """Streams of other places sleep on."""
    hub = Hub()
    with hub.listen("a") as here, hub.listen("b") as there:
        hub.wake("a")
        async with asyncio.timeout(30):
            await here.changed(60)
        waiting = asyncio.create_task(there.changed(60))
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()


async def test_a_wake_before_the_wait_is_not_lost() -> None:
    """What happened while a stream was busy wakes it at once."""
    hub = Hub()
    with hub.listen("a") as subscription:
        hub.wake("a")
        async with asyncio.timeout(30):
            await subscription.changed(60)


async def test_waiting_ends_by_itself() -> None:
    """Without news the stream looks for itself after a while."""
    with Hub().listen("a") as subscription:
        await subscription.changed(0.001)
        assert not subscription.ended


async def test_the_status_is_told_to_those_who_come_and_those_who_are_there() -> None:
    """A page that opens while a model thinks says so too."""
    hub = Hub()
    with hub.listen("a") as early:
        hub.say("a", "thinking")
        with hub.listen("a") as late:
            assert (early.status, late.status, hub.status("a")) == ("thinking", "thinking", "thinking")
            hub.say("a", "")
            assert (early.status, late.status, hub.status("a")) == ("", "", "")
    hub.say("a", "")
    hub.wake("a")


async def test_closing_ends_every_stream_and_those_that_come_later() -> None:
    """At shutdown nobody is left waiting."""
    hub = Hub()
    with hub.listen("a") as early:
        hub.close()
        assert early.ended
        with hub.listen("a") as late:
            assert late.ended


async def test_a_persons_streams_end_together() -> None:
    """Signing out ends what that person listens to, and nothing of anybody else."""
    hub = Hub()
    with (
        hub.listen("web:main/1/a") as one,
        hub.listen("web:main/1/b") as two,
        hub.listen("web:main/11/a") as other,
    ):
        hub.end("web:main/1")
        assert (one.ended, two.ended, other.ended) == (True, True, False)
