"""The audit after every test: the provider's own bill and what people saw, against what they asked and our ledger."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.core.place import Place
from storage.ledger import Charge, Entry
from storage.reports import EVER
from storage.store import Store
from tests.fakes.provider import Billed, ProviderServer
from tests.fakes.surface import Line as Posted
from tests.fakes.surface import Shown, ink

_OURS = (
    r"Read .*|.* was not read: .*|\d+ more files were not read\.|\S+ answered instead of .*"
    r"|The question was changed while .*"
)
_RECEIPT = re.compile(rf"^> (?:{_OURS})$", re.MULTILINE)

Line = tuple[str, int, int]  # model, tokens in, tokens out


def _counters() -> defaultdict[str, Counter[str]]:
    return defaultdict(Counter)


@dataclass(slots=True)
class Expected:
    """What a test said and ordered, by place: whatever else happens is a mistake.

    ``endings`` are answers that are not to be complete, ``retries`` questions asked again, ``crashes`` how often a
    process was to die, ``trouble`` whether errors of our own side are wanted, ``unseen`` whether the platform was
    made to hide answers, ``elsewhere`` places where other models answer than the fake provider's, ``unbilled``
    whether the provider sends what it does not bill, ``crowd`` whether several processes serve one place, ``forked``
    questions that are read again elsewhere, together with what is asked there.
    """

    said: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    endings: defaultdict[str, Counter[str]] = field(default_factory=_counters)
    retries: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    trouble: bool = False
    unseen: bool = False
    unbilled: bool = False
    elsewhere: set[str] = field(default_factory=set)
    crowd: bool = False
    forked: set[str] = field(default_factory=set)


class Witness(Protocol):
    """A platform's own record of what people saw, and of what it was asked in vain.

    ``mistakes`` are calls that no correct client makes, ``over`` those refused as too many, ``faults`` the orders of
    the test, each with the ``times`` it is still to strike.
    """

    @property
    def mistakes(self) -> Sequence[str]: ...

    @property
    def over(self) -> Sequence[str]: ...

    @property
    def faults(self) -> Sequence[Any]: ...

    @property
    def lines(self) -> Sequence[Posted]: ...

    def growing(self) -> Sequence[Posted]:
        """What still grows."""
        ...

    def answers(self, place: Place) -> list[Shown]:
        """The finished answers at a place."""
        ...


async def audit(
    store: Store,
    provider: ProviderServer,
    room: Witness,
    expected: Expected,
    conversations: Mapping[int, Place],
) -> list[str]:
    """Everything that is wrong, in sentences."""
    await provider.all_closed()
    entries = await store.ledger.billed()
    problems = _in_the_room(room)
    if not (expected.crashes or expected.crowd):
        # A process that is new does not know what another one has just spent.
        problems += [f"over the limit: {call}" for call in room.over]
    for place in {str(place): place for place in conversations.values()}.values():
        problems += _at_place(place, room.answers(place), provider.billed, expected)
    if not expected.unbilled:
        problems += in_the_ledger(provider.billed, entries)
    problems += await _in_the_budgets(store, entries)
    problems += [f"not what the entries say: {one}" for one in await store.ledger.unequal(*EVER)]
    problems += await _in_conversations(store, entries, conversations)
    return problems


def _in_the_room(room: Witness) -> list[str]:
    """Misuse of the platform, faults that a test ordered in vain, what still grows."""
    problems = [f"the room: {mistake}" for mistake in room.mistakes]
    problems += [f"a fault was ordered and never struck: {fault}" for fault in room.faults if fault.times > 0]
    problems += [f"still growing: {line.id} {line.view.text[:60]!r}" for line in room.growing()]
    keys = Counter(line.key for line in room.lines if line.key)
    return problems + [f"{key} stands {count} times" for key, count in keys.items() if count > 1]


def _at_place(place: Place, answers: list[Shown], billed: Iterable[Billed], expected: Expected) -> list[str]:
    """Each message has one complete answer, or the ending that was ordered."""
    said, ordered = expected.said[str(place)], expected.endings[str(place)]
    endings = Counter(answer.outcome for answer in answers)
    complete = endings.pop("complete", 0)
    problems = []
    if endings != ordered:
        problems.append(f"{place}: endings {dict(endings)}, ordered were {dict(ordered)}")
    here = [text for text in said if text not in expected.forked]
    ours = [bill for bill in billed if any(text in bill.asked for text in here)]
    whole = Counter(ink(bill.streamed_text) for bill in billed if bill.completed)
    seen = Counter(answer_ink(answer) for answer in answers if answer.outcome == "complete")
    if str(place) in expected.elsewhere:
        return problems
    invented = seen - whole
    problems += [f"{place}: shown as complete, and no provider sent just this: {t[:60]!r}" for t in invented]
    unseen = Counter(ink(bill.streamed_text) for bill in ours if bill.completed) - seen
    # Where an answer was to break off, the provider may have been done already.
    if not expected.unseen and unseen.total() > ordered.total():
        problems += [f"{place}: sent by the provider and never shown whole: {text[:60]!r}" for text in unseen]
    if said and not answers and not expected.unseen:
        problems.append(f"{place}: no answer at all")
    lost = _unanswered(here, [bill for bill in ours if bill.completed]) if not ordered else []
    problems += [f"{place}: never answered: {text!r}" for text in lost if not expected.unseen]
    if complete + sum(endings.values()) > len(said) + expected.retries[str(place)]:
        problems.append(f"{place}: {len(answers)} answers to {len(said)} messages")
    return problems + _doubled(place, here, ours, expected)


def answer_ink(answer: Shown) -> str:
    """The ink of an answer, without what we say beneath it: receipts, and why a cheaper model answered."""
    return ink(_RECEIPT.sub("", answer.text))


def _unanswered(said: Iterable[str], completed: list[Billed]) -> list[str]:
    return [text for text in said if not any(text in bill.asked for bill in completed)]


def _doubled(place: Place, said: list[str], ours: list[Billed], expected: Expected) -> list[str]:
    """Messages that were answered completely more than once without anybody asking again."""
    problems = []
    for text in said:
        times = sum(bill.asked.count(text) for bill in ours if bill.completed)
        if times > 1 + expected.retries[str(place)]:
            problems.append(f"{place}: answered {times} times: {text!r}")
    return problems


def in_the_ledger(billed: Iterable[Billed], entries: Iterable[Entry]) -> list[str]:
    """The ledger against the provider's own counter: exact where we say so, and nothing left out."""
    exact = Counter(_line(entry) for entry in entries if not entry.estimated and _used(entry))
    estimated = Counter(entry.model for entry in entries if entry.estimated)
    done = Counter((b.model, b.input_tokens, b.output_tokens) for b in billed if b.completed)
    broken = Counter((b.model, b.input_tokens, b.output_tokens) for b in billed if not b.completed)
    problems = [f"in the ledger and on no bill: {line} ({n})" for line, n in (exact - done).items()]
    left = Counter(line[0] for line in ((done - exact) + broken).elements())
    problems += [f"billed and not in the ledger: {model} ({n})" for model, n in (left - estimated).items()]
    problems += [f"estimated though nobody billed it: {model} ({n})" for model, n in _invented(entries, left)]
    return problems


def _invented(entries: Iterable[Entry], left: Counter[str]) -> list[tuple[str, int]]:
    """Estimates without a bill. A request that never left, or was ended before its first token, may have one."""
    estimates = Counter(
        entry.model
        for entry in entries
        if entry.estimated and entry.output_tokens and entry.error_kind != "lost"
    )
    return list((estimates - left).items())


def _line(entry: Entry) -> Line:
    return entry.model, entry.input_tokens, entry.output_tokens


def _used(entry: Entry) -> bool:
    return bool(entry.input_tokens or entry.output_tokens) and entry.provider == "openai"


async def _in_the_budgets(store: Store, entries: list[Entry]) -> list[str]:
    """Nothing is held any more, and what is spent is what the entries cost."""
    problems = []
    for entry in entries[-1:]:
        for line in await store.ledger.rooms(charge_of(entry)):
            if line.reserved:
                problems.append(f"{line.reserved} nano-dollars are still held in the {line.period} budget")
            spent = sum(one.cost or 0 for one in entries)
            if line.scope == "installation" and line.spent != spent:
                problems.append(f"the {line.period} budget counts {line.spent}, the entries cost {spent}")
    reservations = Counter(entry.reservation_id for entry in entries)
    problems += [f"reservation {one} is settled {n} times" for one, n in reservations.items() if n > 1]
    return problems


async def nothing_held(store: Store) -> bool:
    """Whether no budget of the last entry holds anything: what the dead held is given back a moment after they are."""
    entries = await store.ledger.billed()
    lines = [line for entry in entries[-1:] for line in await store.ledger.rooms(charge_of(entry))]
    return not any(line.reserved for line in lines)


def charge_of(entry: Entry) -> Charge:
    """Whom an entry was charged to."""
    return Charge(
        entry.workspace_id, entry.place, entry.person_id, entry.provider, entry.credential, entry.at
    )


async def _in_conversations(
    store: Store, entries: list[Entry], conversations: Mapping[int, Place]
) -> list[str]:
    """Nothing is claimed, open or waiting, and each conversation's cost is the sum of its entries."""
    problems = []
    for number in conversations:
        conversation = await store.conversations.get(number)
        if conversation.owner is not None:
            problems.append(f"conversation {number} is still claimed by {conversation.owner}")
        problems += [f"reply {reply.id} is still open" for reply in await store.replies.open_of(number)]
        problems += [f"waiting: {item.payload}" for item in await store.inbox.waiting(number)]
        cost = sum(entry.cost or 0 for entry in entries if entry.conversation_id == number)
        if conversation.cost != cost:
            problems.append(f"conversation {number} counts {conversation.cost}, its entries cost {cost}")
    return problems
