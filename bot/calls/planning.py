"""From an order to an attempt that may be made: access, limits, reservation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.calls import access, limits, pace, viewing
from bot.calls.attempts import Plan
from bot.calls.books import Books
from bot.calls.keys import Keys
from bot.calls.limits import Allowance, Caps, Need, NoAllowance
from bot.calls.order import Fitted, Moved, Order
from bot.calls.refusals import BudgetSpent, Viewer
from bot.core.provider import ChatRequest, ModelId, Usage
from bot.providers.breaker import Access
from bot.providers.registry import Model, Registry
from bot.providers.tokens import estimate_messages
from storage.budgets import CHEAPEST
from storage.credentials import Opened
from storage.errors import NoRoom
from storage.ledger import Charge
from storage.store import Store

_LOOKS = 3  # times a call looks for room that others take before it can


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that nothing is reserved for yet, with what bounds it, and the models that may be used instead."""

    plan: Plan
    need: Need
    caps: Caps
    instead: Sequence[Model]
    access: Access


class Planner:
    """Makes plans and reserves for them."""

    def __init__(self, store: Store, registry: Registry, books: Books, clock: Callable[[], datetime]) -> None:
        self._store, self._registry, self._books, self._clock = store, registry, books, clock
        self.keys = Keys(store.credentials, registry)

    async def count(self, order: Order) -> None:
        """Count a request of its person and its workspace. Raises TooMany."""
        if order.counts:
            await pace.count(self._store, order, self._clock())

    def window(self, model: ModelId) -> int:
        """A model's context window in tokens. Raises NotConfigured."""
        return self._registry.model(model).window

    def learn(self, plan: Plan, usage: Usage) -> None:
        """Take in what a provider counted for a plan. Images, whose size we only guess, would blur it."""
        learned, model = self._registry.calibration, plan.model.id
        if not any(message.attachments for message in plan.request.messages):
            learned.learn(model, plan.estimated, usage.input)
        learned.wrote(model, usage.output)

    async def draft(self, order: Order, wanted: ModelId, *, last: bool) -> Draft:
        """What would be sent where, nothing held yet. Raises Refused (Expensive too) or StorageError.

        ``last``: no other model stands ready.
        """
        instead = await self._permitted(order, wanted)
        caps = await limits.caps(self._store, order.place, order.person_id)
        key = await self.keys.applying(wanted.provider, order.place, order.person_id)
        await self._registry.prices.sync()
        need, plan = self._draft(order, wanted, key, last=last)
        if order.warn and (asks := limits.warning(need, caps, instead)) is not None:
            raise asks
        access = Access(wanted.provider, plan.charge.credential, key)
        return Draft(plan, need, caps, instead, access)

    async def book(self, order: Order, draft: Draft, *, spent: int) -> tuple[Plan, int]:
        """The plan and the id of its reservation. Raises NoAllowance or StorageError; then nothing is held.

        ``spent``: nano-dollars that the order's earlier attempts cost.
        """
        store, plan, need, caps = self._store, draft.plan, draft.need, draft.caps
        for _ in range(_LOOKS):
            bounds = limits.bounds(await store.ledger.rooms(plan.charge), caps, spent)
            plan = _fit(plan, limits.allow(need, bounds, caps), order)
            try:
                return plan, await self._books.reserve(plan.charge, plan.amount)
            except NoRoom as taken:
                tightest = limits.bounds([taken.budget], caps, spent)[0]
        raise NoAllowance(need, tightest)

    async def cheaper(self, order: Order, draft: Draft, short: NoAllowance, *, last: bool) -> Draft:
        """The cheapest model that may be used, where the budget without room says so. Raises BudgetSpent elsewhere."""
        line = short.bound.line
        offers = limits.works(short, draft.instead)
        if line is None or line.at_limit != CHEAPEST or not offers:
            raise await self.refusal(order, draft, short)
        cheapest = min(offers, key=lambda offer: offer.cost).model
        other = await self.draft(order, cheapest, last=last)
        return replace(other, plan=replace(other.plan, moved=Moved(draft.plan.model.id, line)))

    async def refusal(self, order: Order, draft: Draft, short: NoAllowance) -> BudgetSpent:
        """Why there is no room, by the clock of whoever reads it: their own time zone, or the workspace's."""
        zone = await viewing.zone_of(self._store, order.person_id, order.workspace_id)
        viewer = Viewer(zone, draft.plan.charge.credential)
        return limits.refusal(short, draft.instead, draft.caps, viewer)

    async def _permitted(self, order: Order, wanted: ModelId) -> list[Model]:
        """The models that may be used here. Raises AccessRefused where the wanted one may not."""
        models = self._registry.models()
        offered = [model.id for model in models]
        rules = await access.require(self._store, order.place, order.person_id, wanted, offered)
        return [model for model in models if access.permitted(rules, model.id)]

    def _draft(self, order: Order, wanted: ModelId, key: Opened | None, *, last: bool) -> tuple[Need, Plan]:
        model = self._registry.model(wanted)
        fitted = Fitted(order.messages, order.input_tokens) if order.fit is None else order.fit(wanted)
        request = ChatRequest(wanted.model, fitted.messages, order.system, order.parameters)
        tokens = estimate_messages(request) if fitted.tokens is None else fitted.tokens
        plan = Plan(
            model=model,
            provider=self._registry.provider(wanted, credentials=key, has_fallback=not last),
            request=request,
            charge=self._charge(order, wanted, key),
            estimated=tokens,
            factor=self._registry.calibration.factor(wanted),
            amount=0,
        )
        images = any(file.is_image for message in fitted.messages for file in message.attachments)
        return Need(model, plan.input_tokens, order.parameters.max_output, plan.charge.at, images), plan

    def _charge(self, order: Order, wanted: ModelId, key: Opened | None) -> Charge:
        return Charge(
            workspace_id=order.workspace_id,
            place=str(order.place),
            person_id=order.person_id,
            provider=wanted.provider,
            credential=self._registry.credential_name(wanted.provider) if key is None else key.name,
            at=self._clock(),
        )


def _fit(plan: Plan, allowance: Allowance, order: Order) -> Plan:
    parameters = replace(order.parameters, max_output=allowance.max_output)
    return replace(plan, request=replace(plan.request, parameters=parameters), amount=allowance.amount)
