"""What this process knows of its own messages: which key each carries, and which may be an unanswered post's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bot.adapters.discord.outgoing.keys import keys_of
from bot.adapters.discord.recent import Recent

JSON = Mapping[str, Any]


class Memory:
    """Keys by message and messages by key (docs/adr/0013)."""

    def __init__(self) -> None:
        self._keys: Recent[str, str] = Recent()  # by message
        self._messages: Recent[str, tuple[str, str]] = Recent()  # by key: channel and message
        self._unclaimed: Recent[str, tuple[tuple[str, str], ...]] = Recent(256)  # by key: message and content

    def put(self, channel: str, message: str, key: str) -> None:
        """This message carries this key: its post was answered, or the gateway told of it."""
        self._keys.put(message, key)
        self._messages.put(key, (channel, message))
        self._unclaimed.drop(key)

    def key(self, message: str) -> str:
        """The key of a message; where that is forgotten its id, which tells buttons apart as well."""
        return self._keys.get(message) or message

    def found(self, keys: Collection[str], channel: str) -> dict[str, str]:
        """Which of these keys are known to stand in this channel: key to message."""
        known = {key: self._messages.get(key) for key in keys}
        return {key: at[1] for key, at in known.items() if at is not None and at[0] == channel}

    def read(self, channel: str, messages: Iterable[JSON], keys: Collection[str]) -> dict[str, str]:
        """Look for keys in our own messages of a channel; remember which might be those not found."""
        found: dict[str, str] = {}
        unclaimed = []
        for message in messages:
            carried = [key for key in keys_of(message) if key in keys]
            for key in carried:
                found.setdefault(key, str(message["id"]))
                self.put(channel, found[key], key)
            if not any(keys_of(message)) and self._keys.get(str(message["id"])) is None:
                unclaimed.append((str(message["id"]), str(message.get("content", ""))))
        for key in set(keys) - found.keys():
            self._unclaimed.put(key, tuple(unclaimed))
        return found

    def claimed(self, key: str, content: str) -> str | None:
        """The message that a post with this key must be, which nobody claims and which says just that."""
        for message, said in self._unclaimed.get(key) or ():
            if same(said, content) and self._keys.get(message) is None:
                return message
        return None


def same(one: str, other: str) -> bool:
    """Whether two contents are one; Discord takes white space away at both ends."""
    return one.split() == other.split()
