"""One model call, and the only door to a model: access, limits, reservation, attempts, settlement.

A call walks its order's chain. Each model that is asked has its own access check, reservation and ledger
entry; it moves on only while nothing of an answer was passed on. A model that is known to fail just now, or busy with
as many of our requests as it may have, is passed over before anything is reserved. However it ends, nothing stays
reserved.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bot.calls.admission import Admission, Ticket
from bot.calls.attempts import COMPLETE, FAILED, INTERRUPTED, STOPPED, Running, result, tell
from bot.calls.books import Books
from bot.calls.keys import Keys
from bot.calls.limits import NoAllowance
from bot.calls.order import AGAIN, Attempt, CallEvent, CallResult, FailedAttempt, Order, PassedOver
from bot.calls.planning import Draft, Planner
from bot.calls.waiting import Stopper, unbroken
from bot.core.errors import ContextOverflow, Cut, ProviderError, Refused
from bot.core.provider import ModelId
from bot.providers.health import HealthBoard
from bot.providers.registry import Registry
from storage.errors import StorageError
from storage.store import Store

__all__ = ["Attempt", "Call", "CallEvent", "CallResult", "Caller", "FailedAttempt", "Order"]

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Caller:
    """Opens calls for one process. ``clock`` gives aware UTC datetimes."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        process: str,
        clock: Callable[[], datetime] = _now,
        board: HealthBoard | None = None,
    ) -> None:
        self._books = Books(store, process)
        self._planner = Planner(store, registry, self._books, clock)
        self._admission = Admission(store, board or HealthBoard(registry))

    @property
    def keys(self) -> Keys:
        """Which credential a call uses."""
        return self._planner.keys

    @property
    def board(self) -> HealthBoard:
        """How every provider and model does."""
        return self._admission.board

    def open(self, order: Order) -> Call:
        """A call, to be entered with ``async with`` and read with ``async for``. Nothing happens before."""
        return Call(self._planner, self._books, self._admission, order)


class Call:
    """One streamed answer. Iterating raises Refused, ProviderError once the chain is spent, or StorageError.

    Leave the context without an exception, and what is owed is in ``result.settlement``, to be written with
    the message or by ``settle``. Leave it with one (cancellation too), and it is settled already.
    """

    def __init__(self, planner: Planner, books: Books, admission: Admission, order: Order) -> None:
        self._planner, self._books, self._admission, self._order = planner, books, admission, order
        self._chain = list(order.models)
        self._counted = False
        self._stopper = Stopper()
        self._stopped = ""
        self._number = order.first_attempt
        self._running: Running | None = None
        self._result: CallResult | None = None
        self._failed: tuple[FailedAttempt, ...] = ()
        self._passed_over: tuple[PassedOver, ...] = ()
        self._failure: ProviderError | None = None

    @property
    def model(self) -> ModelId:
        """The model at work, or the one that was last, or will be first."""
        if self._running is not None:
            return self._running.plan.model.id
        return self._result.model if self._result is not None else self._order.models[0]

    @property
    def result(self) -> CallResult:
        """What came of it; complete once the context is left."""
        made = self._result or CallResult(self.model, self._stopped or STOPPED)
        return replace(made, attempts_failed=self._failed, passed_over=self._passed_over)

    def stop(self, outcome: str = STOPPED) -> None:
        """End the stream and the iteration, from any task of this loop: "stopped" or "interrupted"."""
        self._stopped = self._stopped or outcome
        self._stopper.stop()

    def cost_so_far(self) -> int | None:
        """The running estimate of the attempt at work in nano-dollars, None where unpriced. Cheap."""
        return self._running.cost_so_far() if self._running is not None else self.result.cost

    async def settle(self) -> None:
        """Write what is owed, for callers that have no message to write it with. Twice is harmless."""
        if self._result is not None and self._result.settlement is not None:
            await unbroken(self._settle(self._result))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        broken = FAILED if isinstance(error, Exception) else INTERRUPTED
        try:
            await self._leave(self._stopped or (STOPPED if error is None else broken), error)
        except StorageError:
            if error is None:
                raise
            # The books have logged it and keep it; what broke the call matters more to whoever waits.

    def __aiter__(self) -> AsyncIterator[CallEvent]:
        return self

    async def __anext__(self) -> CallEvent:
        while (running := self._running) is not None:
            try:
                event = None if self._stopped else await self._stopper.next(running.stream)
            except ProviderError as error:
                await self._heed(running, error)
                continue
            if event is None:
                await self._at_end(running)
            elif (passed := running.meter.take(event)) is not None:
                return passed
        if (attempt := await self._next_model()) is None:
            raise StopAsyncIteration
        return attempt

    async def _next_model(self) -> Attempt | None:
        """Reserve for the next model of the chain that may be asked; None when the call is over."""
        while self._chain and not self._stopped:
            model = self._chain.pop(0)
            try:
                if self._fits_where_others_did_not(model):
                    await self._admit(model)
            except Refused as refused:
                if self._failure is None:
                    self._chain.clear()
                    raise
                log.info("%s cannot stand in: %s", model, refused)
                self._passed_over += (PassedOver(model, refused),)
            except ProviderError as error:
                self._skip(model, error)
            if (running := self._running) is not None:
                return Attempt(
                    running.plan.model.id, running.number, running.reservation_id, running.why, self._failed
                )
        if self._failure is not None and not self._stopped:
            raise self._failure
        return None

    async def _admit(self, model: ModelId) -> None:
        """Let a request to the model leave: it may, there is a place for it, and its worst case is held."""
        if not self._counted:
            await self._planner.count(self._order)
            self._counted = True
        last = not self._chain
        draft = await self._planner.draft(self._order, model, last=last)
        try:
            await self._enter(draft, last=last)
        except NoAllowance as short:
            await self._enter_cheaper(draft, short, last=last)

    async def _enter_cheaper(self, draft: Draft, short: NoAllowance, *, last: bool) -> None:
        """Move to the cheapest model where the budget without room says so. Raises BudgetSpent."""
        cheaper = await self._planner.cheaper(self._order, draft, short, last=last)
        try:
            await self._enter(cheaper, last=last)
        except (NoAllowance, ProviderError) as full:  # others were quicker, or it fails just now
            left = full if isinstance(full, NoAllowance) else short
            raise await self._planner.refusal(self._order, draft, left) from full

    async def _enter(self, draft: Draft, *, last: bool) -> None:
        """Take a place for the draft and hold its worst case. Raises NoAllowance, NotAsked, Crowded."""
        again = self._order.why == AGAIN and last
        ticket = await self._admission.enter(draft.access, draft.plan.model.id, again=again, last=last)
        try:
            await unbroken(self._book(draft, ticket))
        except BaseException:
            ticket.unused()
            raise

    def _skip(self, model: ModelId, error: ProviderError) -> None:
        """It was not asked: known to fail, or too busy with our own requests. Nothing is owed."""
        log.info("reply %s: %s", self._order.reply_id, error)
        self._remember()
        self._failure, self._result = error, CallResult(model, FAILED)

    def _remember(self) -> None:
        """The last attempt is one of those before, from now on."""
        if self._failure is not None:
            self._failed += (FailedAttempt(self.model, self._failure, self.result.cost),)

    def _fits_where_others_did_not(self, model: ModelId) -> bool:
        if not isinstance(self._failure, ContextOverflow):
            return True
        return self._planner.window(model) > self._planner.window(self.model)

    async def _book(self, draft: Draft, ticket: Ticket) -> None:
        await self._books.catch_up()
        spent = sum(failed.cost or 0 for failed in self._failed) + (self.result.cost or 0)
        plan, reservation_id = await self._planner.book(self._order, draft, spent=spent)
        self._remember()
        why = self._order.why if self._failure is None else "fallback"
        why = why if plan.moved is None else "cheapest"
        self._running = Running(plan, reservation_id, self._number, why, ticket)
        self._number += 1
        self._result = self._failure = None

    async def _at_end(self, running: Running) -> None:
        """The stream is over: complete, stopped, or cut."""
        model, finish = running.plan.model.id, running.meter.finish
        if finish is None and not self._stopped:
            cut = Cut("the stream ended without its end mark", provider=model.provider, model=model.model)
            await self._heed(running, cut)
            return
        self._chain.clear()
        await self._end(running, self._stopped if finish is None else COMPLETE)
        if not self.result.estimated:
            self._planner.learn(running.plan, self.result.usage)

    async def _heed(self, running: Running, error: ProviderError) -> None:
        """An attempt failed: end it, and return where the chain may go on; else raise the error."""
        if self._stopped or running.meter.finish is not None:
            await self._at_end(running)
            return
        await self._end(running, FAILED, error)
        reply, number = self._order.reply_id, running.number
        log.warning("reply %s, attempt %d: %s failed (%s): %s", reply, number, error.name, error.kind, error)
        if not running.meter.answered:
            await self.settle()
        if running.meter.answered or not error.recovery.fall_back:
            self._chain.clear()
            raise error
        self._failure = error

    async def _end(self, running: Running, outcome: str, error: BaseException | None = None) -> None:
        """Close the stream. What is owed is in the result then; nothing where the provider was not asked."""
        try:
            await running.close()
        finally:
            tell(running, error)
            self._running, self._result = None, result(running, self._order, outcome, error)
            if not running.reached:
                await unbroken(self._books.write(running.reservation_id))

    async def _leave(self, outcome: str, error: BaseException | None) -> None:
        self._chain.clear()
        try:
            if self._running is not None:
                await self._end(self._running, outcome, error)
        finally:
            if error is not None:
                await self.settle()

    async def _settle(self, made: CallResult) -> None:
        assert made.settlement is not None
        await self._books.write(made.settlement)
        self._result = replace(made, settlement=None)
