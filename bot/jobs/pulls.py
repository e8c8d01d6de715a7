"""Gets models of Ollama: a task that goes on where a connection or a process broke off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from bot.core.errors import Cut, NetworkFailed, ProviderError, ServerFailed, TimedOut
from bot.core.place import Place
from bot.core.view import Button
from bot.jobs.work import CANCEL, Kind, TaskFailed, Work
from bot.providers.ollama.managed import Managed
from bot.providers.ollama.names import Name
from bot.providers.ollama.orders import PullOrder
from bot.providers.ollama.progress import Meter
from bot.providers.ollama.server import Server
from bot.providers.ollama.words import amount, span
from storage.tasks import FAILED, RUNNING, STOPPED, TaskRow

_TRIES = 5  # that bring nothing, one after the other
_PAUSE = 2.0  # seconds before the second try, twice as many before each further one
_PASSING = (Cut, NetworkFailed, TimedOut, ServerFailed)
_SITE = Place("web", "main")  # whose keys apply where it was not asked for in a chat
_KEPT = "What came is kept: another try goes on from there."


class Pulls:
    """Does orders to get a model. ``refresh`` makes what is there now known to the registry of models."""

    def __init__(
        self, managed: Managed, refresh: Callable[[], Awaitable[object]], *, pause: float = _PAUSE
    ) -> None:
        self._managed, self._refresh, self._pause = managed, refresh, pause

    @property
    def kind(self) -> Kind:
        """What the runner of tasks needs to know."""
        return Kind(self.run, buttons)

    async def run(self, work: Work) -> str:
        """Get the model; the last words about it. Raises ProviderError and TaskFailed."""
        order, row = PullOrder.from_json(work.row.payload), work.row
        await work.progress(row.done, row.total, f"{_getting(order)}: it begins.", now=True)
        place = _SITE if row.place is None else Place.parse(row.place)
        server = await self._managed.server(place, order.person_id)
        meter = Meter(row.total)
        await self._all_of_it(server, order, meter, work)
        await self._refresh()
        name = Name.parse(order.name)
        done = "is the newest version now" if order.update else "is here"
        size = f" ({amount(meter.total)})" if meter.total else ""
        return f"**{name.short}** {done}{size}. `/model ollama/{name}` lets it answer."

    async def _all_of_it(self, server: Server, order: PullOrder, meter: Meter, work: Work) -> None:
        """Pull until all is there, in as many tries as bring something."""
        vain, most = 0, 0
        while True:
            try:
                await self._once(server, order, meter, work)
            except _PASSING as error:
                vain = 0 if meter.done > most else vain + 1
                most = max(most, meter.done)
                if vain >= _TRIES:
                    raise _gave_up(order, meter, error) from error
                broken = (
                    f"{_getting(order)}: the connection broke. What came is kept, and it goes on in a moment."
                )
                await work.progress(work.row.done, work.row.total, broken, now=True)
                await asyncio.sleep(self._pause * 2 ** max(0, vain - 1))
                meter.again()
            else:
                return

    async def _once(self, server: Server, order: PullOrder, meter: Meter, work: Work) -> None:
        async with aclosing(server.pull(order.name)) as lines:
            async for line in lines:
                meter.take(line)
                await work.progress(meter.done, meter.total, _stands(order, meter))


def buttons(row: TaskRow) -> tuple[Button, ...]:
    """Beneath the message of a pull: stop it, or what makes it go on."""
    order = PullOrder.from_json(row.payload)
    again = f"ollama {'update' if order.update else 'pull'} {order.short}"
    match row.state:
        case state if state == RUNNING:
            return (Button(CANCEL, f"ollama stop {row.id}"),)
        case state if state == STOPPED:
            return (Button("Go on", again),)
        case state if state == FAILED:
            return (Button("Try again", again),)
        case _:
            return ()


def _getting(order: PullOrder) -> str:
    return f"{'Updating' if order.update else 'Getting'} **{order.short}**"


def _stands(order: PullOrder, meter: Meter) -> str:
    """How far it is, as a sentence."""
    if not meter.total:
        return f"{_getting(order)}: Ollama asks its library what it consists of."
    if meter.done >= meter.total:
        return f"{_getting(order)}: all {amount(meter.total)} came and are checked."
    parts = [f"{amount(meter.done)} of {amount(meter.total)}"]
    if meter.speed is not None and meter.left is not None:
        parts += [f"{amount(int(meter.speed))} a second", f"about {span(meter.left)} left"]
    return f"{_getting(order)}: {', '.join(parts)}."


def _gave_up(order: PullOrder, meter: Meter, error: ProviderError) -> TaskFailed:
    came = f"{amount(meter.done)} of {amount(meter.total)} came. " if meter.total else ""
    return TaskFailed(
        f"{order.name}: {error}", say=f"**{order.short}** is not here yet: {error.say} {came}{_KEPT}"
    )
