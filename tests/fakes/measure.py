"""Model streams, and what people see of them: first, lag, last, complete (shared/measures.md, section A)."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.reply import Journal, Reply
from bot.core.place import Place
from bot.core.surface import Surface
from tests.fakes.platform import Message, Platform

FIRST_TOKEN = 0.3
PER_SECOND = 80.0
FOOTER = "demo/quick · 0.1 ¢"
_SAMPLE = 0.01


@dataclass
class Row:
    """A journal in memory that remembers in what order it was written."""

    text: str = ""
    shown: int = 0
    stop: bool = False
    pages: dict[str, str | None] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def write(self, text: str, shown: int) -> bool:
        if self.error is not None:
            raise self.error
        self.text, self.shown = text, shown
        return self.stop

    async def intend_page(self, number: int, key: str, start: int, text: str, shown: int) -> bool:
        stop = await self.write(text, shown)
        assert number == len(self.pages) + 1
        self.pages[key] = None
        self.starts.append(start)
        return stop

    async def page_sent(self, key: str, message_id: str) -> None:
        assert key in self.pages
        self.pages[key] = message_id

    async def page_sealed(self, key: str) -> None:
        assert self.pages[key] is not None
        self.sealed.append(key)

    def journal(self) -> Journal:
        return Journal(self.write, self.intend_page, self.page_sent, self.page_sealed)


def ink(text: str) -> str:
    """What is left of a text when its form is set aside: no white space, no invisible characters."""
    return "".join(text.replace("\u200b", "").split())


@dataclass
class Stream:
    """One answer: what the provider sent when, and where it was shown."""

    place: Place
    tokens: Sequence[str]
    row: Row = field(default_factory=Row)
    sent: list[tuple[float, int]] = field(default_factory=list)  # moment, ink so far
    keys: list[str] = field(default_factory=list)
    failure: Exception | None = None
    finished: float = 0.0

    @property
    def text(self) -> str:
        return "".join(self.tokens)

    def new_key(self) -> str:
        self.keys.append(f"k{abs(hash((self.place, id(self)))) % 10**12}n{len(self.keys)}")
        return self.keys[-1]

    async def play(self, delivery: Delivery, surface: Surface, per_second: float = PER_SECOND) -> None:
        """Let a provider send the tokens, and finish."""
        loop = asyncio.get_running_loop()
        reply = Reply(self.row.journal(), delivery, surface, self.place, new_key=self.new_key)
        begin, total = loop.time() + FIRST_TOKEN, 0
        for number, token in enumerate(self.tokens):
            await asyncio.sleep(begin + number / per_second - loop.time())
            total += len(ink(token))
            self.sent.append((loop.time(), total))
            reply.feed(token)
        try:
            await reply.finish(footer=FOOTER)
        except Exception as error:  # noqa: BLE001 - whatever finish raises is the result
            self.failure = error
        self.finished = loop.time()

    def pages(self, platform: Platform) -> list[Message]:
        return [message for message in platform.messages.values() if message.key in self.keys]


@dataclass(frozen=True)
class Seen:
    """What people saw of one stream, in seconds."""

    first: float
    lag: float
    lag_p95: float
    last: float
    complete: bool
    length: float
    pages: int


def seen(stream: Stream, platform: Platform) -> Seen:
    """Measure one stream from the histories of its messages alone."""
    return seen_in(stream, stream.pages(platform))


def seen_in(stream: Stream, messages: Sequence[Message]) -> Seen:
    """Measure one stream from the histories of these messages, which are its pages in their order."""
    source = ink(stream.text)
    visible = _visible(messages, source)
    begin, end = stream.sent[0][0], stream.sent[-1][0]
    lags = [_age(stream, visible, begin + k * _SAMPLE) for k in range(int((end - begin) / _SAMPLE) + 1)]
    complete = [moment for moment, length in visible if length == len(source)]
    shown = "".join(ink(message.view.text) for message in messages)
    exact = shown == source and not any(message.view.growing for message in messages)
    return Seen(
        first=min((moment for moment, length in visible if length), default=float("inf")) - begin,
        lag=mean(lags),
        lag_p95=quantile(lags, 0.95),
        last=min(complete, default=float("inf")) - end,
        complete=exact,
        length=end - begin,
        pages=len(messages),
    )


def _visible(messages: Sequence[Message], source: str) -> list[tuple[float, int]]:
    """How much of the source was visible from when on."""
    changes = sorted(
        (moment, number, ink(view.text))
        for number, message in enumerate(messages)
        for moment, view in message.history
    )
    texts = [""] * len(messages)
    visible = []
    for moment, number, text in changes:
        texts[number] = text
        shown = "".join(texts)
        whole = shown if source.startswith(shown) else _common(shown, source)
        visible.append((moment, len(whole)))
    return visible


def _common(left: str, right: str) -> str:
    for at, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return left[:at]
    return left[: len(right)]


def _age(stream: Stream, visible: Sequence[tuple[float, int]], now: float) -> float:
    """How old the visible text is: since the moment at which the provider had sent just that."""
    at = bisect_right(visible, now, key=lambda change: change[0])
    length = visible[at - 1][1] if at else 0
    token = bisect_right(stream.sent, length, key=lambda sent: sent[1])
    return now - stream.sent[max(0, token - 1)][0]


def quantile(values: Iterable[float], part: float) -> float:
    """The value below which that part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@dataclass(frozen=True)
class Summary:
    """One row of the tables in shared/measures.md."""

    count: int
    first: float
    first_p95: float
    lag: float
    lag_p95: float
    last: float
    last_p95: float
    refused: float
    complete: int
    bound: float


def summary(streams: Sequence[Stream], platform: Platform, every: float) -> Summary:
    """Over several streams; `every` is the spacing that the limits allow one of them, for the bound."""
    all_seen = [seen(stream, platform) for stream in streams]
    return Summary(
        count=len(streams),
        first=median(one.first for one in all_seen),
        first_p95=quantile((one.first for one in all_seen), 0.95),
        lag=mean(one.lag for one in all_seen),
        lag_p95=mean(one.lag_p95 for one in all_seen),
        last=median(one.last for one in all_seen),
        last_p95=quantile((one.last for one in all_seen), 0.95),
        refused=platform.refused / len(streams),
        complete=sum(one.complete for one in all_seen),
        bound=every / 2 + platform.limits.round_trip / 2,
    )


def words(count: int, seed: int = 0) -> list[str]:
    """So many tokens of plain prose, about three and a half characters each, no word twice."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    random.Random(seed).shuffle(order := list(letters))
    return [
        ("" if n == 0 else " ") + order[n // 26 % 26] + order[n % 26] + "." * (n // 676) + "m" * (n % 2)
        for n in range(count)
    ]


def lengths(count: int, seed: int = 1) -> list[int]:
    """Varied lengths of answers, in tokens."""
    chance = random.Random(seed)
    return [chance.randint(313, 497) for _ in range(count)]
