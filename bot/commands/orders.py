"""What every platform does with an order that somebody gives: whose it is, that it counts once, what it comes to."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from bot.commands.command import Answer, Asked, Desk
from bot.commands.grammar import PlatformAdmin, nobodys
from bot.core.place import Place
from bot.core.view import Tone, View
from storage.errors import StorageError
from storage.store import Store

NO_CONVERSATION = "There is no conversation with Switchboard here yet; one begins when you mention it."
IMPATIENCE = 3.0  # seconds in which a second click is the first one's
REPEATS = 3600.0  # seconds in which a platform may deliver a message again
NOT_A_COMMAND = Answer(View("This button does not work any more.", tone=Tone.ERROR))
_RETRY = "retry"
_MOST = 5_000  # orders remembered


@dataclass(frozen=True, slots=True)
class Order:
    """Who gives it, by the platform's id, and where; the rest is as in ``Asked``. ``name`` "" is not known."""

    place: Place
    user: str
    key: str
    in_conversation: bool
    shared: bool
    name: str = ""
    platform_admin: PlatformAdmin = field(default=nobodys, compare=False, repr=False)
    private: bool = True
    about: str = ""


async def asked_of(store: Store, order: Order) -> Asked:
    """The order as the desk takes it. Raises StorageDown."""
    place, home = order.place, str(order.place.home)
    person = await store.people.identify(place.platform, home, order.user, order.name)
    return Asked(
        place=place,
        person_id=person.id,
        workspace_id=home,
        platform=place.platform,
        key=order.key,
        author_name=person.name,
        in_conversation=order.in_conversation,
        shared=order.shared,
        platform_admin=order.platform_admin,
        private=order.private,
        about=order.about,
    )


async def carried_out(desk: Desk, store: Store, order: Order, line: str) -> Answer:
    """Do what the line says. Never raises: what goes wrong is an answer too."""
    try:
        asked = await asked_of(store, order)
    except StorageError as error:
        return Answer(View(error.say, tone=Tone.ERROR))
    return await desk.run(asked, line) or NOT_A_COMMAND


async def wish_key(store: Store, place: Place, message: str, line: str) -> str:
    """The key of what a click wishes, for all who click it at a message before something comes of it.

    Another wish for an answer, before there is one, is the same.
    """
    try:
        conversation = await store.conversations.current(str(place))
        reply = None if conversation is None else await store.replies.last(conversation.id)
    except StorageError:
        reply = None  # the order itself will say that the database is away
    return f"click:{place.channel}:{message}:{line}:{0 if reply is None else reply.id}"


def again(commands: Iterable[str]) -> str:
    """The line of a message's own Retry button, or what asks for the last answer again."""
    return next((f"/{one}" for one in commands if one.startswith(f"{_RETRY} ")), f"/{_RETRY}")


def answer_key(key: str) -> str:
    """The key of an answer's message, in the letters that surfaces take."""
    return "c" + hashlib.sha256(key.encode()).hexdigest()[:24]


class Recent:
    """What was ordered a moment ago, so that repeats and impatient second clicks do nothing more."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._at: OrderedDict[Hashable, float] = OrderedDict()

    def is_new(self, order: Hashable, at: float, seconds: float) -> bool:
        """Whether the same was not ordered in the ``seconds`` before ``at``, by the platform's clock."""
        before = self._at.get(order)
        if before is not None and at - before < seconds:
            return False
        self._at[order] = at
        self._at.move_to_end(order)
        if len(self._at) > self._most:
            self._at.popitem(last=False)
        return True
