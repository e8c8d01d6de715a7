"""The demo's stream: human speed, small pieces, reasoning before the answer, failures where ordered."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from bot.core.errors import BadRequest, ModelMissing
from bot.core.provider import (
    ChatRequest,
    Embedded,
    Finished,
    FinishReason,
    Listed,
    ProviderEvent,
    Reasoning,
    Text,
    Usage,
)
from bot.providers.tokens import estimate, estimate_messages
from bot.providers.wires.demo.answers import Answer, answer
from bot.providers.wires.demo.failures import HANG, Failure

MODELS = ("quick", "thorough", "story")
SPEED = 70.0  # tokens a second
CHARACTERS = 4.5  # to a token, in plain English
FIRST_TOKEN = 0.25  # seconds

_PIECE = re.compile(r"\s*\S{1,24}|\s+$")
_FOREVER = 86_400.0  # seconds; a hang ends by our own deadlines

Sleep = Callable[[float], Awaitable[None]]


class Demo:
    """The provider ``demo``. ``speed`` is tokens a second, 0 for as fast as it goes."""

    def __init__(self, speed: float = SPEED, sleep: Sleep = asyncio.sleep) -> None:
        self._speed, self._sleep = speed, sleep

    async def chat(
        self, request: ChatRequest, alive: Callable[[], None] | None = None
    ) -> AsyncGenerator[ProviderEvent]:
        """Stream the answer to the last turn; raises what the person ordered."""
        if request.model not in MODELS:
            raise ModelMissing(f"the demo has {', '.join(MODELS)}", provider="demo", model=request.model)
        made = answer(request)
        await self._sleep(made.delay + (FIRST_TOKEN if self._speed else 0.0))
        async for event in self._events(request, made):
            yield event

    async def _events(self, request: ChatRequest, made: Answer) -> AsyncGenerator[ProviderEvent]:
        text, finish = _within(made.text, request.parameters.max_output)
        if made.failure is None or made.failure.after:
            async for piece in self._paced(made.reasoning):
                yield Reasoning(piece)
        async for piece in self._paced(_until(text, made.failure)):
            yield Text(piece)
        if made.failure is not None:
            await self._fail(made.failure, request.model)
        for citation in made.citations:
            yield citation
        thought = estimate(made.reasoning)
        yield Usage(estimate_messages(request), estimate(text) + thought, reasoning=thought)
        yield Finished(finish)

    async def _paced(self, text: str) -> AsyncGenerator[str]:
        for found in _PIECE.finditer(text):
            if self._speed:
                await self._sleep(len(found[0]) / CHARACTERS / self._speed)
            yield found[0]

    async def _fail(self, failure: Failure, model: str) -> None:
        if failure.kind == HANG:
            await self._sleep(_FOREVER)
            return
        raise failure.error(model)

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """The demo has no embeddings: raises BadRequest."""
        raise BadRequest("the demo has no embeddings", provider="demo", model=model)

    async def check(self) -> bool:
        """It is always there."""
        return True

    async def models(self) -> tuple[Listed, ...]:
        """The three."""
        return tuple(map(Listed, MODELS))


def _until(text: str, failure: Failure | None) -> str:
    """As much of the text as comes before the failure."""
    if failure is None:
        return text
    words = list(re.finditer(r"\s*\S+", text))[: failure.after]
    return text[: words[-1].end()] if words else ""


def _within(text: str, max_output: int | None) -> tuple[str, FinishReason]:
    """The text cut to at most so many estimated tokens, and why it ends there."""
    if max_output is None or estimate(text) <= max_output:
        return text, FinishReason.STOP
    ends = [found.end() for found in _PIECE.finditer(text)]
    fitting = bisect_right(ends, max_output, key=lambda end: estimate(text[:end]))
    return text[: ends[fitting - 1]] if fitting else "", FinishReason.LENGTH
