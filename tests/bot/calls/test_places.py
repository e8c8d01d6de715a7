"""Places for requests at once: never more than the limit, and whoever asked first gets the next one."""

from __future__ import annotations

import asyncio

from bot.calls.places import Places


async def test_no_more_than_the_limit_in_the_order_of_asking() -> None:
    """A place that is given back goes to whoever waits longest, not to who comes just then."""
    places, order = Places(), list[str]()

    async def wants(name: str) -> None:
        assert await places.take("key", 1, patience=60)
        order.append(name)

    await wants("first")
    waiting = [asyncio.create_task(wants(name)) for name in ("second", "third")]
    await asyncio.sleep(0)
    places.leave("key")
    late = asyncio.create_task(wants("late"))
    await waiting[0]
    assert order == ["first", "second"]
    places.leave("key")
    await waiting[1]
    places.leave("key")
    await late
    assert order == ["first", "second", "third", "late"]


async def test_who_waits_too_long_gets_none_and_takes_none() -> None:
    """Others have places of their own."""
    places = Places()
    assert await places.take("key", 1, patience=0)
    assert not await places.take("key", 1, patience=0.01)
    assert await places.take("other", 1, patience=0)
    places.leave("key")
    assert await places.take("key", 1, patience=0)


async def test_a_cancelled_wait_loses_no_place() -> None:
    """Also where its turn came in the same moment."""
    places = Places()
    assert await places.take("key", 1, patience=0)
    gone = asyncio.create_task(places.take("key", 1, patience=60))
    await asyncio.sleep(0)
    places.leave("key")
    gone.cancel()
    await asyncio.wait({gone})
    assert await places.take("key", 1, patience=1)


async def test_a_raised_limit_lets_those_in_who_wait() -> None:
    """As soon as somebody brings the news."""
    places = Places()
    assert await places.take("key", 1, patience=0)
    waiting = asyncio.create_task(places.take("key", 1, patience=60))
    await asyncio.sleep(0)
    assert await places.take("key", 3, patience=0)
    assert await waiting
