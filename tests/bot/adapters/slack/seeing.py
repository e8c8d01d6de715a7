"""What people see of our messages in the fake Slack, and where tests speak."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.place import Place
from tests.contracts.surfaces import Seen
from tests.fakes.slack.messages import Message, words_of
from tests.fakes.slack.server import FakeSlack


def thread(slack: FakeSlack, text: str = "hello") -> Place:
    """A new thread in the public channel."""
    root = slack.say("ada", "general", text)
    return Place("slack", slack.team.id, slack.general.id, root.ts)


def dm_thread(slack: FakeSlack, text: str = "hello") -> Place:
    """A new thread in the DM with the agent."""
    root = slack.dm("ada", text)
    return Place("slack", slack.team.id, root.channel, root.ts)


def flat_dm(slack: FakeSlack, who: str = "ada") -> Place:
    """The DM itself."""
    return Place("slack", slack.team.id, slack.world.dm(slack.world.user(who), slack.bot.bot).id)


def ours(slack: FakeSlack, place: Place) -> list[Message]:
    """Our messages at a place, in their order."""
    messages = slack.thread(place.channel, place.thread) if place.thread else slack.top(place.channel)
    return [message for message in messages if message.bot_id == slack.bot.bot.bot_id]


def seen(slack: FakeSlack, message: Message) -> Seen:
    """A message of ours, its mark of tone aside."""
    images = [block for block in message.blocks if block["type"] == "image"]
    files = [slack.world.files[block["slack_file"]["id"]] for block in images]
    streamed = message.text if message.stream is not None else ""
    text = (streamed + message.written("markdown")).removeprefix("⚠️ ")
    return Seen(
        message.ts,
        text,
        "".join(_words(message, "footer")),
        tuple(_labels(message)),
        "".join(block["alt_text"] for block in images),
        b"".join(file.data or b"" for file in files),
    )


def all_seen(slack: FakeSlack, place: Place) -> list[Seen]:
    """Everything of ours that people see at a place."""
    return [seen(slack, message) for message in ours(slack, place)]


def calls(slack: FakeSlack, *methods: str) -> list[str]:
    """The methods that were applied, in turn; only those named, if any are."""
    return [method for _, method, _ in slack.api.calls if not methods or method in methods]


def _words(message: Message, block_id: str) -> Sequence[str]:
    blocks = [block for block in message.blocks if block.get("block_id") == block_id]
    return list(words_of(blocks))


def _labels(message: Message) -> list[str]:
    return [element["text"]["text"] for element in message.actions.values() if element["type"] == "button"]
