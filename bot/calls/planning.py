"""From an order to an attempt that may be made: access, limits, reservation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.calls import access, limits
from bot.calls.attempts import Plan
from bot.calls.books import Books
from bot.calls.limits import Allowance, Need
from bot.calls.order import Order
from bot.core.provider import ChatRequest, ModelId, Usage
from bot.providers.registry import Model, Registry
from bot.providers.tokens import Calibration, estimate_messages
from storage.errors import NoRoom
from storage.ledger import Charge
from storage.store import Store

_LOOKS = 3  # times a call looks for room that others take before it can


class Planner:
    """Makes plans and reserves for them. What it learns of each model's tokenizer stays in memory."""

    def __init__(self, store: Store, registry: Registry, books: Books, clock: Callable[[], datetime]) -> None:
        self._store, self._registry, self._books, self._clock = store, registry, books, clock
        self._calibration = Calibration()

    def window(self, model: ModelId) -> int:
        """A model's context window in tokens. Raises NotConfigured."""
        return self._registry.model(model).window

    def learn(self, plan: Plan, usage: Usage) -> None:
        """Take in what a provider counted for a plan's input."""
        self._calibration.learn(plan.model.id, plan.estimated, usage.input)

    async def book(self, order: Order, wanted: ModelId, *, last: bool, spent: int) -> tuple[Plan, int]:
        """A plan and the id of its reservation. Raises Refused or StorageError; then nothing is held.

        ``last``: no other model stands ready. ``spent``: nano-dollars that the order's earlier attempts cost.
        """
        store = self._store
        instead = await self._permitted(order, wanted)
        caps = await limits.caps(store, order.place, order.person_id)
        need, plan = self._draft(order, wanted, last=last)
        for _ in range(_LOOKS):
            bounds = limits.bounds(await store.ledger.rooms(plan.charge), caps, spent)
            plan = _fit(plan, limits.allow(need, bounds, caps, instead), order)
            try:
                return plan, await self._books.reserve(plan.charge, plan.amount)
            except NoRoom as taken:
                tightest = limits.bounds([taken.budget], caps, spent)[0]
        raise limits.refusal(need, tightest, instead)

    async def _permitted(self, order: Order, wanted: ModelId) -> list[Model]:
        """The models that may be used here. Raises AccessRefused where the wanted one may not."""
        rules = await access.rules(self._store, order.place, order.person_id)
        models = self._registry.models()
        access.check(rules, wanted, [model.id for model in models])
        return [model for model in models if access.permitted(rules, model.id)]

    def _draft(self, order: Order, wanted: ModelId, *, last: bool) -> tuple[Need, Plan]:
        model = self._registry.model(wanted)
        request = ChatRequest(wanted.model, order.messages, order.system, order.parameters)
        tokens = estimate_messages(request) if order.input_tokens is None else order.input_tokens
        plan = Plan(
            model=model,
            provider=self._registry.provider(wanted, has_fallback=not last),
            request=request,
            charge=self._charge(order, wanted),
            estimated=tokens,
            factor=self._calibration.factor(wanted),
            amount=0,
        )
        return Need(model, plan.input_tokens, order.parameters.max_output, plan.charge.at), plan

    def _charge(self, order: Order, wanted: ModelId) -> Charge:
        return Charge(
            workspace_id=order.workspace_id,
            place=str(order.place),
            person_id=order.person_id,
            provider=wanted.provider,
            credential=self._registry.credential_name(wanted.provider),
            at=self._clock(),
        )


def _fit(plan: Plan, allowance: Allowance, order: Order) -> Plan:
    parameters = replace(order.parameters, max_output=allowance.max_output)
    return replace(plan, request=replace(plan.request, parameters=parameters), amount=allowance.amount)
