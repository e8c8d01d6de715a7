"""What the demo says: deterministic, different for what is asked, in every form an answer may take."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from os.path import commonprefix
from zlib import crc32

from bot.core.message import Role
from bot.core.provider import ChatMessage, ChatRequest, Citation
from bot.providers.wires.demo import texts
from bot.providers.wires.demo.failures import Failure, ordered

_GO_ON = re.compile(r"(?:please\s+)?(?:continue|go on|carry on)\b.{0,200}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the demo sees it: the person's turns, oldest first; ``so_far`` is to be continued."""

    model: str
    said: tuple[ChatMessage, ...]
    so_far: str = ""

    @property
    def text(self) -> str:
        """What was said last."""
        return self.said[-1].text.strip() if self.said else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be streamed. ``delay`` is seconds of silence before the first token."""

    text: str
    reasoning: str = ""
    citations: tuple[Citation, ...] = ()
    delay: float = 0.0
    failure: Failure | None = None


def answer(request: ChatRequest) -> Answer:
    """The demo's answer to a request: the same one whenever the same is asked."""
    asked = _asked(request)
    failure = None if asked.so_far else ordered(asked.text, asked.model)
    made = _failing(asked) if ordered(asked.text, asked.model) else _choose(asked)
    # What is to be continued may end in a remark that it broke off, so only what agrees is left out.
    kept = commonprefix([made.text, asked.so_far])  # noqa: RUF071 - by characters is what is meant
    text = made.text.removeprefix(kept)
    reasoning = made.reasoning
    if asked.model == "thorough" and not reasoning:
        reasoning = texts.reasoning(asked.text, len(asked.said))
    return Answer(text or "There was nothing left to say.", reasoning, made.citations, made.delay, failure)


def _asked(request: ChatRequest) -> Asked:
    turns = [turn for turn in request.messages if turn.role in (Role.USER, Role.ASSISTANT)]
    if len(turns) > 2 and turns[-1].role is Role.USER and _GO_ON.fullmatch(turns[-1].text.strip()):
        turns.pop()
    so_far = turns.pop().text if turns and turns[-1].role is Role.ASSISTANT else ""
    return Asked(request.model, tuple(turn for turn in turns if turn.role is Role.USER), so_far)


def _choose(asked: Asked) -> Answer:
    if asked.said and asked.said[-1].attachments:
        return Answer(texts.attachments(asked.text, asked.said[-1].attachments))
    for pattern, make in _SCRIPTS:
        found = pattern.search(asked.text)
        if found:
            return make(asked, found)
    if asked.model == "story":
        return Answer(texts.story(asked.text, 1_200))
    return _plain(asked)


def _plain(asked: Asked) -> Answer:
    first = asked.said[0].text if len(asked.said) > 1 else ""
    hint = texts.HINTS[crc32(asked.text.encode("utf-8", "replace")) % len(texts.HINTS)]
    text = texts.plain(asked.text, len(asked.said), first, hint)
    return Answer(text + texts.SECOND_LOOK if asked.model == "thorough" else text)


def _failing(asked: Asked) -> Answer:
    failure = ordered(asked.text, asked.model)
    return Answer(texts.breaking(asked.text, failure.after if failure else 0))


def _remembered(asked: Asked, found: re.Match[str]) -> Answer:
    earlier = asked.said[:-1]
    if not earlier:
        return Answer("This is the first thing you have said in this conversation.")
    if found["which"].lower() == "first":
        return Answer(f"The first thing you said was:\n\n{texts.quoted(earlier[0].text)}")
    return Answer(f"Just before this you said:\n\n{texts.quoted(earlier[-1].text)}")


def _recalled(asked: Asked, _: re.Match[str]) -> Answer:
    return Answer(texts.recalled([turn.text for turn in asked.said[:-1]]))


def _slow(asked: Asked, found: re.Match[str]) -> Answer:
    seconds = min(float(found["seconds"] or 5), 120.0)
    return Answer(
        f"That was a slow start: you waited {seconds:g} seconds for the first word.",
        delay=seconds,
    )


def _long(asked: Asked, found: re.Match[str]) -> Answer:
    return Answer(texts.story(asked.text, min(int(found["words"] or 1_200), 20_000)))


def _cited(asked: Asked, _: re.Match[str]) -> Answer:
    return Answer(texts.CITED, citations=texts.SOURCES)


def _reasoned(asked: Asked, _: re.Match[str]) -> Answer:
    return Answer(
        texts.plain(asked.text, len(asked.said), "", texts.HINTS[0]),
        texts.reasoning(asked.text, len(asked.said)),
    )


def _echoed(asked: Asked, found: re.Match[str]) -> Answer:
    return Answer(found["what"].strip())


def _counted(asked: Asked, found: re.Match[str]) -> Answer:
    return Answer(
        "\n".join(f"{number}. {texts.ordinal(number)}" for number in range(1, min(int(found["to"]), 500) + 1))
    )


def _fixed(text: str) -> Callable[[Asked, re.Match[str]], Answer]:
    return lambda asked, found: Answer(text)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_SCRIPTS: tuple[tuple[re.Pattern[str], Callable[[Asked, re.Match[str]], Answer]], ...] = (
    (_pattern(r"^(?:repeat|echo|say)[:\s]+(?P<what>\S.*)"), _echoed),
    (
        _pattern(
            r"\bwhat did i (?:just )?(?:say|ask|write)\b.*?(?P<which>first|last|before|just now|earlier)\b"
        ),
        _remembered,
    ),
    (_pattern(r"\bwhat (?P<which>first|last) did i (?:say|ask|write)\b"), _remembered),
    (_pattern(r"\b(?:remember|summari[sz]e|recap|so far)\b"), _recalled),
    (_pattern(r"\bslow(?:ly)?\b(?:\D*(?P<seconds>\d{1,4}(?:\.\d)?))?"), _slow),
    (_pattern(r"\bcount (?:from 1 )?(?:up )?to (?P<to>\d{1,6})\b"), _counted),
    (_pattern(r"\b(?P<words>\d{2,6}) words\b"), _long),
    (_pattern(r"\b(?:long|story|pages|essay)\b(?P<words>)"), _long),
    (_pattern(r"\bcode\b|\bpython\b|\bfunction\b"), _fixed(texts.CODE)),
    (_pattern(r"\btables?\b"), _fixed(texts.TABLE)),
    (_pattern(r"\blists?\b"), _fixed(texts.LIST)),
    (_pattern(r"\bmarkdown\b|\bformatting\b"), _fixed(texts.MARKDOWN)),
    (_pattern(r"\bcit(?:e|ation|ations)\b|\bsources?\b"), _cited),
    (_pattern(r"\breason(?:ing)?\b|\bthink\b"), _reasoned),
    (
        _pattern(r"^\W*(?:hi|hello|hey|help|good (?:morning|day|evening))\b|^\W*$"),
        _fixed(texts.HELP),
    ),
    (_pattern(r"\bwho are you\b|\bwhat are you\b|\bwhat can (?:you|i)\b"), _fixed(texts.HELP)),
)
