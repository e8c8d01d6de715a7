"""What every provider owes to whoever asks it: one suite over every row of the catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    ContentFiltered,
    ContextOverflow,
    Cut,
    ModelMissing,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from bot.core.message import Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters, Reasoning, Text
from bot.providers.resilience import Deadlines, Resilient
from tests.bot.providers.asking import Heard, hear, ids
from tests.contracts.benches import ANSWER, BENCHES, Bench, bench_of, embeds

REFUSALS = {
    "rate": RateLimited,
    "quota": QuotaExhausted,
    "overloaded": Overloaded,
    "server": ServerFailed,
    "auth": AuthenticationFailed,
    "model": ModelMissing,
    "context": ContextOverflow,
    "content": ContentFiltered,
    "request": BadRequest,
}


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """One for each row of the catalogue."""
    async with bench_of(request.param) as bench:
        yield bench


async def answer(bench: Bench, text: str, max_output: int | None = None) -> Heard:
    return await hear(bench.wire.chat(asked(bench, text, max_output)))


def asked(bench: Bench, text: str, max_output: int | None = None) -> ChatRequest:
    return ChatRequest(bench.model, (ChatMessage(Role.USER, text),), "Be brief.", Parameters(max_output))


async def test_an_answer_is_text_usage_and_an_end(bench: Bench) -> None:
    """Several pieces of text that are the answer, one usage, and the finish as the very last."""
    heard = await answer(bench, bench.answering())
    assert (heard.text, heard.finish, heard.error) == (ANSWER, "stop", None)
    assert sum(isinstance(event, Text) for event in heard.events) > 5
    assert heard.usage is not None
    assert heard.usage.input > 0
    assert heard.usage.output > 10
    assert heard.usage == heard.events[-2]
    assert heard.usage.cached + heard.usage.cache_write <= heard.usage.input
    assert heard.usage.reasoning <= heard.usage.output


async def test_reasoning_is_apart_from_the_answer(bench: Bench) -> None:
    """It comes first, in pieces, counts as output, and is no part of the text."""
    heard = await answer(bench, bench.answering(reasoning=True))
    kinds = [type(event) for event in heard.events]
    assert heard.reasoning
    assert heard.reasoning not in heard.text
    assert kinds.index(Text) == kinds.count(Reasoning)
    assert heard.usage is not None
    assert (heard.usage.reasoning > 0) is bench.counts_reasoning
    assert heard.usage.reasoning < heard.usage.output
    assert heard.usage.output > 10


async def test_a_cap_ends_the_answer(bench: Bench) -> None:
    """At most so many tokens come, and the finish says why."""
    heard = await answer(bench, bench.answering(), max_output=5)
    assert heard.finish == "length"
    assert 0 < len(heard.text) < len(ANSWER)


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_refusal_is_its_error(bench: Bench, kind: str) -> None:
    """Each kind of refusal has its class, names provider and model, and has a sentence for the person."""
    heard = await answer(bench, bench.failing(kind))
    assert type(heard.error) is REFUSALS[kind]
    assert isinstance(heard.error, ProviderError)
    assert (heard.error.provider, heard.error.model) == (bench.row.id, bench.model)
    assert heard.error.kind == kind
    assert bench.row.id in heard.error.say
    assert heard.events == []


@pytest.mark.parametrize(("kind", "error"), [("cut", Cut), ("server", ServerFailed)])
async def test_what_came_before_a_failure_is_passed_on(
    bench: Bench, kind: str, error: type[ProviderError]
) -> None:
    """A stream that breaks raises, after every word it had."""
    heard = await answer(bench, bench.failing(kind, after=7))
    assert type(heard.error) is error
    assert len(heard.text.split()) == 7
    assert heard.finish is None


@pytest.mark.parametrize("after", [0, 7])
async def test_silence_ends_by_the_deadlines(bench: Bench, after: int) -> None:
    """A wire that hangs is let go, before the first word and after the last."""
    deadlines = Deadlines(first=60, idle=1) if after else Deadlines(first=0.2)
    resilient = Resilient(bench.row.id, bench.wire, deadlines)
    heard = await hear(resilient.chat(asked(bench, bench.failing("hang", after=after))))
    assert type(heard.error) is TimedOut
    assert heard.error.name == f"{bench.row.id}/{bench.model}"
    assert len(heard.text.split()) == after


async def test_closing_ends_the_stream(bench: Bench) -> None:
    """Whoever has heard enough closes, and the wire is ready for the next question."""
    events = bench.wire.chat(asked(bench, bench.answering()))
    assert isinstance(await anext(events), Text)
    await events.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    assert (await answer(bench, bench.answering())).text == ANSWER


async def test_the_list_of_models_holds_those_that_answer(bench: Bench) -> None:
    """The free list call names the model where it names any, and one that is not there is missing."""
    if bench.row.lists:
        assert bench.model in ids(await bench.wire.models())
    missing = ChatRequest("no-such-model", (ChatMessage(Role.USER, "Hello"),))
    assert type((await hear(bench.wire.chat(missing))).error) is ModelMissing


async def test_embeddings_are_vectors_or_a_refusal(bench: Bench) -> None:
    """One vector per text, or BadRequest where the provider has none."""
    texts = ["one", "two"]
    if not embeds(bench.row):
        with pytest.raises(BadRequest):
            await bench.wire.embed(bench.model, texts)
        return
    embedded = await bench.wire.embed(bench.embedder, texts)
    assert len(embedded.vectors) == 2
    assert embedded.tokens > 0
