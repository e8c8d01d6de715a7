"""The choice of a model at work: opened, searched, chosen from."""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.discord.commands import picker
from bot.adapters.discord.commands.answering import Answering
from bot.adapters.discord.commands.asker import Asker
from bot.adapters.discord.commands.exchange import Exchange, bodies_of, plain
from bot.adapters.discord.outgoing.render import JSON, content
from bot.commands.command import Desk
from bot.commands.models import why
from bot.commands.offers import Offer
from bot.commands.orders import asked_of
from bot.conversation.settings import Choice
from bot.core.view import Tone, View
from bot.providers.registry import Model
from storage.errors import StorageError
from storage.store import Store


@dataclass(frozen=True, slots=True)
class _Shown:
    """The model that answers, those that may be chosen, and providers that are not set up."""

    choice: Choice
    models: list[Model]
    absent: list[Offer]


class Choosing:
    """Shows the choice to whoever asks for it, and does what is chosen there."""

    def __init__(self, desk: Desk, answering: Answering, store: Store) -> None:
        self._desk, self._answering, self._store = desk, answering, store

    async def open(self, exchange: Exchange, asker: Asker) -> None:
        """Show what answers and why, and what could."""
        shown = await self._answering.meanwhile(exchange, self._shown(exchange, asker, ""))
        if isinstance(shown, View):
            await self._answering.tell(exchange, asker, shown)
            return
        heading = why(shown.choice, in_conversation=asker.in_conversation)
        body = picker.window(
            heading, shown.models, shown.choice.model, asker.place.thread, absent=shown.absent
        )

        async def say() -> None:
            await exchange.say([body], aloud=False)

        await self._answering.shown(exchange, asker, View(heading, tone=Tone.NOTICE), say)

    async def used(self, exchange: Exchange, asker: Asker, kind: str) -> None:
        """Something was chosen, or a search is wanted."""
        if kind == picker.SEARCH:
            await exchange.ask(picker.form(asker.place.thread))
            return
        values = exchange.data.get("values") or [""]
        await self._chosen(exchange, asker, str(values[0]))

    async def search(self, exchange: Exchange, asker: Asker) -> None:
        """Show what fits what was typed."""
        typed = picker.typed_in(exchange.data.get("components") or ())
        shown = await self._answering.meanwhile(exchange, self._shown(exchange, asker, typed))
        if isinstance(shown, View):
            await self._instead(exchange, asker, {"content": content(shown)}, shown)
            return
        body = picker.found(typed, shown.models, shown.choice.model, asker.place.thread, shown.absent)
        await self._instead(exchange, asker, body, View(str(body["content"]), tone=Tone.NOTICE))

    async def _chosen(self, exchange: Exchange, asker: Asker, value: str) -> None:
        """What is wrong with it shows above the choice, which stays; a switch is said for all.

        What is for the person alone, or asks them something, takes the place of the choice.
        """
        answering = self._answering
        work = answering.answer(asker, exchange.key, f"/model {value}")
        answer = await answering.meanwhile(exchange, work)
        if answer.view.tone is Tone.ERROR:
            await self._instead(exchange, asker, {"content": content(answer.view)}, answer.view)
            return
        if not answer.refresh:
            await self._instead(exchange, asker, bodies_of(answer.view, exchange.key)[0], answer.view)
            return

        async def say() -> None:
            await exchange.change(plain(picker.chosen(value)))
            await exchange.say(bodies_of(answer.view, exchange.key), aloud=True)

        await answering.shown(exchange, asker, answer.view, say)

    async def _instead(self, exchange: Exchange, asker: Asker, body: JSON, view: View) -> None:
        async def say() -> None:
            await exchange.change(body)

        await self._answering.shown(exchange, asker, view, say)

    async def _shown(self, exchange: Exchange, asker: Asker, typed: str) -> _Shown | View:
        """What fits what was typed, or what to say where nobody can tell."""
        try:
            asked = await asked_of(self._store, asker.order(exchange.key))
            choice, allowed = await self._desk.chosen(asked), await self._desk.allowed(asked)
            models = [model for model in self._desk.models(typed) if allowed(model)]
            return _Shown(choice, models, self._desk.absent(typed))
        except StorageError as error:
            return View(error.say, tone=Tone.ERROR)
