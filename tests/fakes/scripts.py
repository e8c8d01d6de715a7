"""What the fake provider is told to do with one request, and what it says when it was told nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Literal

Fail = Literal[
    # refusals
    "rate",
    "quota",
    "overloaded",
    "server",
    "auth",
    "model",
    "context",
    "content",
    "request",
    "redirect",
    # within the stream, once ``after`` tokens were sent
    "error",
    "cut",
    "hang",
    "garbage",
    "no end",
    # after the whole text
    "no done",
    # 200, but no stream
    "html",
    "json",
    "json error",
]

WORDS = [
    "amber",
    "basalt",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "garnet",
    "harbor",
    "iris",
    "juniper",
    "kelp",
    "lichen",
    "marble",
    "nectar",
    "onyx",
    "pebble",
    "quartz",
    "raven",
    "slate",
    "tundra",
    "umber",
    "violet",
    "willow",
    "xenon",
    "yarrow",
    "zephyr",
]

_TOKEN = re.compile(r"\s*\S{1,24}|\s+$")


@dataclass(frozen=True, slots=True)
class Script:
    """What happens to one request.

    ``delay`` is seconds before the first token, with a comment every ``keep_alive`` seconds;
    ``speed`` is tokens a second, 0 for as fast as it goes; ``piece`` is tokens to a chunk. ``text`` None is
    ``answer_for`` the last user message. ``after`` is how many tokens come before a failure in the stream.
    Where so many tokens were sent as ``holds`` says, it waits for ``go_on`` of the server.
    ``raw`` are bytes to send as they are, in pieces of any size; they bill nothing. With ``stay`` the body
    never ends.
    """

    text: str | None = None
    reasoning: str = ""
    delay: float = 0.0
    speed: float = 0.0
    piece: int = 1
    keep_alive: float = 0.0
    fail: Fail | None = None
    after: int = 0
    holds: tuple[int, ...] = ()
    retry_after: float | None = None
    usage: bool = True
    raw: bytes | None = None
    stay: bool = False
    content_type: str = "text/event-stream"
    headers: tuple[tuple[str, str], ...] = ()
    model: str | None = None


def answer_for(text: str) -> str:
    """The answer to a message where no script says otherwise: 40 to 120 words, the same every time."""
    digest = sha256(text.encode()).hexdigest()
    random = Random(digest)
    said = " ".join(random.choices(WORDS, k=random.randint(40, 120)))
    return f"Answer {digest[:8]}: {said}."


def tokens(text: str) -> list[str]:
    """The text in tokens as this server counts them: words, long ones in parts. Joined they are the text."""
    return _TOKEN.findall(text)
