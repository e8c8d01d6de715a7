"""Every call that puts text before people passes through the one ``Delivery`` of the process.

A message that grows is a slot. It says which call it wants next; one loop grants calls from the budgets they
spend: last texts first, then first texts, then interim ones, the stalest first. What a call shows is rendered
when it is granted, so nothing stale is ever sent, and each slot has at most one call in flight.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from bot.conversation.delivery.budgets import Budget, Budgets
from bot.conversation.delivery.clock import Clock, LoopClock
from bot.conversation.delivery.demand import Expected
from bot.conversation.delivery.errand import Errand, Tidy
from bot.conversation.delivery.pacing import may_show, period
from bot.conversation.delivery.slots import Job, Rank, Slot
from bot.conversation.delivery.waiting import Waiting
from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown, PlatformError
from bot.core.place import Place
from bot.core.surface import Posted, Spend, Surface, Verb
from bot.core.view import View

log = logging.getLogger(__name__)

_PATIENCE = 3.0  # seconds after which a last text without a token goes by another method
_GIVE_UP = 15 * 60.0
_LONGEST_PAUSE = 30.0  # between two tries of a call that fails
_LOOK_AGAIN = 0.5  # seconds after which a waiting interim is thought over
_SWEEP = 60.0
_LAST_WORDS = 10.0  # seconds that calls in flight get at shutdown


class DeliveryGaveUp(PlatformError):
    """The platform took nothing for 15 minutes; the text is kept, but people may not see all of it."""

    say = "The chat platform did not take the answer for fifteen minutes. Its text is kept."


def whole(workspace: str) -> float:
    """The share of a workspace's budgets where this process is the only one."""
    return 1.0


class Delivery:
    """Grants platform calls. ``share`` is this process's part of a workspace's budgets, 0 to 1.

    ``open``, ``grow``, ``touch``, ``ended`` and ``close`` are for the jobs: ``Reply`` and errands.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        share: Callable[[str], float] = whole,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock or LoopClock()
        self._budgets = Budgets(share)
        self._jitter = jitter
        self._waiting = Waiting()
        self._expected: dict[str, Expected] = {}
        self._open: Counter[str] = Counter()
        self._calls: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._asleep_until = 0.0
        self._swept = 0.0
        self.refusals: Counter[str] = Counter()  # calls that a platform was too busy for, by platform

    # For everybody

    async def run(self) -> None:
        """Grant until cancelled; then wait for the calls in flight, which are never cancelled."""
        try:
            while True:
                self._wake.clear()
                await self._sleep(self._grant_all())
        finally:
            if self._calls:
                await asyncio.wait(self._calls, timeout=_LAST_WORDS)

    async def send(self, surface: Surface, place: Place, view: View, key: str, *, again: bool = False) -> str:
        """Show one whole message, over several where it is long; returns the platform's id of the last.

        ``again``: it may be there already under this key, and is looked for first. Raises PlaceGone or DeliveryGaveUp.
        """
        errand = Errand(surface, place, view, key, again=again)
        slot = self.open(errand)
        self.touch(slot)
        try:
            return await errand.done
        finally:
            self.close(slot)

    def open_slots(self) -> Mapping[str, int]:
        """How many messages are open in each workspace whose budgets are shared."""
        return +self._open

    # For jobs

    def open(self, job: Job) -> Slot:
        """Make room for a job."""
        budgets = {verb: self._budgets.of(job.surface.spends(verb, job.place)) for verb in Verb}
        slot = Slot(job, budgets, self._expectation(job.surface))
        for budget in slot.all_budgets():
            budget.demand.slots += 1
        self._open.update(self._workspaces(slot))
        return slot

    def grow(self, slot: Slot) -> None:
        """Its stream has begun, so it will want edits and in the end a last text."""
        slot.started = now = self._clock.now()
        for budget in slot.budgets[Verb.EDIT]:
            budget.demand.join(now)

    def ended(self, slot: Slot) -> None:
        """Its stream has ended."""
        if slot.started is None:
            return
        for budget in slot.budgets[Verb.EDIT]:
            budget.demand.leave(slot.started)
        slot.expected.learn(self._clock.now() - slot.started)
        slot.started = None

    def touch(self, slot: Slot) -> None:
        """Its need has changed."""
        if not slot.busy and not slot.closed:
            self._queue(slot, self._clock.now())

    def tidy(self, surface: Surface, place: Place, message_id: str, view: View) -> None:
        """Take the growing mark from a message, some time, at the lowest rank."""
        tidy = Tidy(surface, place, message_id, view, self.close)
        tidy.slot = self.open(tidy)
        self.touch(tidy.slot)

    def close(self, slot: Slot) -> None:
        """Make no further call for it; one in flight runs to its end."""
        if slot.closed:
            return
        self._waiting.withdraw(slot)
        self.ended(slot)
        slot.closed = True
        for budget in slot.all_budgets():
            budget.demand.slots -= 1
        self._open.subtract(self._workspaces(slot))

    # The loop

    async def _sleep(self, until: float | None) -> None:
        self._asleep_until = float("inf") if until is None else until
        timer = None if until is None else self._clock.call_at(until, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            self._asleep_until = 0.0
            if timer is not None:
                timer.cancel()

    def _grant_all(self) -> float | None:
        """Grant whatever can be; returns the next moment at which something may be."""
        now = self._clock.now()
        if now >= self._swept + _SWEEP:
            self._budgets.forget_idle(now)
            self._swept = now
        moments = [self._urge(slot, now) for slot in self._waiting.urgent()]
        for slot in self._waiting.due(now):
            if (moment := self._consider(slot, now)) is None:
                self._grant(slot, now)
            else:
                self._waiting.wait(slot, moment)
        return _soonest(*moments, self._waiting.next())

    def _urge(self, slot: Slot, now: float) -> float | None:
        """Grant a last or first text, or say when to try again; None where only an answer can help."""
        if slot.rank is Rank.LAST and now - slot.since >= _GIVE_UP:
            self._fail(slot, DeliveryGaveUp(f"nothing was taken at {slot.job.place} for {_GIVE_UP:.0f} s"))
            return None
        free = self._free_at(slot, slot.verb, now)
        if free is not None and free <= now:
            self._grant(slot, now)
            return None
        if slot.rank is not Rank.LAST:
            return free
        other = self._divert(slot, now) if slot.verb is Verb.EDIT else None
        return None if slot.busy else _soonest(free, other, slot.since + _GIVE_UP)

    def _divert(self, slot: Slot, now: float) -> float | None:
        """Send a last text that waits for an edit as a post instead; else say when that may be possible."""
        if now < slot.since + _PATIENCE:
            return slot.since + _PATIENCE
        free = self._free_at(slot, Verb.POST, now)
        if free is None or free > now or not slot.job.diverts:
            return free if free is not None and free > now else None
        self._waiting.withdraw(slot)
        slot.verb = Verb.POST
        self._grant(slot, now)
        return None

    def _consider(self, slot: Slot, now: float) -> float | None:
        """None where an interim text may go now, else when to think again."""
        budgets = slot.budgets[slot.verb]
        due = self._due(slot, now)
        if due > now:
            return min(due, now + _LOOK_AGAIN)
        free = self._free_at(slot, slot.verb, now)
        if free is None:
            return now + slot.job.surface.limits.round_trip
        if free > now:
            return free
        for budget in budgets:
            if not may_show(budget, now, slot.expected):
                return min(budget.next_return(now) or now + _LOOK_AGAIN, now + _LOOK_AGAIN)
        return None

    def _due(self, slot: Slot, now: float) -> float:
        if slot.rank is Rank.TIDY:
            return slot.not_before
        pace = max((period(one, now, slot.expected) for one in slot.budgets[slot.verb]), default=0.0)
        return max(slot.not_before, slot.granted + pace)

    def _free_at(self, slot: Slot, verb: Verb, now: float) -> float | None:
        """When all budgets of the call have a token; None where that hangs on a call in flight."""
        latest = max(now, slot.not_before)
        for budget in slot.budgets[verb]:
            free = budget.next_free(now)
            if free is None:
                return None
            latest = max(latest, free)
        return latest

    def _queue(self, slot: Slot, now: float) -> None:
        """Put it where its present need belongs."""
        self._waiting.withdraw(slot)
        need = slot.job.need()
        if need is None:
            return
        if slot.moved and need[0] is Verb.POST:
            # A new message: what its edits will spend is for its post to say.
            self._move(slot, slot.job.surface.spends(Verb.EDIT, slot.job.place), moved=False)
        if need != (slot.verb, slot.rank) or not slot.failures:
            slot.since = now
        slot.verb, slot.rank = need
        if slot.rank in {Rank.LAST, Rank.FIRST}:
            self._waiting.urge(slot)
            self._wake.set()
        else:
            self._wait(slot, max(now, min(self._due(slot, now), now + _LOOK_AGAIN)))

    def _wait(self, slot: Slot, moment: float) -> None:
        self._waiting.wait(slot, moment)
        if moment < self._asleep_until:
            self._wake.set()

    # Calls

    def _grant(self, slot: Slot, now: float) -> None:
        self._waiting.withdraw(slot)
        budgets = slot.budgets[slot.verb]
        for budget in budgets:
            budget.take()
        slot.busy, slot.granted = True, now
        task = asyncio.create_task(self._call(slot, budgets))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _call(self, slot: Slot, budgets: tuple[Budget, ...]) -> None:
        try:
            posted = await slot.job.act(slot.verb)
        except PlatformBusy as busy:
            self._move(slot, busy.edits)
            self._refused(slot, busy, budgets)
            self._failed(slot, pause=0.0)
        except PlatformDown as down:
            self._answered(budgets)
            self._move(slot, down.edits)
            self._charge(down.edits, budgets)
            log.info("a call at %s failed: %s", slot.job.place, down)
            self._failed(slot, pause=min(_LONGEST_PAUSE, 2.0 ** min(slot.failures, 6)))
        except Exception as error:  # noqa: BLE001 - the job hands it to whoever waits for the text
            self._answered(budgets)
            self._fail(slot, error)
        else:
            self._done(slot, budgets, posted)
        slot.busy = False
        self.touch(slot)
        self._wake.set()

    def _done(self, slot: Slot, budgets: tuple[Budget, ...], posted: Posted | None) -> None:
        slot.failures, slot.failing_since, slot.not_before = 0, None, 0.0
        if posted is None:
            for budget in budgets:
                budget.give_back()
            return
        self._answered(budgets)
        self._move(slot, posted.edits)
        if slot.verb is Verb.EDIT:
            self._charge(posted.edits, budgets)
        now = self._clock.now()
        for seen in posted.observed:
            for budget in budgets:
                if budget.name == seen.name:
                    budget.observe(seen, now)

    def _refused(self, slot: Slot, busy: PlatformBusy, budgets: tuple[Budget, ...]) -> None:
        """Freeze what the refusal names, and tell the operators: once for each freeze of a budget."""
        self.refusals[slot.job.surface.platform] += 1
        place, wait = slot.job.place, busy.wait
        for name in self._budgets.refuse(busy.budget, budgets, self._clock.now(), wait):
            log.info("refused at %s: nothing more on %s for %.1f s", place, name, wait)

    def _answered(self, budgets: tuple[Budget, ...]) -> None:
        for budget in budgets:
            budget.answered(self._clock.now())

    def _move(self, slot: Slot, edits: Sequence[Spend] | None, *, moved: bool = True) -> None:
        """Let the edits of its message spend these budgets from now on, where they are said to differ."""
        if edits is None or slot.closed:
            return
        self._open.subtract(self._workspaces(slot))
        slot.spend(self._budgets.of(edits), self._clock.now())
        slot.moved = moved
        self._open.update(self._workspaces(slot))

    def _charge(self, edits: Sequence[Spend] | None, spent: tuple[Budget, ...]) -> None:
        """An edit that had to go another way has spent the budgets of that way too."""
        for budget in self._budgets.of(edits or ()):
            if budget not in spent:
                budget.take()
                budget.answered(self._clock.now())

    def _failed(self, slot: Slot, pause: float) -> None:
        now = self._clock.now()
        slot.failures += 1
        slot.failing_since = slot.failing_since or now
        # Half of the pause is left to chance, so that many who failed together do not come back together.
        slot.not_before = now + pause * (0.5 + self._jitter() / 2)
        if now - slot.failing_since >= _GIVE_UP:
            self._fail(slot, DeliveryGaveUp(f"{slot.failures} calls in a row failed at {slot.job.place}"))

    def _fail(self, slot: Slot, error: Exception) -> None:
        if not isinstance(error, PlaceGone):
            log.warning("nothing more can be shown at %s: %r", slot.job.place, error)
        self.close(slot)
        slot.job.fail(error)

    # Small things

    def _expectation(self, surface: Surface) -> Expected:
        return self._expected.setdefault(surface.platform, Expected(surface.limits.expected_stream))

    def _workspaces(self, slot: Slot) -> set[str]:
        return {budget.shared for budget in slot.all_budgets() if budget.shared}


def _soonest(*moments: float | None) -> float | None:
    return min((moment for moment in moments if moment is not None), default=None)
