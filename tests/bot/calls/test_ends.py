"""However a call ends, nothing stays reserved and each attempt that reached a provider has one entry."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import pytest

from bot.core.errors import BudgetRefused, ProviderError
from bot.core.provider import Parameters, Reasoning, Text
from storage.errors import StorageError
from tests.bot.calls.conftest import LUNA, OLDER, QUICK, Scene

SLOW = "word " * 50


async def execute(database_url: str, statement: str) -> None:
    """Change the database behind the store's back."""
    if database_url.startswith("sqlite"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        connection.execute(statement)
        connection.commit()
        connection.close()
        return
    other = await asyncpg.connect(database_url)
    await other.execute(statement)
    await other.close()


async def stopped_after(scene: Scene, events: int, outcome: str = "stopped") -> None:
    """Read so many events of a slow answer, then stop the call from elsewhere while it waits."""
    scene.server.script(text=SLOW, speed=20)
    async with scene.caller.open(scene.order(LUNA)) as call:
        async for _ in call:
            events -= 1
            if events == 0:
                asyncio.get_running_loop().call_soon(call.stop, outcome)
        result = call.result
        assert (result.outcome, result.estimated) == (outcome, True)
        await call.settle()


@pytest.mark.parametrize("events", [2, 5])
async def test_a_stop_ends_the_providers_stream_and_bills_the_text_so_far(scene: Scene, events: int) -> None:
    """The server sees the connection close; the ledger has what came until then, by estimate."""
    await stopped_after(scene, events)
    [billed] = await scene.server.billed_all()
    assert not billed.completed
    assert billed.output_tokens <= events + 1
    [entry] = await scene.entries()
    assert (entry.outcome, entry.estimated, entry.error_kind) == ("stopped", True, None)
    assert 0 < entry.output_tokens <= 2 * events
    assert await scene.held() == 0


async def test_a_stop_because_the_process_ends_is_an_interruption(scene: Scene) -> None:
    """The entry says which it was."""
    await stopped_after(scene, 3, "interrupted")
    assert [entry.outcome for entry in await scene.entries()] == ["interrupted"]


async def test_a_stop_before_the_first_token_bills_the_question(scene: Scene) -> None:
    """The provider was at work on it, so what it read counts, by estimate."""
    scene.server.script(delay=30)
    async with scene.caller.open(scene.order(LUNA)) as call:
        await anext(call)
        asyncio.get_running_loop().call_later(0.05, call.stop)
        async for _ in call:
            raise AssertionError("nothing was to come")
        await call.settle()
    [entry] = await scene.entries()
    assert (entry.outcome, entry.output_tokens, entry.estimated) == ("stopped", 0, True)
    assert entry.input_tokens > 0
    assert await scene.held() == 0


async def test_a_stop_before_anything_began_costs_nothing(scene: Scene) -> None:
    """Neither a reservation nor a request."""
    async with scene.caller.open(scene.order(LUNA)) as call:
        call.stop()
        assert [event async for event in call] == []
    assert (scene.server.requests, await scene.entries(), await scene.held()) == ([], [], 0)


async def test_a_stop_between_reservation_and_request_gives_the_reservation_back(scene: Scene) -> None:
    """Nothing had left, so nothing is billed."""
    async with scene.caller.open(scene.order(LUNA, QUICK)) as call:
        await anext(call)
        call.stop()
        assert [event async for event in call] == []
        assert await scene.held() == 0
    assert (call.result.outcome, await scene.entries()) == ("stopped", [])


async def test_a_stop_after_the_end_changes_nothing(scene: Scene) -> None:
    """What was complete stays complete."""
    async with scene.caller.open(scene.order(QUICK)) as call:
        async for _ in call:
            pass
        call.stop()
        assert [event async for event in call] == []
    assert call.result.outcome == "complete"


async def test_leaving_the_loop_early_counts_as_a_stop(scene: Scene) -> None:
    """Whoever breaks out of the iteration still owes what was used."""
    scene.server.script(text=SLOW, speed=20)
    async with scene.caller.open(scene.order(LUNA)) as call:
        async for event in call:
            if isinstance(event, Text):
                break
    assert call.result.outcome == "stopped"
    assert call.result.settlement is not None
    await call.settle()
    assert await scene.held() == 0


async def test_an_exception_in_the_reader_settles_by_itself(scene: Scene) -> None:
    """Nobody is left who could write it with a message."""
    scene.server.script(text=SLOW, speed=20)
    call = scene.caller.open(scene.order(LUNA))

    async def read() -> None:
        async with call:
            async for event in call:
                if isinstance(event, Text):
                    raise KeyError("ours")

    with pytest.raises(KeyError):
        await read()
    [entry] = await scene.entries()
    assert (entry.outcome, entry.error_kind) == ("failed", "KeyError")
    assert call.result.settlement is None
    assert await scene.held() == 0


async def test_closing_the_generator_around_a_call_settles_it(scene: Scene) -> None:
    """A reader that is itself a generator may be thrown away in the middle."""
    scene.server.script(text=SLOW, speed=20)

    async def words() -> AsyncGenerator[str]:
        async with scene.caller.open(scene.order(LUNA)) as call:
            async for event in call:
                if isinstance(event, Text):
                    yield event.text

    async with aclosing(words()) as reader:
        await anext(reader)
    [entry] = await scene.entries()
    assert (entry.outcome, entry.estimated) == ("interrupted", True)
    assert await scene.held() == 0


@dataclass
class CancelledAt:
    """Awaits something and cancels its task at the n-th suspension; ``reached`` says if it came so far."""

    work: Coroutine[Any, Any, object]
    suspension: int
    reached: bool = False

    def __await__(self) -> Generator[Any, Any, object]:
        inner, left = self.work.__await__(), self.suspension
        step: Callable[[], Any] = partial(next, inner)
        while True:
            try:
                waited_for = step()
            except StopIteration as end:
                return end.value
            left -= 1
            if left == 0:
                self.reached = cancel_self()
            try:
                yield waited_for
                step = partial(next, inner)
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the work
                step = partial(inner.throw, error)


def cancel_self() -> bool:
    """Ask for the cancellation of the task at work."""
    task = asyncio.current_task()
    assert task is not None
    return task.cancel()


@pytest.mark.parametrize("fail", [None, "auth", "cut"])
async def test_a_cancellation_at_any_moment_leaves_nothing_held(scene: Scene, fail: str | None) -> None:
    """At every single suspension: access, reservation, waiting, streaming, falling back, settling."""
    for suspension in range(1, 500):
        asked, entered = len(scene.server.requests), len(await scene.entries())
        scene.server.script(fail=fail, text="one two three", speed=500, after=2, model="gpt-6-luna")
        cancelled = CancelledAt(scene.answer(scene.order(LUNA, QUICK)), suspension)

        async def run(work: CancelledAt = cancelled) -> None:
            with suppress(ProviderError):
                await work

        task = asyncio.create_task(run())
        await asyncio.wait([task])
        assert await scene.held() == 0
        new = (await scene.entries())[entered:]
        # A request that was cancelled on its way may never have arrived.
        assert len(new) >= len(scene.server.requests) - asked
        assert all(entry.outcome in ("complete", "interrupted", "failed") for entry in new)
        if not cancelled.reached:
            assert suspension > 5
            return
        assert task.cancelled()
    raise AssertionError("it never came to an end")


async def test_reasoning_is_billed_even_if_the_answer_never_came(scene: Scene) -> None:
    """It was not shown, so another model may stand in; but the provider counts it."""
    scene.server.script(reasoning="let me see " * 10, text="never", fail="cut", after=0, model="gpt-6-luna")
    async with scene.caller.open(scene.order(LUNA, QUICK)) as call:
        seen = [event async for event in call]
        await call.settle()
    assert any(isinstance(event, Reasoning) for event in seen)
    first, second = await scene.entries()
    assert (first.outcome, first.error_kind, second.outcome) == ("failed", "cut", "complete")
    assert first.output_tokens > 0
    assert first.cost
    assert call.result.attempts_failed[0].cost == first.cost


async def test_an_unwritten_settlement_is_said_and_made_good(scene: Scene, database_url: str) -> None:
    """The ledger is away for a moment: the caller hears of it, and the next call writes what is owed."""
    async with scene.caller.open(scene.order(LUNA)) as call:
        async for _ in call:
            pass
        await execute(database_url, "ALTER TABLE usage_entries RENAME TO away")
        with pytest.raises(StorageError):
            await call.settle()
    await execute(database_url, "ALTER TABLE away RENAME TO usage_entries")
    assert await scene.held() > 0
    await scene.answer(scene.order(QUICK))
    assert [entry.model for entry in await scene.entries()] == ["gpt-6-luna", "quick"]
    assert await scene.held() == 0


async def test_a_cancellation_is_a_cancellation_even_without_a_ledger(
    scene: Scene, database_url: str
) -> None:
    """Storage's failure does not take its place; what is owed is made good later."""
    scene.server.script(text=SLOW, speed=20)
    growing = asyncio.Event()

    async def read() -> None:
        async with scene.caller.open(scene.order(LUNA)) as call:
            async for event in call:
                if isinstance(event, Text):
                    growing.set()

    task = asyncio.create_task(read())
    await growing.wait()
    await execute(database_url, "ALTER TABLE usage_entries RENAME TO away")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await execute(database_url, "ALTER TABLE away RENAME TO usage_entries")
    await scene.answer(scene.order(QUICK))
    assert [entry.outcome for entry in await scene.entries()] == ["interrupted", "complete"]
    assert await scene.held() == 0


async def test_a_hundred_calls_at_once_never_pass_a_hard_limit(scene: Scene) -> None:
    """Some are refused, none is lost, and what was spent is what the provider billed."""
    limit = 1_500_000
    await scene.budget(limit)
    await scene.store.settings.set("installation", "requests_per_minute", {"person": None}, None)

    async def one(number: int) -> str:
        if number % 4 == 0:
            scene.server.script(fail="model", model="gpt-4.1")
        chain = (OLDER, LUNA) if number % 4 == 0 else (LUNA,)
        try:
            _, result = await scene.answer(
                scene.order(*chain, text=f"Question {number}", parameters=Parameters(max_output=300))
            )
        except BudgetRefused:
            return "refused"
        except ProviderError:
            return "failed"
        return result.outcome

    outcomes = await asyncio.gather(*(one(number) for number in range(100)))
    assert outcomes.count("complete") > 5
    assert outcomes.count("refused") > 5
    assert await scene.held() == 0
    assert await scene.spent() <= limit
    billed = sum(each.input_tokens * 100 + each.output_tokens * 500 for each in scene.server.billed)
    assert await scene.spent() == sum(entry.cost or 0 for entry in await scene.entries()) == billed


async def test_what_providers_count_teaches_the_estimate(scene: Scene) -> None:
    """After one answer the estimate of the same input is closer to the provider's figure."""
    order = scene.order(LUNA, text="perhaps seventeen elephants " * 60)
    await scene.answer(order)
    [billed] = scene.server.billed

    async def estimated() -> int:
        async with scene.caller.open(order) as call:
            scene.server.script(delay=30)
            await anext(call)
            asyncio.get_running_loop().call_later(0.05, call.stop)
            async for _ in call:
                pass
            await call.settle()
            return call.result.usage.input

    assert abs(await estimated() - billed.input_tokens) <= 3
