"""What a call makes of events that providers seldom send: a wire that says exactly what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.calls.call import Call, Caller
from bot.core.errors import BudgetRefused, Cut, NetworkFailed, ServerFailed
from bot.core.provider import (
    ChatRequest,
    Citation,
    Embedded,
    Finished,
    FinishReason,
    Listed,
    ModelId,
    Parameters,
    ProviderEvent,
    Text,
    ToolCall,
    Usage,
)
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.budgets import BudgetLine, Charge
from storage.errors import StorageError
from storage.store import Store
from tests.bot.calls.conftest import LUNA, QUICK, Scene
from tests.bot.calls.test_call import everything
from tests.bot.calls.test_ends import execute

STORY = ModelId("demo", "story")
DONE = Finished(FinishReason.STOP)


class Told:
    """The demo's place, taken by a wire with a script: events, and errors to raise."""

    def __init__(self, *script: ProviderEvent | Exception) -> None:
        self.script = script
        self.asked: list[str] = []

    async def chat(
        self, request: ChatRequest, alive: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[ProviderEvent]:
        self.asked.append(request.model)
        for event in self.script:
            if isinstance(event, Exception):
                raise event
            yield event

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        raise NotImplementedError

    async def check(self) -> bool:
        return True

    async def models(self) -> tuple[Listed, ...]:
        return (Listed("quick"), Listed("story"))


@asynccontextmanager
async def call_of(scene: Scene, wire: Told) -> AsyncIterator[Call]:
    """A call to a chain of two models on that wire."""
    async with Http() as http:
        registry = Registry(CATALOG, {}, http, demo=wire)
        async with Caller(scene.store, registry, "p1").open(scene.order(QUICK, STORY)) as call:
            yield call


async def test_a_tool_call_is_passed_on_whole_and_counts_as_an_answer(scene: Scene) -> None:
    """Once it was seen no other model may stand in."""
    tool, source = ToolCall("1", "search", '{"for": "sea"}'), Citation("https://example.org", "Sea")
    wire = Told(tool, source, ServerFailed("no", provider="demo", model="quick"))
    async with call_of(scene, wire) as call:
        seen = [await anext(call) for _ in range(3)]
        with pytest.raises(ServerFailed):
            await anext(call)
        await call.settle()
    assert seen[1:] == [tool, source]
    assert wire.asked == ["quick"]
    assert call.result.usage.output >= 5
    assert (await scene.entries())[0].outcome == "failed"


async def test_a_source_alone_is_an_answer_too(scene: Scene) -> None:
    """It was passed on, so it stands."""
    wire = Told(Citation("https://example.org"), ServerFailed("no", provider="demo", model="quick"))
    async with call_of(scene, wire) as call:
        _, error = await everything(call)
        await call.settle()
    assert isinstance(error, ServerFailed)
    assert wire.asked == ["quick"]


async def test_a_figure_in_mid_stream_is_taken_up_to_there(scene: Scene) -> None:
    """The provider's count, and our estimate of what came after it."""
    wire = Told(Text("one two three "), Usage(70, 30, cached=20, cost=5), Text("four five six"))
    async with call_of(scene, wire) as call:
        _, error = await everything(call)
        await call.settle()
    assert isinstance(error, Cut)
    result = call.result
    assert (result.usage.input, result.usage.cached, result.estimated) == (70, 20, True)
    assert 33 <= result.usage.output <= 36
    assert result.usage.cost is None


async def test_a_figure_that_is_the_last_word_needs_no_estimate(scene: Scene) -> None:
    """A break after the usage and before the end mark changes nothing about the cost."""
    wire = Told(Text("one"), Usage(70, 1))
    async with call_of(scene, wire) as call:
        await everything(call)
        await call.settle()
    assert (call.result.outcome, call.result.estimated, call.result.usage) == ("failed", False, Usage(70, 1))


async def test_an_error_after_the_end_mark_is_none(scene: Scene) -> None:
    """The answer is complete; that the connection died afterwards is nobody's business."""
    wire = Told(Text("one"), Usage(7, 1), DONE, NetworkFailed("reset", provider="demo", model="quick"))
    async with call_of(scene, wire) as call:
        text, error = await everything(call)
        await call.settle()
    assert (text, error, call.result.outcome) == ("one", None, "complete")
    assert wire.asked == ["quick"]


async def test_a_stream_without_its_end_mark_and_without_text_may_be_stood_in_for(scene: Scene) -> None:
    """Cut, says the ledger."""
    wire = Told()
    async with call_of(scene, wire) as call:
        _, error = await everything(call)
    assert isinstance(error, Cut)
    assert wire.asked == ["quick", "story"]
    assert [(e.outcome, e.error_kind) for e in await scene.entries()] == [("failed", "cut")] * 2


async def test_a_provider_that_answers_a_stop_with_an_error_was_stopped(scene: Scene) -> None:
    """Closing a stream may look like a failure from the inside."""

    class Touchy(Told):
        async def chat(
            self, request: ChatRequest, alive: Callable[[], None] = lambda: None
        ) -> AsyncGenerator[ProviderEvent]:
            try:
                yield Text("one")
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise NetworkFailed("closed", provider="demo", model="quick") from None

    async with call_of(scene, Touchy()) as call:
        async for event in call:
            if isinstance(event, Text):
                asyncio.get_running_loop().call_soon(call.stop)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await call.settle()
    assert (call.result.outcome, await scene.held()) == ("stopped", 0)


async def test_an_error_that_is_nobodys_is_billed_and_raised(scene: Scene) -> None:
    """A mistake of ours in a wire leaves no reservation behind."""
    with pytest.raises(ZeroDivisionError):
        async with call_of(scene, Told(Text("one"), ZeroDivisionError())) as call:
            await everything(call)
    [entry] = await scene.entries()
    assert (entry.outcome, entry.error_kind) == ("failed", "ZeroDivisionError")
    assert await scene.held() == 0


async def test_a_reservation_that_cannot_be_given_back_is_said(scene: Scene, database_url: str) -> None:
    """Nothing was asked, so there is nothing to bill; the next call gives it back."""

    async def leave_at_once() -> None:
        async with scene.caller.open(scene.order(LUNA)) as call:
            await anext(call)
            await execute(database_url, "ALTER TABLE reservations RENAME TO away")

    with pytest.raises(StorageError):
        await leave_at_once()
    await execute(database_url, "ALTER TABLE away RENAME TO reservations")
    assert await scene.held() > 0
    await asyncio.gather(*(scene.answer(scene.order(QUICK)) for _ in range(5)))
    assert await scene.held() == 0
    assert [entry.model for entry in await scene.entries()] == ["quick"] * 5


async def test_room_that_others_take_first_is_no_room(
    scene: Scene, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often somebody is quicker between the look and the reservation, the limit holds and is said."""
    charge = Charge("web:main", "web:main/general/t1", 1, "openai", "OPENAI_API_KEY", scene.now())
    earlier = await store.ledger.rooms(charge)

    async def seen_too_early(charge: Charge) -> list[BudgetLine]:
        return earlier

    await scene.budget(1_000)
    monkeypatch.setattr(store.ledger, "rooms", seen_too_early)
    with pytest.raises(BudgetRefused) as caught:
        await scene.answer(scene.order(LUNA, parameters=Parameters(max_output=300)))
    assert "is left" in caught.value.say
    monkeypatch.undo()
    assert (await scene.held(), await scene.entries()) == (0, [])
