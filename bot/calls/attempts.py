"""One attempt at one model: what it may use, what it has used so far, and what it comes to."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace

from bot.calls.admission import Ticket
from bot.calls.order import CallResult, Moved, Order
from bot.core.errors import ProviderError
from bot.core.provider import (
    ChatRequest,
    Citation,
    Finished,
    FinishReason,
    Provider,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)
from bot.providers.prices import Priced
from bot.providers.registry import Model
from bot.providers.tokens import estimate
from storage.ledger import Charge, NewEntry, Settlement

COMPLETE, STOPPED, INTERRUPTED, FAILED = "complete", "stopped", "interrupted", "failed"

_ENOUGH = 20  # tokens that tell how fast a model writes

Passed = Text | Reasoning | Citation | ToolCall


@dataclass(frozen=True, slots=True)
class Plan:
    """An attempt that may be made: what to send, and the nano-dollars to reserve for it.

    ``estimated`` is the input in tokens before ``factor``, what was learned of the model, is applied. ``moved`` says
    why it is not the model that was wanted.
    """

    model: Model
    provider: Provider
    request: ChatRequest
    charge: Charge
    estimated: int
    factor: float
    amount: int
    moved: Moved | None = None

    @property
    def input_tokens(self) -> int:
        """Our best estimate of the input."""
        return round(self.estimated * self.factor)

    def priced(self, usage: Usage) -> Priced:
        """What the usage costs, at the prices of the moment that it is charged to."""
        return self.model.prices.price_of(self.model.id, usage, self.charge.at)


class Meter:
    """Counts what an attempt uses while its events pass; ``take`` runs once per event and does little."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = self._first = self._ended = 0.0
        self._uncounted: list[str] = []
        self._counted = 0  # estimated output tokens since the provider's last figure
        self.usage: Usage | None = None  # the provider's last figure
        self.finish: FinishReason | None = None
        self.answered = False  # something was passed on that a person sees
        self.thought = False  # reasoning was passed on

    def begin(self) -> None:
        """The request leaves now."""
        self._started = self._now()

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = self._now()

    def take(self, event: ProviderEvent) -> Passed | None:
        """Count an event; returns it where the caller is to see it."""
        match event:
            case Text(text=written) | Reasoning(text=written):
                self._uncounted.append(written)
            case ToolCall():
                self._uncounted.append(event.name + event.arguments)
            case Usage():
                self.usage, self._counted = event, 0
                self._uncounted.clear()
                return None
            case Finished():
                self.finish = event.reason
                return None
            case Citation():
                pass
        self._first = self._first or self._now()
        if isinstance(event, Reasoning):
            self.thought = True
        else:
            self.answered = True
        return event

    def written(self) -> int:
        """Output tokens since the provider's last figure, by our estimate."""
        if self._uncounted:
            self._counted += estimate("".join(self._uncounted))
            self._uncounted.clear()
        return self._counted

    @property
    def first_token_ms(self) -> int | None:
        """Milliseconds from the request to the first token, None where none came."""
        return round((self._first - self._started) * 1000) if self._first else None

    def speed(self) -> float | None:
        """Tokens per second from the first one on; None where there were too few to tell."""
        if self.usage is None or not self._first:
            return None
        hidden = 0 if self.thought else self.usage.reasoning  # written before the first one showed
        tokens, took = self.usage.output - hidden, self._ended - self._first
        return tokens / took if tokens >= _ENOUGH and took > 0 else None

    @property
    def latency_ms(self) -> int:
        """Milliseconds from the request to the end."""
        return round((self._ended - self._started) * 1000)


class Running:
    """An attempt whose reservation is held."""

    def __init__(self, plan: Plan, reservation_id: int, number: int, why: str, ticket: Ticket) -> None:
        self.plan, self.reservation_id, self.number, self.why = plan, reservation_id, number, why
        self.ticket = ticket
        self.meter = Meter()
        self._stream: AsyncGenerator[ProviderEvent] | None = None

    @property
    def reached(self) -> bool:
        """Whether the provider was asked."""
        return self._stream is not None

    @property
    def stream(self) -> AsyncGenerator[ProviderEvent]:
        """The provider's answer, asked for at the first look."""
        if self._stream is None:
            self.meter.begin()
            self._stream = self.plan.provider.chat(self.plan.request)
        return self._stream

    async def close(self) -> None:
        """Close the provider's stream, whatever state it is in."""
        self.meter.end()
        if self._stream is not None:
            await self._stream.aclose()

    def used(self, outcome: str) -> tuple[Usage, bool]:
        """What was used, and whether that is our estimate.

        The provider's last figure counts; what came after it without an end mark is added by our estimate.
        """
        known, since = self.meter.usage, round(self.meter.written() * self.plan.factor)
        if known is not None and (self.meter.finish is not None or not since):
            return known, False
        if known is not None:
            return replace(known, output=known.output + since, cost=None), True
        if outcome == FAILED and not since and self.meter.finish is None:
            return Usage(0, 0), False  # refused before it began: providers do not bill that
        return Usage(self.plan.input_tokens, since), True

    def cost_so_far(self) -> int | None:
        """The running estimate in nano-dollars, None where unpriced."""
        usage, _ = self.used(STOPPED)
        return self.plan.priced(usage).cost


def tell(running: Running, error: BaseException | None) -> None:
    """Let the board know how the provider did."""
    ticket, meter = running.ticket, running.meter
    if isinstance(error, ProviderError):
        ticket.failed(error)
    elif meter.first_token_ms is not None:
        ticket.answered(meter.first_token_ms, meter.speed())
    else:
        ticket.unused()


def result(running: Running, order: Order, outcome: str, error: BaseException | None) -> CallResult:
    """What the attempt came to, with its entry for the ledger where the provider was asked."""
    model, meter = running.plan.model.id, running.meter
    if not running.reached:
        return CallResult(model, outcome)
    usage, estimated = running.used(outcome)
    nothing = not usage.input and not usage.output
    made = CallResult(
        model=model,
        outcome=outcome,
        usage=usage,
        estimated=estimated,
        priced=Priced(0, "nothing used") if nothing else running.plan.priced(usage),
        finish=meter.finish,
        first_token_ms=meter.first_token_ms,
        latency_ms=meter.latency_ms,
        moved=running.plan.moved,
    )
    return replace(made, settlement=Settlement(running.reservation_id, _entry(running, order, made, error)))


def _entry(running: Running, order: Order, made: CallResult, error: BaseException | None) -> NewEntry:
    usage, charge = made.usage, running.plan.charge
    return NewEntry(
        at=charge.at,
        workspace_id=charge.workspace_id,
        place=charge.place,
        person_id=charge.person_id,
        provider=made.model.provider,
        model=made.model.model,
        credential=charge.credential,
        kind=order.kind,
        conversation_id=order.conversation_id,
        reply_id=order.reply_id,
        input_tokens=usage.input,
        cached_tokens=usage.cached,
        cache_write_tokens=usage.cache_write,
        output_tokens=usage.output,
        reasoning_tokens=usage.reasoning,
        estimated=made.estimated,
        cost=made.cost,
        price_source=made.priced.source,
        prices=json.dumps(made.priced.prices),
        outcome=made.outcome,
        error_kind=None if error is None else _kind(error),
        first_token_ms=made.first_token_ms,
        latency_ms=made.latency_ms,
        attempt=running.number,
        why=running.why,
    )


def _kind(error: BaseException) -> str:
    return error.kind if isinstance(error, ProviderError) else type(error).__name__
