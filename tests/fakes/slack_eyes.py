"""What people see of our answers in the fake Slack, in the words of the audit."""

from __future__ import annotations

import asyncio
import re

from bot.core.place import Place
from bot.core.view import Button, Tone, View
from tests.fakes.slack.messages import Message
from tests.fakes.slack.server import FakeSlack
from tests.fakes.surface import Line, Shown

_REPLY_KEY = 24  # characters; the keys of all else are of another length
_STOP = "stop"
_WAYS_ON = re.compile(r"(retry|continue)\b")
_WARNING = "⚠️"


class SlackEyes:
    """Reads the fake's own record, never ours. The audit's ``Witness``."""

    over: tuple[str, ...] = ()  # a 429 that nobody ordered is among the mistakes

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack

    @property
    def mistakes(self) -> list[str]:
        """Refusals, lost words and missing acks that no test ordered; pings of a model's making."""
        pings = [f"{message.ts} pings {message.pings}" for message in self.ours() if message.pings]
        return [f"{one.what}: {one.error} {one.detail}" for one in self._slack.unexpected()] + pings

    @property
    def faults(self) -> list[object]:
        """Orders that have not struck and were not withdrawn."""
        return [order for order in self._slack.orders if order.times > 0]

    @property
    def lines(self) -> list[Line]:
        """Every message of ours."""
        return [_line(message) for message in self.ours()]

    def ours(self, place: Place | None = None) -> list[Message]:
        """What our bot has posted and still stands, in the order of the channel."""
        channels = [
            channel
            for team in self._slack.world.teams.values()
            for channel in team.channels.values()
            if place is None or channel.id == place.channel
        ]
        return [
            message
            for channel in channels
            for message in sorted(channel.messages.values(), key=lambda one: one.ts)
            if message.app_id == self._slack.app.id
            and not (message.deleted or message.to)
            and (place is None or _stands_at(message, place))
        ]

    def growing(self, place: Place | None = None) -> list[Line]:
        """What still grows."""
        return [line for message in self.ours(place) if (line := _line(message)).view.growing]

    def answers(self, place: Place) -> list[Shown]:
        """The finished answers at a place: what ends in a message with buttons."""
        found, pages = list[Shown](), list[Line]()
        for message in self.ours(place):
            line = _line(message)
            if not _is_reply(message, line):
                continue
            pages.append(line)
            if line.view.buttons and not line.view.growing:
                found.append(Shown(tuple(pages)))
                pages.clear()
        return found

    def text(self, message: Message) -> str:
        """The words of a message, or else all that it shows."""
        return text_of(message) or message.shown

    def id(self, message: Message) -> str:
        """Its ts."""
        return message.ts

    def command(self, message: Message, label: str) -> str:
        """What a click on the button with this label says."""
        return str(message.actions[action_of(message, label)].get("value", ""))


def key_of(message: Message) -> str:
    """Our own id on a message, "" where there is none."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


def text_of(message: Message) -> str:
    """The words of a message without its footer."""
    streamed = message.text if message.stream is not None else ""
    return streamed + message.written("markdown", "section")


def buttons_of(message: Message) -> tuple[Button, ...]:
    """Its buttons, thumbs included, with what a click on them says."""
    found = list[Button]()
    for element in message.actions.values():
        if element["type"] == "feedback_buttons":
            for part in (element["positive_button"], element["negative_button"]):
                found.append(Button(part["text"]["text"], part["value"]))
        else:
            found.append(Button(element["text"]["text"], element.get("value", "")))
    return tuple(found)


def action_of(message: Message, label: str) -> str:
    """The action_id of the button with this label."""
    for action_id, element in message.actions.items():
        if element.get("text", {}).get("text") == label:
            return action_id
    raise AssertionError(f"no button {label!r} among {[one.label for one in buttons_of(message)]}")


def _line(message: Message) -> Line:
    text, buttons = text_of(message), buttons_of(message)
    growing = message.streaming or any(button.command == _STOP for button in buttons)
    tone = Tone.ERROR if text.startswith(_WARNING) else Tone.REPLY
    view = View(text, message.written("context"), buttons, growing=growing, tone=tone)
    place = Place("slack", message.team, message.channel, message.thread_ts)
    return Line(message.ts, place, key_of(message), [(asyncio.get_running_loop().time(), view)])


def _is_reply(message: Message, line: Line) -> bool:
    """By its key; one that began as a native stream, and was taken up by another process, may have none."""
    if line.key:
        return len(line.key) == _REPLY_KEY
    return message.stream is not None or any(_WAYS_ON.match(one.command) for one in line.view.buttons)


def _stands_at(message: Message, place: Place) -> bool:
    return message.thread_ts == place.thread if place.thread else not message.is_reply
