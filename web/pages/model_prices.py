"""What owners say themselves: prices from a day on, and models that no list has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.money import NANO, dollars
from bot.core.provider import Listed, ModelId, Rates
from bot.providers import facts
from storage.audit import noting
from storage.custom import CustomModel
from storage.errors import NoSuchEntry
from storage.price_overrides import NewOverride, Override
from web import entering
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.models import SHOWN
from web.pages.providers import VIA
from web.services import Services
from web.viewer import owners

_LONGEST = 500  # characters of a model's id


@dataclass(frozen=True, slots=True)
class Price:
    """A price that was set, in words."""

    id: int
    model: str
    figures: str
    since: str
    state: str
    note: str


class PricePages:
    """GET shows, POST changes."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.models

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/models/prices", owners(self.show), methods=["GET"]),
            Route("/models/prices", owners(self.set_price), methods=["POST"]),
            Route("/models/prices/{id:int}/remove", owners(self.remove_price), methods=["POST"]),
            Route("/models/own", owners(self.enter), methods=["POST"]),
            Route("/models/own/remove", owners(self.forget), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Every price that was set, and every model that was entered."""
        named = Form({"model": request.query_params.get("model", "")[:_LONGEST]})
        return await self._page(request, named, Form())

    async def set_price(self, request: Request) -> Response:
        """Keep a price from a day on."""
        form = await Form.of(request)
        model = self._model(form)
        form.needs("input", "What does a million tokens cost that it reads? 0 for nothing.")
        form.needs("output", "What does a million tokens cost that it writes? 0 for nothing.")
        figures = [
            entering.figure(form, name)
            for name in ("input", "output", "cached", "cache_write", "per_request")
        ]
        begins = entering.first_moment(entering.day(form, "valid_from"))
        given, written, cached, stored, request_fee = figures
        if not form.is_right or model is None or given is None or written is None:
            return await self._page(request, form, Form(), 422)
        new = NewOverride(
            model.provider,
            model.model,
            begins,
            given,
            written,
            cached,
            stored,
            request_fee,
            form["note"][:300],
        )
        with noting() as entries:
            made = await self._store.price_overrides.add(new, by=person_of(request).id, via=VIA)
        await self._desk.sync()
        later = made.valid_from > datetime.now(UTC)
        when = f"from {made.valid_from:%d %B %Y} on" if later else "from the next question on"
        return done("/models/prices", f"{model} costs {_figures(made)} {when}.", undo=entries)

    async def remove_price(self, request: Request) -> Response:
        """Take a price back."""
        with noting() as made:
            gone = await self._store.price_overrides.remove(
                int(request.path_params["id"]), by=person_of(request).id, via=VIA
            )
        if gone is None:
            raise HTTPException(404)
        await self._desk.sync()
        said = f"Taken back: what was set for {gone.provider}/{gone.model}."
        return done("/models/prices", said, undo=made)

    async def enter(self, request: Request) -> Response:
        """Enter a model, or what no list tells of one."""
        form = await Form.of(request)
        model, listed = self._model(form), _listed(form)
        if not form.is_right or model is None:
            return await self._page(request, Form(), form, 422)
        data = json.dumps(facts.to_json(listed))
        await self._store.custom.put_model(
            model.provider, model.model, data, by=person_of(request).id, via=VIA
        )
        await self._desk.sync()
        return done("/models/prices", f"{model} is entered, and can be chosen now.")

    async def forget(self, request: Request) -> Response:
        """Take back what was entered of a model."""
        form = await Form.of(request)
        try:
            with noting() as made:
                await self._store.custom.remove_model(form["model"], by=person_of(request).id, via=VIA)
        except NoSuchEntry:
            raise HTTPException(404) from None
        await self._desk.sync()
        return done("/models/prices", f"What was entered of {form['model']} is removed.", undo=made)

    def _model(self, form: Form) -> ModelId | None:
        """A full name, whose provider there is; the model itself may be new."""
        try:
            model = ModelId.parse(form["model"])
        except ValueError:
            form.refuse("model", "Write its full name, the provider's id first: openai/gpt-4.1.")
            return None
        row = self._desk.registry.row(model.provider)
        if row is None or row.wire == "demo":
            form.refuse("model", f"There is no provider “{model.provider[:40]}” here.")
        if len(model.model) > _LONGEST or not model.model.isprintable():
            form.refuse("model", "This is too long for a name, or has characters that cannot be printed.")
        return model

    async def _page(self, request: Request, price: Form, own: Form, status: int = 200) -> Response:
        registry = self._desk.registry
        return site_page(
            request,
            "model_prices.html",
            status,
            price=price,
            own=own,
            prices=_prices(await self._store.price_overrides.all()),
            models=[_entered(one) for one in await self._store.custom.models()],
            abilities=[each.value for each in SHOWN],
            ids=[str(model.id) for model in registry.models() if model.id.provider != "demo"],
        )


def _listed(form: Form) -> Listed:
    """What is told of a model."""
    given, written, cached = (
        entering.dollars(form, name) for name in ("price_in", "price_out", "price_cached")
    )
    if (given is None) != (written is None) and form.is_right:
        form.refuse(
            "price_out" if written is None else "price_in", "A price is both: for reading and for writing."
        )
    return Listed(
        form["model"].partition("/")[2],
        entering.tokens(form, "window"),
        entering.tokens(form, "max_output"),
        Rates(given, written, cached) if given is not None and written is not None else None,
        frozenset(each for each in SHOWN if form[f"can_{each.value}"] == "yes"),
        retires_at=entering.day(form, "retires_at"),
        successor=form["successor"].removeprefix(f"{form['model'].partition('/')[0]}/"),
    )


def _prices(kept: Sequence[Override]) -> list[Price]:
    """The newest of each model that has begun is in force; those before it are past."""
    now, in_force, told = datetime.now(UTC), set[tuple[str, str]](), []
    for one in kept:
        name = (one.provider, one.model.lower())
        state = "to come" if one.valid_from > now else "past" if name in in_force else "in force"
        if state == "in force":
            in_force.add(name)
        since = one.valid_from.isoformat(timespec="seconds")
        told.append(Price(one.id, f"{one.provider}/{one.model}", _figures(one), since, state, one.note))
    return told


def _figures(one: Override) -> str:
    more = [
        f"{_dollars(one.cached)} cached" if one.cached else "",
        f"{_dollars(one.cache_write)} written to the cache" if one.cache_write else "",
        f"{_dollars(one.per_request)} per request" if one.per_request else "",
    ]
    rest = "".join(f", {each}" for each in more if each)
    return f"{_dollars(one.input)} in, {_dollars(one.output)} out per million{rest}"


def _dollars(text: str) -> str:
    return dollars(int(Decimal(text) * NANO))


def _entered(one: CustomModel) -> tuple[str, str]:
    """A model that was entered, and what was told of it."""
    told = facts.from_json(one.model, json.loads(one.data))
    parts = [
        f"reads {told.window:,}" if told.window else "",
        f"writes {told.max_output:,}" if told.max_output else "",
        f"{dollars(int(told.rates.input * NANO))} in, {dollars(int(told.rates.output * NANO))} out"
        if told.rates
        else "",
        ", ".join(sorted(each.value for each in told.has)),
        f"ends {told.retires_at}" if told.retires_at else "",
    ]
    return f"{one.provider}/{one.model}", "; ".join(part for part in parts if part)
