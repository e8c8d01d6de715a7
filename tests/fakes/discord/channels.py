"""Where things are said: channels, threads, direct messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord.guilds import Guild, User
from tests.fakes.discord.refusals import JSON

if TYPE_CHECKING:
    from tests.fakes.discord.messages import Message

TEXT, DM, VOICE, GROUP, CATEGORY, NEWS = range(6)
NEWS_THREAD, THREAD, PRIVATE_THREAD = 10, 11, 12
FORUM = 15
SPEAKING = (TEXT, DM, VOICE, GROUP, NEWS, NEWS_THREAD, THREAD, PRIVATE_THREAD)
DURATIONS = (60, 1440, 4320, 10080)


@dataclass(eq=False)
class Channel:
    """``overwrites`` are (allow, deny) by role or user. A thread has its ``parent``, ``owner`` and ``members``."""

    id: str
    kind: int
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    position: int = 0
    topic: str = ""
    overwrites: dict[str, tuple[int, int]] = field(default_factory=dict)
    recipients: dict[str, User] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    owner: str = ""
    members: dict[str, str] = field(default_factory=dict)  # user id: since when
    archived: bool = False
    locked: bool = False
    archived_at: str = ""
    created_at: str = ""
    duration: int = 1440  # minutes without a word, after which it is archived by itself
    active_at: float = 0.0
    deleted: bool = False

    @property
    def is_thread(self) -> bool:
        return self.kind in (NEWS_THREAD, THREAD, PRIVATE_THREAD)

    @property
    def is_private_thread(self) -> bool:
        return self.kind == PRIVATE_THREAD

    @property
    def is_dm(self) -> bool:
        return self.kind in (DM, GROUP)

    @property
    def last_message(self) -> str | None:
        return next(reversed(self.messages), None)

    @property
    def json(self) -> JSON:
        body: JSON = {"id": self.id, "type": self.kind, "last_message_id": self.last_message, "flags": 0}
        if self.guild is None:
            return {**body, "recipients": [user.json for user in self.recipients.values() if not user.bot]}
        body |= {"guild_id": self.guild.id, "name": self.name, "rate_limit_per_user": 0}
        body["parent_id"] = self.parent.id if self.parent else None
        if self.is_thread:
            return body | self._of_thread
        overwrites = [
            {"id": whose, "type": int(whose not in self.guild.roles), "allow": str(allow), "deny": str(deny)}
            for whose, (allow, deny) in self.overwrites.items()
        ]
        return {
            **body,
            "position": self.position,
            "permission_overwrites": overwrites,
            "topic": self.topic or None,
            "nsfw": False,
        }

    @property
    def _of_thread(self) -> JSON:
        metadata: JSON = {
            "archived": self.archived,
            "locked": self.locked,
            "auto_archive_duration": self.duration,
            "archive_timestamp": self.archived_at,
            "create_timestamp": self.created_at,
        }
        if self.is_private_thread:
            metadata["invitable"] = True
        said = len([one for one in self.messages.values() if not one.deleted])
        return {
            "owner_id": self.owner,
            "thread_metadata": metadata,
            "member_count": min(50, len(self.members)),
            "message_count": said,
            "total_message_sent": len(self.messages),
        }

    def member_json(self, user: str) -> JSON:
        """That somebody is in this thread."""
        return {"id": self.id, "user_id": user, "join_timestamp": self.members[user], "flags": 1}
