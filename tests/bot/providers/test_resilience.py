"""Deadlines and retries around a wire, against the fake server and against wires made for the purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    Cut,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from bot.core.provider import ChatRequest, Embedded, Finished, FinishReason, Listed, ProviderEvent, Text
from bot.providers.resilience import Deadlines, Resilient, Wire
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.asking import ask, hear, ids, request
from tests.fakes.provider import ProviderServer, answer_for

SOON = Deadlines(first=0.4, idle=0.4, total=30)


class Clock:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now, self.pauses = 100.0, list[float]()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Scripted:
    """A wire that plays what it is given: text is told, a number is waited for, an error is raised."""

    def __init__(self, *attempts: Sequence[str | float | ProviderError]) -> None:
        self._attempts, self.closed = list(attempts), 0

    async def chat(
        self, request: ChatRequest, alive: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[ProviderEvent]:
        try:
            for step in self._attempts.pop(0):
                if isinstance(step, ProviderError):
                    raise step
                if isinstance(step, str):
                    if step:
                        yield Text(step)
                    else:
                        alive()
                else:
                    await asyncio.sleep(step)
            yield Finished(FinishReason.STOP)
        finally:
            self.closed += 1

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        await asyncio.sleep(60)
        raise AssertionError

    async def check(self) -> bool:
        return True

    async def models(self) -> tuple[Listed, ...]:
        return (Listed("a"),)


def resilient(
    wire: Wire, clock: Clock, *, has_fallback: bool = False, deadlines: Deadlines = SOON
) -> Resilient:
    return Resilient("p", wire, deadlines, has_fallback=has_fallback, clock=clock, sleep=clock.sleep)


async def test_transient_failures_are_tried_again() -> None:
    """Twice at most, with growing pauses, as long as nothing was passed on."""
    clock = Clock()
    wire = Scripted([Overloaded()], [ServerFailed()], ["ok"])
    heard = await ask(resilient(wire, clock))
    assert (heard.text, heard.error) == ("ok", None)
    assert [0.3 <= clock.pauses[0] <= 0.5, 0.75 <= clock.pauses[1] <= 1.25, len(clock.pauses)] == [
        True,
        True,
        2,
    ]


async def test_the_third_failure_is_final() -> None:
    """The last attempt's error is the one that is told."""
    clock = Clock()
    last = Cut()
    heard = await ask(resilient(Scripted([Overloaded()], [ServerFailed()], [last]), clock))
    assert heard.error is last


@pytest.mark.parametrize("error", [QuotaExhausted(), AuthenticationFailed(), TimedOut()])
async def test_what_a_retry_cannot_mend_is_told_at_once(error: ProviderError) -> None:
    """No pause, no second request."""
    clock = Clock()
    heard = await ask(resilient(Scripted([error]), clock))
    assert (heard.error, clock.pauses) == (error, [])


async def test_nothing_is_retried_once_text_was_passed_on() -> None:
    """What was shown stays; the error follows it."""
    clock = Clock()
    error = ServerFailed()
    heard = await ask(resilient(Scripted(["half", error]), clock))
    assert (heard.text, heard.error, clock.pauses) == ("half", error, [])


@pytest.mark.parametrize(
    ("wait", "has_fallback", "tries"),
    [(5, False, 2), (19, False, 2), (21, False, 1), (500, False, 1), (1.5, True, 2), (3, True, 1)],
)
async def test_a_wait_is_honoured_or_not_waited_for(wait: float, has_fallback: bool, tries: int) -> None:
    """A pause that the provider asks for is kept where it is short enough, else the error is told."""
    clock = Clock()
    wire = Scripted([RateLimited(wait=wait)], ["ok"])
    heard = await ask(resilient(wire, clock, has_fallback=has_fallback))
    assert wire.closed == tries
    assert (heard.error is None) is (tries == 2)
    assert clock.pauses == ([wait] if tries == 2 else [])


async def test_with_a_fallback_all_retries_fit_into_two_seconds() -> None:
    """Another model stands ready: patience is short, and a slow retry ends in the failure that caused it."""
    clock = Clock()
    first = RateLimited(wait=1.9)
    wire = Scripted([first], [60.0])
    heard = await ask(resilient(wire, clock, has_fallback=True, deadlines=Deadlines()))
    assert (heard.error, clock.pauses, wire.closed) == (first, [1.9], 2)
    clock = Clock()
    wire = Scripted(*[[Overloaded(wait=1.2)]] * 3)
    await ask(resilient(wire, clock, has_fallback=True))
    assert clock.pauses == [1.2]


async def test_the_first_token_has_a_deadline(wire: OpenAI, provider_server: ProviderServer) -> None:
    """Keep-alives before the first token do not put it off."""
    provider_server.script(text="late", delay=30, keep_alive=0.02)
    heard = await ask(Resilient("openai", wire, SOON))
    assert isinstance(heard.error, TimedOut)
    assert str(heard.error) == "no first token within 0.4 s"
    assert heard.error.name == "openai/gpt-6-luna"


async def test_silence_in_the_middle_has_a_deadline(wire: OpenAI, provider_server: ProviderServer) -> None:
    """What came is kept; the server sees us hang up."""
    provider_server.script(text="one two three four", fail="hang", after=2)
    heard = await ask(Resilient("openai", wire, Deadlines(first=20, idle=0.4)))
    assert (heard.text, str(heard.error)) == ("one two", "silent for 0.4 s")
    (billed,) = await provider_server.billed_all()
    assert billed.streamed_text == "one two"


async def test_signs_of_life_in_the_middle_put_the_deadline_off() -> None:
    """Comments between two words count as life, before the first they do not."""
    clock = Clock()
    beats: list[str | float | ProviderError] = [0.06, ""] * 10
    heard = await ask(resilient(Scripted(["a", *beats, "b"]), clock))
    assert (heard.text, heard.error) == ("ab", None)
    heard = await ask(resilient(Scripted([*beats, "b"]), clock))
    assert isinstance(heard.error, TimedOut)


async def test_a_whole_answer_has_a_deadline() -> None:
    """An endless trickle ends too."""
    clock = Clock()
    drops: list[str | float | ProviderError] = [0.02, "a"] * 100
    heard = await ask(resilient(Scripted(drops), clock, deadlines=Deadlines(first=1, idle=1, total=0.2)))
    assert isinstance(heard.error, TimedOut)
    assert "0.2 s" in str(heard.error)
    assert heard.text


async def test_what_the_reader_does_is_not_timed() -> None:
    """Only waiting for the provider counts: a reader may take its time over an event."""
    clock = Clock()
    events = resilient(Scripted(["a", "b", 0.01, "c"]), clock).chat(request())
    text = ""
    async for event in events:
        text += event.text if isinstance(event, Text) else ""
        await asyncio.sleep(0.5)
    assert text == "abc"


async def test_an_early_deadline_follows_a_late_one() -> None:
    """Waiting for the next word ends in time although the first might have taken longer."""
    clock = Clock()
    heard = await ask(resilient(Scripted(["a", 60.0]), clock, deadlines=Deadlines(first=60, idle=0.1)))
    assert str(heard.error) == "silent for 0.1 s"


async def test_cancelling_is_no_timeout(wire: OpenAI, provider_server: ProviderServer) -> None:
    """A task that is cancelled ends as cancelled, and the stream at the server with it."""
    provider_server.script(text="one two three", fail="hang", after=2)
    events = Resilient("openai", wire, Deadlines()).chat(request())
    await anext(events)
    await anext(events)

    async def wait() -> None:
        await anext(events)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not (await provider_server.billed_all())[0].completed


async def test_cancelling_wins_over_a_deadline_of_the_same_moment() -> None:
    """Where both fall together, whoever cancelled is obeyed."""
    clock = Clock()
    events = resilient(Scripted([60.0]), clock, deadlines=Deadlines(first=0.05)).chat(request())

    async def wait() -> None:
        await anext(events)

    waiting = asyncio.create_task(wait())
    asyncio.get_running_loop().call_later(0.05, waiting.cancel)
    asyncio.get_running_loop().call_later(0.0499, waiting.cancel)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_closing_ends_the_stream(wire: OpenAI, provider_server: ProviderServer) -> None:
    """Closing the generator closes the connection."""
    provider_server.script(text="word " * 1000, speed=200)
    events = Resilient("openai", wire, Deadlines()).chat(request())
    await anext(events)
    await events.aclose()
    (billed,) = await provider_server.billed_all()
    assert not billed.completed


async def test_other_calls_have_a_deadline_too(wire: OpenAI, provider_server: ProviderServer) -> None:
    """Embeddings and lists of models end in time."""
    patient = Resilient("openai", wire, Deadlines())
    assert ids(await patient.models()) == tuple(provider_server.models)
    assert (await patient.embed("text-embedding-3-small", ["a"])).tokens == 1
    with pytest.raises(TimedOut, match=r"no answer within 0\.4 s"):
        await resilient(Scripted(), Clock()).embed("m", ["a"])


async def test_a_real_retry_gives_the_answer(wire: OpenAI, provider_server: ProviderServer) -> None:
    """A server that fails once has answered all the same, and is asked twice."""
    for fail in ("server", "overloaded", "cut", "garbage", "error"):
        provider_server.requests.clear()
        provider_server.script(fail=fail)
        clock = Clock()
        heard = await hear(resilient(wire, clock, deadlines=Deadlines()).chat(request("Hi")))
        assert (heard.text, len(provider_server.requests)) == (answer_for("Hi"), 2)
