"""What a model gets to read: the branch up to the question, fitted to its window, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

from bot.conversation.inlining import Inlined, Unread, share
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage
from bot.providers.tokens import IMAGE_TOKENS, estimate
from storage.conversations import Message
from storage.summaries import Summary

PER_MESSAGE = 8  # tokens that the frame of one turn takes
_ANSWER = 4_096  # tokens left for the answer where the model names no maximum of its own
_NAME = 80  # characters of a name that a model reads
_UNFINISHED = {
    "stopped": "[The person stopped this answer here.]",
    "interrupted": "[This answer was interrupted here.]",
    "failed": "[This answer broke off here.]",
}
GO_ON = (
    "Go on exactly where your last answer breaks off. Do not repeat anything and do not comment on the break."
)
SUMMED_UP = (
    "[A summary of the {covers} oldest messages of this conversation, which are not here themselves. "
    "It was written by a model, and nobody said it:\n\n{text}\n\nEnd of the summary.]"
)
_NO_ROOM = "It no longer fits into what the model can read at once."


@dataclass(frozen=True, slots=True)
class Read:
    """What the model gets of a file of the question: ``tokens`` of all its ``whole``; None where it is an image.

    ``extent`` says how much of a document was read ("12 pages"), ``until`` where the model's part ends ("page 3").
    """

    name: str
    tokens: int = 0
    whole: int | None = None
    extent: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The turns a request carries. ``omitted`` counts earlier turns left out, ``tokens`` is our estimate.

    ``read`` and ``unread`` are the files of what is being answered. ``summarised`` counts messages that a summary
    stands for.
    """

    messages: tuple[ChatMessage, ...]
    tokens: int
    omitted: int = 0
    unseen: int = 0  # images the model cannot look at
    read: tuple[Read, ...] = ()
    unread: tuple[Unread, ...] = ()
    summarised: int = 0


@dataclass(frozen=True)
class _Turn:
    """A turn with its files still apart. ``asked``: the answer is to this. ``source`` is the message's id."""

    role: Role
    text: str
    files: Sequence[Inlined] = ()
    images: tuple[Attachment, ...] = ()
    unread: Sequence[Unread] = ()
    asked: bool = False
    source: int = 0

    @cached_property
    def bare(self) -> int:
        """Our estimate in tokens without the text files."""
        return PER_MESSAGE + estimate(self.text) + IMAGE_TOKENS * len(self.images)

    def weight(self) -> int:
        return self.bare + sum(file.weight for file in self.files)

    def message(self) -> ChatMessage:
        return ChatMessage(self.role, self.text + "".join(file.text for file in self.files), self.images)


def room_for_answer(window: int, max_output: int | None) -> int:
    """Tokens to keep free for the answer: what the model may write, but at most a quarter of its window."""
    return min(max_output or _ANSWER, _ANSWER, max(256, window // 4))


def asked(branch: Sequence[Message]) -> list[Message]:
    """What a branch asks at its end and nobody has answered yet; what was taken back or only overheard is not asked."""
    last = list(takewhile(lambda message: message.role == Role.USER, reversed(branch)))
    return [message for message in reversed(last) if not (message.withdrawn_at or _overheard(message))]


def _overheard(message: Message) -> bool:
    return message.person_id is None and message.external_id is None


def _name(message: Message) -> str:
    """A name that can do no harm in a text: one line, and not endless."""
    printable = "".join(letter if letter.isprintable() else " " for letter in message.author_name)
    return " ".join(printable.split())[:_NAME].strip()


def _several_speak(branch: Sequence[Message]) -> bool:
    """Whether more than one person speaks; who was overheard is known by name only."""
    spoken = [message for message in branch if message.role == Role.USER and not message.withdrawn_at]
    people = {message.person_id: _name(message) for message in spoken if message.person_id is not None}
    others = {_name(message) for message in spoken if message.person_id is None} - set(people.values())
    return len(people) + len(others) > 1


def _answer(message: Message) -> _Turn | None:
    if not message.text:
        return None
    mark = _UNFINISHED.get(message.outcome or "")
    return _Turn(Role.ASSISTANT, f"{message.text}\n\n{mark}" if mark else message.text)


def _question(
    message: Message, files: Sequence[Attachment], unread: Sequence[Unread], *, vision: bool, named: bool
) -> _Turn:
    images = tuple(file for file in files if file.is_image)
    text = message.text
    if named and (name := _name(message)):
        text = f"{name}: {text}"
    if images and not vision:
        names = ", ".join(image.name for image in images)
        text += f"\n\n[Attached images that you cannot see: {names}]"
    text += "".join(f"\n\n[File {one.name}, which could not be read: {one.why}]" for one in unread)
    inlined = [Inlined.of(file) for file in files if not file.is_image]
    return _Turn(Role(message.role), text, inlined, images if vision else (), unread)


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


def _turns(
    branch: Sequence[Message],
    attachments: Mapping[int, Sequence[Attachment]],
    unread: Mapping[int, Sequence[Unread]],
    *,
    vision: bool,
) -> list[_Turn]:
    named = _several_speak(branch)
    now = {message.id for message in asked(branch)}
    turns = list[_Turn]()
    for message in branch:
        if message.role == Role.ASSISTANT:
            turn = _answer(message)
        elif message.withdrawn_at:
            turn = None
        else:
            files, missing = attachments.get(message.id, ()), unread.get(message.id, ())
            turn = _question(message, files, missing, vision=vision, named=named)
            if message.id in now:
                turn = replace(turn, asked=True)
        if turn is not None:
            turns.append(replace(turn, source=message.id))
    return turns


def _newest(turns: Sequence[_Turn], room: int) -> int:
    """How many turns fit, counted from the newest, which always goes."""
    kept, used = 0, 0
    for turn in reversed(turns):
        weight = turn.weight()
        if kept and used + weight > room:
            break
        kept, used = kept + 1, used + weight
    return kept


def _receipts(
    turns: Sequence[_Turn], left_out: Sequence[_Turn]
) -> tuple[tuple[Read, ...], tuple[Unread, ...]]:
    """What became of the files of what is being answered."""
    now, not_now = [t for t in turns if t.asked], [t for t in left_out if t.asked]
    files = [file for turn in now for file in turn.files if file.tokens or not file.whole]
    read = [Read(file.name, file.tokens, file.whole, file.extent, file.until) for file in files]
    read += [Read(image.name) for t in now for image in t.images]
    unread = [one for t in (*not_now, *now) for one in t.unread]
    unread += [Unread(f.name, _NO_ROOM) for t in now for f in t.files if f.whole and not f.tokens]
    unread += [Unread(f.name, _NO_ROOM) for t in not_now for f in t.files]
    unread += [Unread(image.name, _NO_ROOM) for t in not_now for image in t.images]
    return tuple(read), tuple(unread)


def _after(branch: Sequence[Message], summary: Summary | None) -> Sequence[Message]:
    """What of a branch no summary stands for."""
    if summary is None:
        return branch
    ids = [message.id for message in branch]
    return branch[ids.index(summary.message_id) + 1 :]


def _summed_up(summary: Summary | None) -> list[_Turn]:
    """The summary as a turn of its own, which nobody can take for something that was said."""
    if summary is None:
        return []
    return [_Turn(Role.USER, SUMMED_UP.format(covers=summary.covers, text=summary.text))]


def _room(window: int, max_output: int | None, system: str) -> int:
    return window - room_for_answer(window, max_output) - estimate(system) - PER_MESSAGE


def oldest(
    branch: Sequence[Message],
    attachments: Mapping[int, Sequence[Attachment]],
    *,
    window: int,
    max_output: int | None,
    system: str = "",
    summary: Summary | None = None,
) -> Sequence[Message]:
    """The part of a branch that had better be summed up: what comes before the newest turns that fill half the room.

    What an earlier ``summary`` stands for is not in it, nor what is asked and not answered yet.
    """
    rest = _after(branch, summary)
    turns = _turns(rest, attachments, {}, vision=False)
    first = len(turns) - _newest(turns, _room(window, max_output, system) // 2)
    while first < len(turns) and turns[first].role is Role.ASSISTANT:
        first += 1
    unanswered = next((n for n, turn in enumerate(turns) if turn.asked), len(turns))
    first = min(first, unanswered)
    if not first:
        return ()
    if first == len(turns):
        return rest
    ids = [message.id for message in rest]
    return rest[: ids.index(turns[first].source)]


def build(
    branch: Sequence[Message],
    attachments: Mapping[int, Sequence[Attachment]],
    *,
    window: int,
    max_output: int | None,
    vision: bool,
    system: str = "",
    go_on: bool = False,
    unread: Mapping[int, Sequence[Unread]] | None = None,
    summary: Summary | None = None,
) -> Context:
    """Fit the branch (root first, the question last) into ``window`` tokens, newest turns first.

    The question itself always goes; whether its words fit alone is for the provider to say, but its text files are
    cut to what room is left. ``go_on`` asks for the continuation of the unfinished answer that ends the branch.
    ``unread`` are files that are not here, by message. ``summary`` goes in the place of what it stands for.
    """
    rest, before = _after(branch, summary), _summed_up(summary)
    turns = _turns(rest, attachments, unread or {}, vision=vision)
    files = [one for message in rest for one in attachments.get(message.id, ())]
    unseen = 0 if vision else sum(one.is_image for one in files)
    if go_on:
        turns.append(_Turn(Role.USER, GO_ON))
    room = _room(window, max_output, system) - sum(turn.bare for turn in before)
    now = [turn for turn in turns if turn.asked]
    share([file for turn in now for file in turn.files], room - sum(turn.bare for turn in now))
    first = len(turns) - _newest(turns, room)
    # An answer whose question was left out reads as if it came from nowhere.
    while (first or not before) and first < len(turns) - 1 and turns[first].role is Role.ASSISTANT:
        first += 1
    chosen = [*before, *turns[first:]]
    used = sum(turn.weight() for turn in chosen)
    messages = tuple(_join_alike([turn.message() for turn in chosen]))
    receipts = _receipts(turns[first:], turns[:first])
    covers = 0 if summary is None else summary.covers
    return Context(messages, used + estimate(system), first, unseen, *receipts, summarised=covers)
