"""A call from its order to its entry in the ledger."""

from __future__ import annotations

import json

import pytest

from bot.calls.call import Attempt, Call
from bot.core.errors import (
    AccessRefused,
    BadRequest,
    BudgetRefused,
    ContextOverflow,
    Cut,
    ModelMissing,
    NotConfigured,
    ProviderError,
    ServerFailed,
)
from bot.core.provider import FinishReason, ModelId, Parameters, Text
from tests.bot.calls.conftest import LUNA, OLDER, PLACE, QUICK, TINY, Scene

CENT = 10_000_000


async def everything(call: Call) -> tuple[str, ProviderError | None]:
    """The text that came, and the failure that ended it."""
    text = ""
    try:
        async for event in call:
            text += event.text if isinstance(event, Text) else ""
    except ProviderError as error:
        return text, error
    return text, None


async def test_an_answer_is_streamed_counted_and_billed_once(scene: Scene) -> None:
    """What the provider counted stands in the ledger with its price, and nothing stays reserved."""
    scene.server.script(text="Far enough.")
    text, result = await scene.answer(scene.order(LUNA, conversation_id=None, why="retry"))
    assert text == "Far enough."
    assert (result.outcome, result.finish, result.estimated) == ("complete", FinishReason.STOP, False)
    [billed], [entry] = scene.server.billed, await scene.entries()
    assert (entry.input_tokens, entry.output_tokens) == (billed.input_tokens, billed.output_tokens)
    assert entry.cost == result.cost == billed.input_tokens * 100 + billed.output_tokens * 500
    assert (entry.provider, entry.model, entry.credential) == ("openai", "gpt-6-luna", "OPENAI_API_KEY")
    assert (entry.outcome, entry.why, entry.attempt, entry.estimated) == ("complete", "retry", 1, False)
    assert (entry.place, entry.person_id, entry.error_kind) == (str(PLACE), 1, None)
    assert json.loads(entry.prices)["output"] == "0.5"
    assert entry.first_token_ms is not None
    assert entry.latency_ms is not None
    assert 0 <= entry.first_token_ms <= entry.latency_ms < 5_000
    assert (await scene.held(), await scene.spent()) == (0, entry.cost)


async def test_the_attempt_is_told_before_anything_leaves(scene: Scene) -> None:
    """Whoever keeps a journal can note the model and its reservation first."""
    async with scene.caller.open(scene.order(LUNA, first_attempt=3)) as call:
        first = await anext(call)
        assert first == Attempt(LUNA, 3, 1, "chosen")
        assert call.model == LUNA
        assert scene.server.requests == []
        assert await scene.held() > 0
    assert (call.result.outcome, call.result.settlement) == ("stopped", None)
    assert (await scene.entries(), await scene.held()) == ([], 0)


async def test_a_call_that_is_never_read_does_nothing(scene: Scene) -> None:
    """Entering is free."""
    async with scene.caller.open(scene.order(LUNA)) as call:
        assert call.cost_so_far() == 0
    assert (call.model, call.result.outcome, call.result.cost) == (LUNA, "stopped", 0)
    await call.settle()
    assert (await scene.entries(), await scene.held()) == ([], 0)


async def test_the_caller_may_write_the_settlement_itself(scene: Scene) -> None:
    """With the message in one transaction, say; until then the reservation holds."""
    async with scene.caller.open(scene.order(LUNA)) as call:
        async for _ in call:
            pass
    owed = call.result.settlement
    assert owed is not None
    assert await scene.held() > 0
    await scene.store.ledger.settle(owed)
    await call.settle()
    assert call.result.settlement is None
    assert (len(await scene.entries()), await scene.held()) == (1, 0)


async def test_the_running_cost_grows_towards_what_it_will_be(scene: Scene) -> None:
    """A cheap estimate at any moment of the stream."""
    scene.server.script(text="word " * 200)
    async with scene.caller.open(scene.order(LUNA)) as call:
        costs = [call.cost_so_far() or 0 async for event in call if isinstance(event, Text)]
    assert costs == sorted(costs)
    assert costs[-1] > costs[0] > 0


async def test_a_local_model_is_free_by_rule(scene: Scene) -> None:
    """Even where the budget has nothing left."""
    await scene.budget(0)
    text, result = await scene.answer(scene.order(QUICK))
    assert text
    assert (result.cost, result.priced.source) == (0, "local")
    assert [entry.cost for entry in await scene.entries()] == [0]


async def test_an_unknown_price_is_unpriced_and_its_output_capped(scene: Scene) -> None:
    """It never becomes 0; tokens take the place of money as the limit."""
    await scene.store.settings.set("installation", "unpriced_tokens", 300, None)
    text, result = await scene.answer(scene.order(TINY))
    assert text
    assert (result.cost, result.priced.source) == (None, "unknown")
    assert [entry.cost for entry in await scene.entries()] == [None]
    assert scene.server.requests[0]["max_tokens"] == 300
    assert await scene.spent() == 0


async def test_no_maximum_is_sent_where_none_is_needed(scene: Scene) -> None:
    """A large maximum would only count against the provider's own rate limits."""
    await scene.answer(scene.order(OLDER))
    assert "max_tokens" not in scene.server.requests[0]
    await scene.answer(scene.order(OLDER, parameters=Parameters(max_output=40)))
    assert scene.server.requests[1]["max_tokens"] == 40


async def test_the_output_is_clamped_to_the_room_left(scene: Scene) -> None:
    """A budget that has room for a shorter answer gives a shorter answer, and is never passed."""
    await scene.budget(CENT)
    async with scene.caller.open(scene.order(OLDER)) as call:
        await anext(call)
        held = await scene.held()
        await anext(call)
        most = scene.server.requests[0]["max_tokens"]
        assert 256 <= most < 32_768
        assert 0 < CENT - held < 20_000  # the room is used to the last token
        call.stop()


async def test_no_room_refuses_before_the_call_and_says_what_works(scene: Scene) -> None:
    """What is left, when it renews, and a free model."""
    await scene.budget(CENT // 1000)
    with pytest.raises(BudgetRefused) as caught:
        await scene.answer(scene.order(OLDER))
    assert "$<" not in caught.value.say
    for words in ("openai/gpt-4.1 was not asked", "<$0.0001", "renews at 00:00 UTC", "`/model demo/quick`"):
        assert words in caught.value.say
    assert (scene.server.requests, await scene.entries(), await scene.held()) == ([], [], 0)


async def test_one_request_may_not_cost_more_than_its_limit(scene: Scene) -> None:
    """The output is clamped to it, and where that is not enough the request is refused."""
    await scene.store.settings.set("installation", "request_limit", CENT, None)
    await scene.answer(scene.order(OLDER))
    assert 256 <= scene.server.requests[0]["max_tokens"] < CENT // 8_000
    with pytest.raises(BudgetRefused, match="do not fit") as caught:
        await scene.answer(scene.order(OLDER, text="word " * 10_000))
    assert "one request may cost at most $0.01" in caught.value.say


async def test_the_narrowest_limit_of_all_levels_binds(scene: Scene) -> None:
    """A channel may be stricter than the installation, never laxer."""
    await scene.store.settings.set("place:web:main/general", "request_limit", 1, None)
    with pytest.raises(BudgetRefused):
        await scene.answer(scene.order(LUNA))


async def test_a_model_that_is_not_allowed_is_not_asked(scene: Scene) -> None:
    """The refusal says who can change it and what is allowed."""
    await scene.store.settings.set("place:web:main/general", "models.allowed", ["demo/*"], None)
    with pytest.raises(AccessRefused) as caught:
        await scene.answer(scene.order(LUNA))
    assert caught.value.say == (
        "openai/gpt-6-luna may not be used in this channel; an admin of this workspace can change that. "
        "Allowed here: demo/quick, demo/thorough, demo/story."
    )
    assert (scene.server.requests, await scene.held()) == ([], 0)


async def test_what_is_not_set_up_is_refused_in_words(scene: Scene) -> None:
    """A provider nobody knows is named."""
    with pytest.raises(NotConfigured, match="nowhere"):
        await scene.answer(scene.order(ModelId("nowhere", "x")))


async def test_a_failure_before_the_answer_moves_on_to_what_the_chain_names(scene: Scene) -> None:
    """Each attempt has its own entry; the failed one costs nothing, the answer says what it stood in for."""
    scene.server.script(fail="model", model="gpt-6-luna")
    async with scene.caller.open(scene.order(LUNA, OLDER)) as call:
        attempts = [event async for event in call if isinstance(event, Attempt)]
        await call.settle()
    assert [(a.model, a.number, a.why) for a in attempts] == [(LUNA, 1, "chosen"), (OLDER, 2, "fallback")]
    [failed] = call.result.attempts_failed
    assert (failed.model, type(failed.error), failed.cost) == (LUNA, ModelMissing, 0)
    assert call.result.model == OLDER
    assert [(e.model, e.outcome, e.error_kind, e.why, e.cost == 0) for e in await scene.entries()] == [
        ("gpt-6-luna", "failed", "model", "chosen", True),
        ("gpt-4.1", "complete", None, "fallback", False),
    ]
    assert await scene.held() == 0


async def test_a_spent_chain_raises_its_last_failure(scene: Scene) -> None:
    """The result names the attempt whose error it is; the ones before are with it."""
    scene.server.script(fail="model", model="gpt-6-luna")
    scene.server.script(fail="quota", model="gpt-4.1")
    async with scene.caller.open(scene.order(LUNA, OLDER)) as call:
        _, error = await everything(call)
    assert error is not None
    assert error.kind == "quota"
    assert (call.result.model, call.result.outcome, call.result.settlement) == (OLDER, "failed", None)
    assert [failed.model for failed in call.result.attempts_failed] == [LUNA]
    assert [entry.error_kind for entry in await scene.entries()] == ["model", "quota"]
    assert await scene.held() == 0


@pytest.mark.parametrize("fail", ["content", "request"])
async def test_what_another_model_would_not_mend_is_not_passed_on(scene: Scene, fail: str) -> None:
    """A refusal of the content, or of the request itself, ends the chain."""
    scene.server.script(fail=fail, model="gpt-6-luna")
    error = await scene.failure(scene.order(LUNA, OLDER))
    assert error.kind == fail
    assert [entry.model for entry in await scene.entries()] == ["gpt-6-luna"]


async def test_a_conversation_too_long_moves_to_a_larger_window_only(scene: Scene) -> None:
    """A smaller one is passed over, though the chain names it."""
    scene.server.script(fail="context", model="gpt-6-luna")
    error = await scene.failure(scene.order(LUNA, QUICK))
    assert isinstance(error, ContextOverflow)
    scene.server.script(fail="context", model="tiny")
    text, result = await scene.answer(scene.order(TINY, OLDER))
    assert text
    assert result.model == OLDER


async def test_a_stand_in_that_may_not_be_used_is_passed_over(scene: Scene) -> None:
    """The first failure is what the person hears of; the rule holds for every attempt."""
    await scene.store.settings.set("installation", "models.allowed", ["openai/gpt-6-luna", "demo/*"], None)
    scene.server.script(fail="auth", model="gpt-6-luna")
    error = await scene.failure(scene.order(LUNA, OLDER, ModelId("nowhere", "x")))
    assert error.kind == "auth"
    scene.server.script(fail="auth", model="gpt-6-luna")
    _, result = await scene.answer(scene.order(LUNA, OLDER, QUICK))
    assert result.model == QUICK
    assert "gpt-4.1" not in [request["model"] for request in scene.server.requests]


async def test_nothing_moves_to_a_model_that_the_chain_does_not_name(scene: Scene) -> None:
    """A failing local model stays a failing local model."""
    error = await scene.failure(scene.order(QUICK, text="fail server"))
    assert isinstance(error, ServerFailed)
    assert scene.server.requests == []


async def test_text_that_was_passed_on_is_never_swapped(scene: Scene) -> None:
    """The stream breaks in mid-answer: the error is raised, and what was used is billed by estimate."""
    scene.server.script(text="one two three four five six", fail="cut", after=4)
    async with scene.caller.open(scene.order(LUNA, QUICK)) as call:
        text, error = await everything(call)
    assert isinstance(error, Cut)
    assert text.split() == ["one", "two", "three", "four"]
    result = call.result
    assert (result.model, result.outcome, result.estimated, result.attempts_failed) == (
        LUNA,
        "failed",
        True,
        (),
    )
    assert result.cost is not None
    assert result.cost > 0
    assert await scene.entries() == []
    await call.settle()
    [entry] = await scene.entries()
    assert (entry.outcome, entry.error_kind, entry.estimated) == ("failed", "cut", True)
    assert 4 <= entry.output_tokens <= 8
    assert await scene.held() == 0


async def test_a_provider_that_counts_nothing_is_billed_by_estimate(scene: Scene) -> None:
    """Complete, yet without usage: our own count, marked as such."""
    scene.server.script(text="one two three", usage=False)
    _, result = await scene.answer(scene.order(LUNA))
    assert (result.outcome, result.estimated) == ("complete", True)
    assert result.usage.input > 0
    assert result.usage.output >= 3


async def test_bad_requests_are_ours_to_see(scene: Scene) -> None:
    """A model the provider does not have says so, and the next in the chain answers."""
    missing = ModelId("openai", "gpt-99")
    _, result = await scene.answer(scene.order(missing, QUICK))
    assert result.model == QUICK
    assert isinstance(result.attempts_failed[0].error, ProviderError)
    assert not isinstance(result.attempts_failed[0].error, BadRequest)
