"""One answer played through the real delivery, reply and a platform's surface, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.reply import Reply
from bot.core.place import Place
from bot.core.surface import Surface
from bot.core.view import Button
from tests.fakes import loopback
from tests.fakes.measure import Row, ink, words

FOOTER, WAYS = "demo/quick · in all", (Button("Retry", "retry #1"),)


class Seen(Protocol):
    """A message of ours as people see it."""

    @property
    def text(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def buttons(self) -> Sequence[str]: ...


class Played(ABC):
    """A stage with an answer on it; what people see of it is the platform's to tell."""

    def __init__(self, surface: Surface, delivery: Delivery, place: Place) -> None:
        self.surface, self.delivery, self.place = surface, delivery, place
        self.text = ""
        self.keys = itertools.count()

    @abstractmethod
    def seen(self) -> Sequence[Seen]:
        """Everything of ours that people see there."""

    async def answer(
        self,
        tokens: int = 120,
        per_second: float = 40.0,
        *,
        until: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        """Let a model say so many tokens, and finish; ``until`` sees the number of each before it is said."""
        reply = Reply(
            Row().journal(), self.delivery, self.surface, self.place, new_key=lambda: f"k{next(self.keys)}"
        )
        said = words(tokens)
        self.text = "".join(said)
        for number, token in enumerate(said):
            if until is not None:
                await until(number)
            reply.feed(token)
            await asyncio.sleep(1 / per_second)
        await reply.finish(footer=FOOTER, buttons=WAYS)
        await asyncio.sleep(150)  # what is left behind gets tidied

    def check(self, *, pages: int | None = None) -> None:
        """The whole text stands there once, with its end beneath it, and nothing is left growing."""
        shown = self.seen()
        assert ink("".join(one.text for one in shown)) == ink(self.text)
        assert pages in (None, len(shown))
        assert (shown[-1].footer, shown[-1].buttons) == (FOOTER, ("Retry",))
        assert all((one.footer, one.buttons) == ("", ()) for one in shown[:-1])


def run(scene: Awaitable[None]) -> None:
    """Play a scene in virtual time."""

    async def main() -> None:
        await scene

    loopback.run(main())
