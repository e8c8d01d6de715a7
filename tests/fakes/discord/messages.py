"""A message as the platform holds it: what it says now, and all that it ever showed."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.discord import components
from tests.fakes.discord.attached import Attachment, Signatures
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.embeds import words_of
from tests.fakes.discord.guilds import App, User
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.wording import Pings

NORMAL, THREAD_CREATED, REPLY, COMMAND, THREAD_STARTER, MENU = 0, 18, 19, 20, 21, 23
RENAMED = 4
_PEOPLES = (NORMAL, REPLY, COMMAND, MENU)

SUPPRESS_EMBEDS, HAS_THREAD, EPHEMERAL, LOADING = 1 << 2, 1 << 5, 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, IS_NEW = 1 << 12, 1 << 15


@dataclass(eq=False)
class Message:
    """``history`` has every text people could read, with the moment. ``to`` is set on ephemeral ones."""

    id: str
    channel: Channel
    author: User
    at: float
    stamp: str
    content: str = ""
    kind: int = NORMAL
    embeds: list[JSON] = field(default_factory=list)
    components: list[JSON] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    reference: JSON | None = None
    replied: Message | None = None
    named: tuple[User, ...] = ()  # the users mentioned
    notified: Pings = field(default_factory=Pings)
    edited: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    thread: Channel | None = None
    app: str = ""
    interaction: JSON | None = None
    to: str = ""
    deleted: bool = False
    history: list[tuple[float, str]] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """What people read: content, embeds and texts, in this order. Nothing while it "is thinking"."""
        return "\n".join(words for _, words in self.parts if words)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Of every part its kind (content, embed, text) and its words."""
        embeds = [] if self.flags & SUPPRESS_EMBEDS else self.embeds
        return [
            ("content", self.content),
            *(("embed", "\n".join(words_of(embed))) for embed in embeds),
            *(("text", text) for text in components.texts_of(self.components)),
        ]

    @property
    def thinking(self) -> bool:
        return bool(self.flags & LOADING)

    @property
    def system(self) -> bool:
        return self.kind not in _PEOPLES

    @property
    def pings(self) -> set[str]:
        """Whom it notifies as it stands: ids of users and roles, everyone."""
        return self.notified.all

    @property
    def actions(self) -> dict[str, JSON]:
        """Every component that a person can use, by its custom_id."""
        return components.actions_of(self.components)

    def note(self, now: float) -> None:
        """Remember what it shows from now on."""
        shown = "" if self.deleted else self.shown
        if not self.history or self.history[-1][1] != shown:
            self.history.append((now, shown))

    def json(self, signed: Signatures, app: App, *, reads: bool = True, nested: bool = False) -> JSON:
        """As this app gets it. Without ``reads`` it has no MESSAGE_CONTENT."""
        body: JSON = {
            "id": self.id,
            "channel_id": self.channel.id,
            "type": self.kind,
            "author": self.author.json,
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": [file.json(signed.url(file)) for file in self.attachments],
            "timestamp": self.stamp,
            "edited_timestamp": self.edited,
            "flags": self.flags,
            "tts": False,
            "pinned": False,
            "mentions": [user.json for user in self.named],
            "mention_roles": list(self.notified.roles),
            "mention_everyone": self.notified.everyone,
        }
        if not reads and not self.readable_by(app):
            body |= {"content": "", "embeds": [], "components": [], "attachments": []}
        return body | self._optional(signed, app, reads=reads, nested=nested)

    def readable_by(self, app: App) -> bool:
        """Whether an app without MESSAGE_CONTENT reads it: its own, those that name it, direct ones."""
        own = self.author is app.user or self.app == app.id
        return own or self.channel.is_dm or app.user in self.named

    def _optional(self, signed: Signatures, app: App, *, reads: bool, nested: bool) -> JSON:
        body: JSON = {}
        if self.reactions:
            reactions = self.reactions.items()
            body["reactions"] = [_reaction(emoji, users, app.user.id) for emoji, users in reactions]
        if self.reference:
            body["message_reference"] = self.reference
        if self.reference and not nested:
            stands = self.replied is not None and not self.replied.deleted
            body["referenced_message"] = (
                self.replied.json(signed, app, reads=reads, nested=True) if self.replied and stands else None
            )
        optional: JSON = {
            "application_id": self.app,
            "interaction_metadata": self.interaction,
            "thread": self.thread.json if self.thread and not self.thread.deleted else None,
        }
        return body | {name: value for name, value in optional.items() if value}


def _reaction(emoji: str, users: list[str], me: str) -> JSON:
    count = len(users)
    return {
        "emoji": {"id": None, "name": emoji},
        "count": count,
        "count_details": {"burst": 0, "normal": count},
        "me": me in users,
        "me_burst": False,
        "burst_colors": [],
    }
