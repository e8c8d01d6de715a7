"""What the site needs of the rest of the house; ``bot.house`` fills it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.commands.command import Desk
from bot.conversation.tasks import TaskDesk
from bot.core.check import Check
from bot.core.message import Incoming
from bot.core.place import Place
from bot.core.view import View
from bot.net.http import Http
from bot.providers.health import HealthBoard
from bot.providers.ollama.managed import Managed
from bot.providers.registry import Registry
from bot.workbench.hooking import Tried
from storage.inbox import Received
from storage.posts import NewPost
from storage.store import Store
from storage.webhooks import Webhook
from web.chat import WebSurface
from web.inlets import Inlet
from web.sign_in_settings import SignInSettings


@dataclass(frozen=True, slots=True)
class ModelDesk:
    """What the pages on providers and models work with.

    ``sync`` takes over what was stored of keys, providers, models and prices, so that it holds in this process at
    once; others find it within seconds. ``tasks`` takes orders of ``ollama``.
    """

    registry: Registry
    board: HealthBoard
    sync: Callable[[], Awaitable[None]]
    tasks: TaskDesk
    ollama: Managed


@dataclass(frozen=True, slots=True)
class PlatformDesk:
    """A chat platform, as the site sets it up.

    ``connected`` is "ok" where its connections work, what is wrong otherwise, None where there are no tokens.
    ``check`` tries tokens, by "bot", "app" and "signing", before they are kept; ``add`` keeps them under a name, for a
    person, and connects at once; ``changed`` says that kept ones were changed. ``paste`` is what the platform is
    given to make an app of, "" where that is nothing: one that it posts to, where that is asked for, else one that
    connects from here. ``invites`` are names and links by which bots come into servers, asked of the platform.
    """

    connected: Callable[[], str | None]
    check: Callable[[Mapping[str, str]], Awaitable[Sequence[Check]]]
    add: Callable[[str, Mapping[str, str], int], Awaitable[None]]
    changed: Callable[[], None]
    paste: Callable[[bool], str]
    invites: Callable[[], Awaitable[Sequence[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """What the pages on alerts and webhooks work with.

    ``direct`` says whether at a place one person is alone with us. ``test`` tells a webhook something now and says
    what came of it; ``sweep`` lets what is to be sent be looked at now.
    """

    direct: Callable[[Place], bool]
    test: Callable[[Webhook], Awaitable[Tried]]
    sweep: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Services:
    """Values and callables for the site.

    ``receive`` writes a message to the inbox, and the post that shows it, in one transaction. ``send``
    shows a view at a place under a key of ours and gives the message's id. ``health`` has one status per
    part, "ok" where it works. ``metrics`` is Prometheus text. ``public_url`` has no slash at its end.
    ``forget`` deletes what was said in a conversation, for a person; false where an answer would not end in time.
    ``wake`` lets what was put into the inbox be looked at now.
    ``inlets`` are the paths that platforms post to, with who takes it; ``sign_in`` the platforms to sign in with.
    ``platforms`` are the desks of "slack" and "discord"; ``looks`` what a doctor looks at, each by its name.
    """

    store: Store
    receive: Callable[[Incoming, NewPost | None], Awaitable[Received]]
    commands: Desk
    send: Callable[[Place, View, str], Awaitable[str]]
    surface: WebSurface
    health: Callable[[], Awaitable[dict[str, str]]]
    metrics: Callable[[], bytes]
    public_url: str
    http: Http
    forget: Callable[[int, int], Awaitable[bool]]
    wake: Callable[[], None]
    models: ModelDesk
    alerts: AlertDesk
    platforms: Mapping[str, PlatformDesk] = field(default_factory=dict)
    looks: Mapping[str, Callable[[], Awaitable[Sequence[Check]]]] = field(default_factory=dict)
    inlets: Mapping[str, Inlet] = field(default_factory=dict)
    sign_in: SignInSettings = field(default_factory=SignInSettings)

    @property
    def https(self) -> bool:
        """Whether people reach the site over HTTPS only."""
        return self.public_url.startswith("https://")
