"""Starts the real program so that it dies, as by kill -9, at a write: ``python -m tests.chaos.launch WRITE WHEN N``.

``WRITE`` is one of ``POINTS``, ``WHEN`` is "before" (it was not made) or "after" (it was, and nobody heard of it),
``N`` which call of that write it is.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from bot.__main__ import main
from storage.conversations import Conversations
from storage.inbox import Inbox
from storage.ledger import Ledger
from storage.replies import Replies
from web.chat import WebSurface

_CLASSES: dict[str, type] = {
    "inbox": Inbox,
    "conversations": Conversations,
    "replies": Replies,
    "ledger": Ledger,
    "surface": WebSurface,
}

# Every call of one short answer that leaves the process, in the order they come.
POINTS = (
    "inbox.receive",
    "conversations.claim",
    "replies.take",
    "ledger.reserve",
    "replies.begin",
    "replies.intend_page",
    "surface.post",
    "replies.page_sent",
    "replies.journal",
    "surface.edit",
    "replies.end",
    "replies.page_sealed",
    "replies.seal",
    "conversations.release",
)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, when: str, number: int) -> None:
    """Let the process die at a call of a write."""
    family, _, method = point.partition(".")
    owner = _CLASSES[family]
    original = getattr(owner, method)
    left = number

    async def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            _die()
        result = await original(*args, **kwargs)
        if left == 0:
            _die()
        return result

    setattr(owner, method, deadly)


if __name__ == "__main__":
    arm(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    main(["run"])
