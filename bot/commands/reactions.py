"""Signs beneath our answers, and what they wish: to stop, another answer, what somebody thinks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from bot.commands.orders import wish_key
from bot.conversation.engine import Engine
from bot.core.message import AskedAgain, Author, Incoming
from bot.core.place import Place
from storage.replies import ReplyRow
from storage.store import Store


class Wish(StrEnum):
    """What a sign wishes; the last two are verdicts too."""

    STOP = "stop"
    RETRY = "retry"
    GOOD = "good"
    BAD = "bad"


SIGNS: Mapping[str, Wish] = MappingProxyType(
    {"🛑": Wish.STOP, "⏹": Wish.STOP, "🔁": Wish.RETRY, "👍": Wish.GOOD, "👎": Wish.BAD}
)
# Marks that choose a picture's colour or style, and change nothing of what it says.
_STYLES = dict.fromkeys([0xFE0F, *range(0x1F3FB, 0x1F400)])


def wish_of(sign: str) -> Wish | None:
    """What an emoji's characters wish, None where that is nothing."""
    return SIGNS.get(sign.translate(_STYLES))


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody put a sign beneath a message, or took it back.

    ``within`` is a place that the message is in, the narrowest that is known; ``message`` the platform's id of it,
    ``user`` that of the person. ``key`` is the same for all repeats of the event, "" where the platform gives none.
    """

    within: Place
    message: str
    user: str
    wish: Wish
    added: bool
    key: str = ""
    name: str = ""


class Reactions:
    """Does what signs wish, for whoever can see the answer, as its buttons do."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine

    async def take(self, reacted: Reacted) -> None:
        """Heed a sign; one beneath what is no answer of ours counts for nothing. Raises StorageDown."""
        reply = await self._store.replies.showing(str(reacted.within), reacted.message)
        if reply is None:
            return
        match reacted.wish:
            case Wish.STOP if reacted.added and reply.state == "open":
                await self._engine.stop(reply.conversation_id)
            case Wish.RETRY if reacted.added:
                await self._again(reacted, reply)
            case Wish.GOOD | Wish.BAD if reply.message_id is not None:
                await self._judge(reacted, reply.message_id, reply.model)
            case _:
                pass

    async def _person(self, reacted: Reacted) -> int:
        place = reacted.within
        people = self._store.people
        return (await people.identify(place.platform, str(place.home), reacted.user, reacted.name)).id

    async def _again(self, reacted: Reacted, reply: ReplyRow) -> None:
        place = Place.parse(reply.place)
        key = reacted.key or await wish_key(self._store, place, reacted.message, f"/retry #{reply.id}")
        author = Author(reacted.user, reacted.name, await self._person(reacted))
        await self._engine.receive(Incoming(key, place, author, AskedAgain(reply.id), datetime.now(UTC)))

    async def _judge(self, reacted: Reacted, message_id: int, model: str | None) -> None:
        feedback, person = self._store.feedback, await self._person(reacted)
        if reacted.added:
            await feedback.set(message_id, person, reacted.wish, model)
        else:
            await feedback.clear(message_id, person, reacted.wish)
