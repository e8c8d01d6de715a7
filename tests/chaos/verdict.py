"""What became of everything that was said: from the posts that people see, the provider's bill and the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from storage.ledger import Entry
from tests.chaos.browser import Post, finished
from tests.fakes.provider import Billed
from tests.fakes.scripts import answer_for
from tests.fakes.surface import ink


@dataclass(slots=True)
class Verdict:
    """Sentences about each message that was lost or doubled and each request that was not billed, and counts."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unbilled: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.unbilled)

    def problems(self) -> list[str]:
        """All sentences."""
        return [*self.lost, *self.doubled, *self.unbilled]


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer of a thread."""

    text: str  # its ink
    complete: bool
    empty: bool

    @classmethod
    def of(cls, pages: Sequence[Post]) -> Answer:
        text = ink("".join(page.text for page in pages))
        failed = "error" in pages[-1].kinds
        return cls("" if failed else text, not failed and "Continue" not in pages[-1].buttons, failed)


def judge(
    said: Mapping[str, Sequence[str]],
    posts: Mapping[str, Sequence[Post]],
    billed: Iterable[Billed],
    entries: Iterable[Entry],
) -> Verdict:
    """Compare what was said by thread with what stands there, what was billed and what the ledger says."""
    verdict = Verdict()
    for thread, texts in said.items():
        _judge_thread(thread, texts, posts.get(thread, ()), verdict)
    _judge_bills(list(billed), list(entries), said, verdict)
    return verdict


def _judge_thread(thread: str, texts: Sequence[str], posts: Sequence[Post], verdict: Verdict) -> None:
    mine = Counter(post.text.strip() for post in posts if post.mine)
    verdict.lost += [f"{thread}: not in the thread: {text!r}" for text in texts if not mine[text]]
    verdict.doubled += [f"{thread}: {n} times in the thread: {text!r}" for text, n in mine.items() if n > 1]
    verdict.lost += [f"{thread}: still growing: post {post.id}" for post in posts if post.growing]
    answers = _answers(posts)
    for answer in answers:
        verdict.outcomes["complete" if answer.complete else "failed" if answer.empty else "interrupted"] += 1
    if not _fit(texts, answers):
        _name_the_mistake(thread, texts, answers, verdict)


def is_answered(texts: Sequence[str], posts: Sequence[Post]) -> bool:
    """Whether every message of a thread has its one answer and nothing grows."""
    return not any(post.growing for post in posts) and _fit(texts, _answers(posts))


def _answers(posts: Sequence[Post]) -> list[Answer]:
    return [Answer.of(pages) for pages in finished(list(posts))]


def _fit(texts: Sequence[str], answers: Sequence[Answer]) -> bool:
    """Whether the answers, in their order, answer all messages, each one once.

    An answer is to one or several messages in a row; after one without a text the next has read its messages too.
    """

    def fits(answer: int, begin: int, unread: int) -> bool:
        if answer == len(answers):
            return begin == len(texts)
        one = answers[answer]
        for end in range(begin + 1, len(texts) + 1):
            expected = ink(answer_for("\n\n".join(texts[unread:end])))
            same = expected == one.text if one.complete else expected.startswith(one.text)
            if same and fits(answer + 1, end, unread if one.empty else end):
                return True
        return False

    return fits(0, 0, 0)


def _name_the_mistake(thread: str, texts: Sequence[str], answers: Sequence[Answer], verdict: Verdict) -> None:
    whole = Counter(answer.text for answer in answers if answer.complete)
    twice = [text for text, n in whole.items() if n > 1]
    if twice or len(answers) > len(texts):
        verdict.doubled.append(f"{thread}: {len(answers)} answers to {len(texts)} messages")
    else:
        verdict.lost.append(f"{thread}: {len(answers)} answers do not fit {len(texts)} messages")


def _judge_bills(
    billed: list[Billed], entries: list[Entry], said: Mapping[str, Sequence[str]], verdict: Verdict
) -> None:
    """Each billed request has an entry of its own at its thread, an exact one where the entry says so."""
    ledger = defaultdict[str, list[Entry]](list)
    for entry in entries:
        ledger[entry.place.rpartition("/")[2]].append(entry)
    threads = {text: thread for thread, texts in said.items() for text in texts}
    requests = defaultdict[str, list[Billed]](list)
    for bill in billed:
        requests[threads[bill.asked.rpartition("\n\n")[2]]].append(bill)
    for thread in said:
        _judge_bill(thread, requests[thread], ledger[thread], verdict)
    reservations = Counter(entry.reservation_id for entry in entries)
    verdict.doubled += [f"reservation {one} settled {n} times" for one, n in reservations.items() if n > 1]


def _judge_bill(thread: str, billed: list[Billed], entries: list[Entry], verdict: Verdict) -> None:
    bills = Counter((bill.input_tokens, bill.output_tokens) for bill in billed)
    exact = Counter((e.input_tokens, e.output_tokens) for e in entries if not e.estimated and e.input_tokens)
    estimates = sum(entry.estimated for entry in entries)
    missing = (bills - exact).total() - estimates
    if missing > 0:
        verdict.unbilled.append(f"{thread}: {missing} of {len(billed)} requests are not in the ledger")
    if invented := exact - bills:
        verdict.doubled.append(f"{thread}: in the ledger and on no bill: {dict(invented)}")
