"""What the bot asks of Discord, and why: permissions in servers, and intents of its gateway."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

ADMINISTRATOR = 1 << 3
MESSAGE_CONTENT = (1 << 18) | (1 << 19)
"""Of an application's flags: the switch is on; one for applications in many servers, one for those in few."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission as Discord's pages call it. ``without`` says what does not work where it is missing.

    Without a ``vital`` one nothing works that people would call an answer.
    """

    name: str
    bit: int
    why: str
    without: str
    vital: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that the gateway tells. ``switch``: it has to be switched on at the application's page Bot."""

    name: str
    why: str
    switch: bool = False


PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "View Channels", 1 << 10, "hear what is said in a channel", "mentions are not heard", vital=True
    ),
    Permission(
        "Send Messages",
        1 << 11,
        "answer in a channel itself, by a reply",
        "nothing is answered in channels, only in threads",
        vital=True,
    ),
    Permission(
        "Create Public Threads",
        1 << 35,
        "open a thread at a mention",
        "mentions are answered by replies in the channel",
    ),
    Permission("Send Messages in Threads", 1 << 38, "answer in threads", "threads go unanswered", vital=True),
    Permission(
        "Read Message History",
        1 << 16,
        "read what a thread said before, and what came while it was not connected",
        "what is said while it is not connected goes unanswered",
    ),
    Permission(
        "Attach Files", 1 << 15, "show charts of what was spent", "charts are left out, their words stay"
    ),
    Permission(
        "Add Reactions",
        1 << 6,
        "mark a question that has to wait with 👀",
        "nothing shows that a question waits",
    ),
)

INTENTS: tuple[Intent, ...] = (
    Intent("Guilds", "which servers, channels and threads there are"),
    Intent("Guild Messages", "messages in servers"),
    Intent("Direct Messages", "messages to the bot alone"),
    Intent("Guild Message Reactions", "signs beneath its answers in servers: 🛑 stop, 🔁 again, 👍 and 👎"),
    Intent("Direct Message Reactions", "the same in messages to the bot alone"),
    Intent(
        "Message Content", "what messages say that do not mention the bot: follow-ups in threads", switch=True
    ),
)


def bits(wanted: Collection[Permission] = PERMISSIONS) -> int:
    """The number that links and answers of Discord's have for these permissions."""
    return sum(permission.bit for permission in wanted)


def missing(granted: int) -> tuple[Permission, ...]:
    """What is needed and was not granted; an administrator has all."""
    if granted & ADMINISTRATOR:
        return ()
    return tuple(permission for permission in PERMISSIONS if not granted & permission.bit)
