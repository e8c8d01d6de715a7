"""A model that fails: the next request goes elsewhere at once, and nobody is asked in vain."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.calls.call import Attempt, Caller
from bot.calls.order import Fitted
from bot.core.errors import Crowded, NotAsked, TooMany
from bot.core.message import Role
from bot.core.provider import ChatMessage, ModelId, Text
from bot.providers.breaker import of_key, of_model
from bot.providers.status import Status
from tests.bot.calls.conftest import LUNA, OLDER, PLACE, QUICK, TINY, Scene

KEY = of_key("openai", "OPENAI_API_KEY")


async def test_an_open_circuit_sends_the_next_request_elsewhere_without_asking(scene: Scene) -> None:
    """Nothing is reserved for it, nothing entered, and the answer says whom it stands in for."""
    scene.server.script(fail="auth")
    await scene.failure(scene.order(LUNA))
    assert scene.caller.board.circuits.is_open(KEY)
    async with scene.caller.open(scene.order(OLDER, QUICK)) as call:
        first = await anext(call)
        assert isinstance(first, Attempt)
        assert (first.model, first.number, first.why) == (QUICK, 1, "fallback")
        [before] = first.instead
        assert (before.model, before.error.kind, before.cost) == (OLDER, "not asked", 0)
        assert before.error.brief == "rejected our key"
        async for _ in call:
            pass
        await call.settle()
    assert len(scene.server.requests) == 1
    assert [entry.model for entry in await scene.entries()] == ["gpt-6-luna", "quick"]
    assert await scene.held() == 0


async def test_where_nothing_else_stands_ready_the_error_says_so(scene: Scene) -> None:
    """At once, and without an entry; who asks again is let through, and its answer closes the circuit."""
    scene.server.script(fail="quota")
    await scene.failure(scene.order(LUNA))
    error = await scene.failure(scene.order(LUNA))
    assert isinstance(error, NotAsked)
    assert error.cause.kind == "quota"
    assert (len(scene.server.requests), len(await scene.entries())) == (1, 1)
    await scene.answer(scene.order(LUNA, why="retry"))
    await scene.answer(scene.order(LUNA))
    assert len(scene.server.requests) == 3


async def test_three_failures_in_a_row_open_the_model_s_circuit(scene: Scene) -> None:
    """Its neighbours are asked as before."""
    for _ in range(9):  # each call tries three times
        scene.server.script(fail="overloaded", model="gpt-6-luna", retry_after=0.01)
    for _ in range(3):
        await scene.failure(scene.order(LUNA))
    assert scene.caller.board.circuits.is_open(of_model(LUNA))
    _, result = await scene.answer(scene.order(LUNA, OLDER))
    assert result.model == OLDER
    assert scene.caller.board.of(LUNA).status is Status.FAILING
    assert scene.caller.board.of(OLDER).status is Status.AVAILABLE


async def test_a_chain_that_is_spent_without_being_asked_names_all(scene: Scene) -> None:
    """Failures and refusals, in their order."""
    await scene.store.settings.set("installation", "models.allowed", ["openai/*"], None)
    scene.server.script(fail="auth")
    async with scene.caller.open(scene.order(LUNA, QUICK, OLDER)) as call:
        with pytest.raises(NotAsked):
            async for _ in call:
                pass
    result = call.result
    assert (result.model, result.outcome, result.settlement) == (OLDER, "failed", None)
    assert [failed.model for failed in result.attempts_failed] == [LUNA]
    assert [passed.model for passed in result.passed_over] == [QUICK]
    assert await scene.held() == 0


async def test_a_request_that_was_refused_leaves_no_trace_on_a_circuit(scene: Scene) -> None:
    """No room in the budget for the one that was let through to find out: the next one finds out."""
    scene.server.script(fail="auth")
    await scene.failure(scene.order(LUNA))
    room = (await scene.store.budgets.all())[0].amount
    await scene.budget(0)
    with pytest.raises(Exception, match="do not fit"):
        await scene.answer(scene.order(LUNA, why="retry"))
    await scene.budget(room)
    text, _ = await scene.answer(scene.order(LUNA, why="retry"))
    assert text


async def test_messages_are_fitted_to_each_model_of_the_chain(scene: Scene) -> None:
    """A stand-in with a smaller window reads less."""
    asked = list[ModelId]()

    def fit(model: ModelId) -> Fitted:
        asked.append(model)
        return Fitted((ChatMessage(Role.USER, f"for {model.model}"),), 7)

    scene.server.script(fail="model", model="gpt-6-luna")
    await scene.answer(scene.order(LUNA, TINY, fit=fit))
    assert asked == [LUNA, TINY]
    assert [request["messages"][-1]["content"] for request in scene.server.requests] == [
        "for gpt-6-luna",
        "for tiny",
    ]


async def test_a_person_s_requests_are_counted_once_however_many_models_are_asked(scene: Scene) -> None:
    """The one too many is refused before anything else, and told when there is room."""
    await scene.store.settings.set("person:1", "requests_per_minute", 2, None)
    now = datetime(2026, 11, 27, 12, 0, 30, tzinfo=UTC)
    caller = Caller(scene.store, scene.registry, "p1", lambda: now)
    here = replace(scene, caller=caller)
    scene.server.script(fail="model", model="gpt-6-luna")
    await here.answer(here.order(LUNA, OLDER))
    await here.answer(here.order(OLDER, QUICK))
    with pytest.raises(TooMany) as caught:
        await here.answer(here.order(OLDER, QUICK))
    assert "You have made 2 requests within a minute" in caught.value.say
    assert 30 < caught.value.wait <= 60
    await here.answer(here.order(OLDER, counts=False))
    assert len(scene.server.requests) == 4


async def test_a_workspace_has_a_limit_of_its_own(scene: Scene) -> None:
    """For all its people together; the installation says what holds where a workspace has none."""
    await scene.store.settings.set(
        "installation", "requests_per_minute", {"workspace": 1, "person": None}, None
    )
    await scene.answer(scene.order(QUICK))
    with pytest.raises(TooMany, match="place:web:main") as caught:
        await scene.answer(replace(scene.order(QUICK), person_id=2))
    assert "This workspace has made 1 request within a minute" in caught.value.say
    await scene.store.settings.set(f"place:{PLACE.home}", "requests_per_minute", None, None)
    await scene.answer(scene.order(QUICK))


async def test_no_more_requests_at_once_than_a_credential_may_have(scene: Scene) -> None:
    """The next one waits a moment for a place, then the chain goes on; nothing is held meanwhile."""
    await scene.store.settings.set("credential:OPENAI_API_KEY", "concurrency", 1, None)
    async with scene.caller.open(scene.order(LUNA)) as call:
        await anext(call)
        held = await scene.held()
        _, result = await scene.answer(scene.order(OLDER, QUICK))
        assert (result.model, result.attempts_failed[0].error.kind) == (QUICK, "crowded")
        error = await scene.failure(scene.order(OLDER))
        assert isinstance(error, Crowded)
        assert await scene.held() == held
        waits = asyncio.create_task(scene.answer(scene.order(OLDER)))
        async for _ in call:
            pass
        _, result = await waits
        assert result.model == OLDER
        await call.settle()
    assert await scene.held() == 0


async def test_a_call_that_breaks_anywhere_gives_its_place_back(scene: Scene) -> None:
    """Refused, failed, stopped before its first word, or cancelled."""
    await scene.store.settings.set("provider:openai", "concurrency", 1, None)
    scene.server.script(fail="model")
    await scene.failure(scene.order(LUNA))
    async with scene.caller.open(scene.order(LUNA)) as call:
        await anext(call)
        call.stop()
    scene.server.script(fail="hang")
    begun = asyncio.create_task(scene.answer(scene.order(LUNA)))
    await scene.server.asked(2)
    begun.cancel()
    await asyncio.wait({begun})
    text, _ = await scene.answer(scene.order(LUNA))
    assert text


async def test_the_board_learns_from_every_answer(scene: Scene) -> None:
    """Latency to the first token, and tokens per second."""
    scene.server.script(text="word " * 40, delay=0.02, speed=200)
    async with scene.caller.open(scene.order(LUNA)) as call:
        text = "".join([event.text async for event in call if isinstance(event, Text)])
        await call.settle()
    found = scene.caller.board.of(LUNA)
    assert text
    assert found.status is Status.AVAILABLE
    assert found.latency_ms is not None
    assert found.latency_ms >= 15
    assert found.tokens_per_second is not None
    assert 5 < found.tokens_per_second < 400


async def test_the_next_request_leaves_as_soon_as_the_failure_is_known(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two nothing waits for a clock; what a circuit holds back waits for nothing at all."""
    loop, waited, at = asyncio.get_running_loop(), list[float](), asyncio.get_running_loop().call_at

    def call_at(when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        delay = when - loop.time()

        def rung(*given: Any) -> None:
            waited.append(delay)
            callback(*given)

        return at(when, rung, *args, context=context)

    monkeypatch.setattr(loop, "call_at", call_at)
    scene.server.script(fail="auth")
    async with scene.caller.open(scene.order(LUNA, OLDER, QUICK)) as call:
        async for event in call:
            if isinstance(event, Attempt) and event.model == QUICK:
                assert [each.model for each in event.instead] == [LUNA, OLDER]
                assert [delay for delay in waited if delay > 0.04] == []
                call.stop()
    assert len(scene.server.requests) == 1
