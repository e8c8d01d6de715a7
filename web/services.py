"""What the site needs of the rest of the house; ``bot.app`` fills it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.commands.command import Desk
from bot.core.message import Incoming
from bot.core.place import Place
from bot.core.view import View
from storage.inbox import Received
from storage.posts import NewPost
from storage.store import Store
from web.chat import WebSurface


@dataclass(frozen=True, slots=True)
class Services:
    """Values and callables for the site.

    ``receive`` writes a message to the inbox, and the post that shows it, in one transaction. ``send``
    shows a view at a place under a key of ours and gives the message's id. ``health`` has one status per
    part, "ok" where it works. ``metrics`` is Prometheus text. ``public_url`` has no slash at its end.
    """

    store: Store
    receive: Callable[[Incoming, NewPost | None], Awaitable[Received]]
    commands: Desk
    send: Callable[[Place, View, str], Awaitable[str]]
    surface: WebSurface
    health: Callable[[], Awaitable[dict[str, str]]]
    metrics: Callable[[], bytes]
    public_url: str

    @property
    def https(self) -> bool:
        """Whether people reach the site over HTTPS only."""
        return self.public_url.startswith("https://")
