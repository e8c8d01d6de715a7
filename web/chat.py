"""The web chat as a chat platform.

Its messages are rows of ``store.posts``, its places ``web:main/<person>/<thread>``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.core.errors import BadInput, PlaceGone, PlatformDown
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Rate, Spend, Verb
from bot.core.view import View
from storage.errors import StorageDown
from storage.posts import NewPost
from storage.store import Store
from web.codec import encode
from web.hub import Hub

PLATFORM = "web"
WORKSPACE = "main"
HOME = f"{PLATFORM}:{WORKSPACE}"  # the site as a workspace

_LIMITS = Limits(page_chars=12_000, page_bytes=36_000, expected_stream=4.0, round_trip=0.005)
# Eye and browser are the limit here: more edits than these cost work and show nothing more.
_RATES = {Verb.POST: Rate(calls=5, seconds=1.0), Verb.EDIT: Rate(calls=8, seconds=1.0)}


def home_of(person_id: int) -> Place:
    """Where a person's threads are."""
    return Place(PLATFORM, WORKSPACE, str(person_id))


# Each is a write and a rendering: two hundred replies at once share what one process does with ease.
_ALL = Spend("web:all", Rate(calls=400, seconds=1.0))


def place_of(person_id: int, thread: str) -> Place:
    """A person's own thread; nobody else's request can name it."""
    return Place(PLATFORM, WORKSPACE, str(person_id), thread)


class WebSurface:
    """A ``bot.core.surface.Surface`` over our own posts. ``hub`` wakes its readers in this process."""

    def __init__(self, store: Store, hub: Hub | None = None) -> None:
        self._posts = store.posts
        self.hub = hub or Hub()

    @property
    def platform(self) -> str:
        return PLATFORM

    @property
    def limits(self) -> Limits:
        return _LIMITS

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return (Spend(f"web:{verb}:{place}", _RATES[verb]), _ALL)

    async def post(self, place: Place, view: View, key: str) -> Posted:
        """Show a new message. Where the key stands already, its message shows ``view`` from now on."""
        shown, picture = encode(view), view.picture
        png, alt = (None, None) if picture is None else (picture.png, picture.alt)
        try:
            post = await self._posts.add(NewPost(str(place), shown, key, None, png, alt))
            if post.view != shown:
                await self._posts.edit(post.id, shown)
        except StorageDown as error:
            raise PlatformDown(str(error)) from error
        self.hub.wake(str(place))
        return Posted(str(post.id))

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        try:
            post = await self._posts.edit(int(message_id), encode(view))
        except StorageDown as error:
            raise PlatformDown(str(error)) from error
        if post is None:
            raise PlaceGone(f"post {message_id} is gone")
        self.hub.wake(str(place))
        return Posted(message_id)

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        try:
            found = await self._posts.find(keys)
        except StorageDown as error:
            raise PlatformDown(str(error)) from error
        return {post.key: str(post.id) for post in found if post.key and post.place == str(place)}

    async def fetch(self, place: Place, file: Promised) -> bytes:
        raise BadInput("web", say=f"“{file.name}” did not arrive with the message; send it again.")

    async def beginning(self, place: Place, key: str) -> Place:
        return replace(place, thread=hashlib.sha256(key.encode()).hexdigest()[:16])

    async def begun(self, beginning: Place, message_id: str) -> Place:
        return beginning

    def link(self, place: Place, message_id: str = "") -> str:
        return f"/try/{place.thread}" if place.thread else ""

    async def status(self, place: Place, text: str) -> None:
        self.hub.say(str(place), text)

    def close(self) -> None:
        """End the event streams, so that the server can stop; for the shutdown."""
        self.hub.close()
