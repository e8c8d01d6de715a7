"""What a model gets to read: the branch up to the question, fitted to its window, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage
from bot.providers.tokens import IMAGE_TOKENS, estimate
from storage.conversations import Message

PER_MESSAGE = 8  # tokens that the frame of one turn takes
_ANSWER = 4_096  # tokens left for the answer where the model names no maximum of its own
_UNFINISHED = {
    "stopped": "[The person stopped this answer here.]",
    "interrupted": "[This answer was interrupted here.]",
    "failed": "[This answer broke off here.]",
}
GO_ON = (
    "Go on exactly where your last answer breaks off. Do not repeat anything and do not comment on the break."
)


@dataclass(frozen=True, slots=True)
class Context:
    """The turns a request carries. ``omitted`` counts earlier turns left out, ``tokens`` is our estimate."""

    messages: tuple[ChatMessage, ...]
    tokens: int
    omitted: int = 0
    unseen: int = 0  # images the model cannot look at


def room_for_answer(window: int, max_output: int | None) -> int:
    """Tokens to keep free for the answer: what the model may write, but at most a quarter of its window."""
    return min(max_output or _ANSWER, _ANSWER, max(256, window // 4))


def _inline(attachment: Attachment) -> str:
    text = attachment.data.decode("utf-8", errors="replace")
    fence = "```"
    while fence in text:
        fence += "`"
    return f"\n\nFile {attachment.name}:\n{fence}\n{text}\n{fence}"


def _turn(message: Message, attachments: Sequence[Attachment], *, vision: bool) -> ChatMessage | None:
    role = Role(message.role)
    text = message.text
    if role is Role.ASSISTANT:
        if not text:
            return None
        mark = _UNFINISHED.get(message.outcome or "")
        return ChatMessage(role, f"{text}\n\n{mark}" if mark else text)
    images = tuple(a for a in attachments if a.is_image)
    text += "".join(_inline(a) for a in attachments if not a.is_image)
    if images and not vision:
        names = ", ".join(image.name for image in images)
        text += f"\n\n[Attached images that you cannot see: {names}]"
        images = ()
    return ChatMessage(role, text, images)


def weigh(turn: ChatMessage) -> int:
    """Our estimate of one turn, in tokens."""
    return PER_MESSAGE + estimate(turn.text) + IMAGE_TOKENS * sum(a.is_image for a in turn.attachments)


def _join_alike(turns: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Neighbours of one role become one turn: several wires insist that roles alternate."""
    joined: list[ChatMessage] = []
    for turn in turns:
        if joined and joined[-1].role is turn.role:
            last = joined.pop()
            both = f"{last.text}\n\n{turn.text}"
            joined.append(ChatMessage(turn.role, both, last.attachments + turn.attachments))
        else:
            joined.append(turn)
    return joined


def build(
    branch: Sequence[Message],
    attachments: Mapping[int, Sequence[Attachment]],
    *,
    window: int,
    max_output: int | None,
    vision: bool,
    system: str = "",
    go_on: bool = False,
) -> Context:
    """Fit the branch (root first, the question last) into ``window`` tokens, newest turns first.

    The question itself always goes; whether it fits alone is for the provider to say. ``go_on`` asks for the
    continuation of the unfinished answer that ends the branch.
    """
    turns = [t for m in branch if (t := _turn(m, attachments.get(m.id, ()), vision=vision)) is not None]
    unseen = 0 if vision else sum(a.is_image for files in attachments.values() for a in files)
    if go_on:
        turns.append(ChatMessage(Role.USER, GO_ON))
    room = window - room_for_answer(window, max_output) - estimate(system) - PER_MESSAGE
    kept, used = 0, 0
    for turn in reversed(turns):
        weight = weigh(turn)
        if kept and used + weight > room:
            break
        kept, used = kept + 1, used + weight
    chosen = turns[len(turns) - kept :]
    # An answer whose question was left out reads as if it came from nowhere.
    while len(chosen) > 1 and chosen[0].role is Role.ASSISTANT:
        used -= weigh(chosen.pop(0))
    return Context(tuple(_join_alike(chosen)), used + estimate(system), len(turns) - len(chosen), unseen)
