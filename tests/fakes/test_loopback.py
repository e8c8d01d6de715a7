"""Virtual time over real sockets: calls take their round trip, and no timeout fires early."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import Stuck
from tests.fakes.loopback import LoopClock, run
from tests.fakes.slack.server import FakeSlack

ROUND_TRIP = 0.1


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[FakeSlack, AsyncWebClient]]:
    async with FakeSlack(clock=LoopClock(), events=()) as slack, aiohttp.ClientSession() as session:
        slack.api.round_trip = ROUND_TRIP
        slack.build.channel("room")
        yield (
            slack,
            AsyncWebClient(token=slack.bot.token, base_url=slack.api_url, session=session, retry_handlers=[]),
        )
        assert slack.unexpected() == []


def test_a_call_takes_its_round_trip_and_ten_minutes_pass_at_once() -> None:
    """Each call takes a tenth of a second by the loop's time, over ten minutes that take none."""

    async def main() -> list[float]:
        loop, took = asyncio.get_running_loop(), []
        async with connected() as (slack, client):
            while loop.time() < 600:
                begun = loop.time()
                await client.chat_postMessage(channel=slack.world.channel("room").id, text="Hello")
                took.append(loop.time() - begun)
                await asyncio.sleep(6)
        return took

    took = run(main())
    assert len(took) > 90
    assert took == pytest.approx([ROUND_TRIP] * len(took), abs=1e-6)


def test_calls_at_once_take_no_longer_than_one() -> None:
    """Fifty calls of some size at once, each with a deadline just behind its round trip: none is late."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with connected() as (slack, client):

            async def call(number: int) -> None:
                channel = slack.build.channel(f"room{number}")
                for _ in range(4):
                    async with asyncio.timeout(ROUND_TRIP + 1e-6):
                        await client.chat_postMessage(channel=channel.id, text="words " * 2_000)

            begun = loop.time()
            await asyncio.gather(*(call(number) for number in range(50)))
            return loop.time() - begun

    assert run(main()) == pytest.approx(4 * ROUND_TRIP, abs=1e-4)


def test_time_stands_still_while_bytes_are_on_their_way() -> None:
    """A body far larger than what the kernel holds arrives in no time at all."""
    size = 20_000_000

    async def main() -> tuple[int, float]:
        loop = asyncio.get_running_loop()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"x" * size)
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            begun = loop.time()
            got = await asyncio.wait_for(reader.read(-1), 0.001)
            writer.close()
            return len(got), loop.time() - begun

    assert run(main()) == (size, 0.0)


def test_the_fake_tells_the_same_time() -> None:
    """A limit of a minute is over when the loop's minute is: the 51st update is refused, and 60 s later not."""

    async def main() -> list[int]:
        async with connected() as (slack, client):
            slack.book.expect("chat.update", "ratelimited")
            room = slack.world.channel("room").id
            posted = await client.chat_postMessage(channel=room, text="Hello")
            for number in range(50):
                await client.chat_update(channel=room, ts=posted["ts"], text=f"Hello {number}")
            refused = slack.book.count("chat.update", "ratelimited")
            with pytest.raises(SlackApiError, match="ratelimited"):
                await client.chat_update(channel=room, ts=posted["ts"], text="once more")
            more = slack.book.count("chat.update", "ratelimited")
            await asyncio.sleep(60)
            await client.chat_update(channel=room, ts=posted["ts"], text="at last")
            return [refused, more, slack.book.count("chat.update", "ratelimited")]

    assert run(main()) == [0, 1, 1]


def test_waiting_for_nothing_is_an_error() -> None:
    """A wait that nothing can end is told, not waited out."""

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck):
        run(main())


def test_threads_are_refused() -> None:
    """A thread's work knows no virtual time, so nothing may ask for one."""

    async def main() -> None:
        await asyncio.to_thread(time.sleep, 0)

    with pytest.raises(AssertionError, match="wants a thread"):
        run(main())
