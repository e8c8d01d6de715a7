"""How a reply ends, in words."""

import json
from datetime import UTC, datetime

from bot.calls.call import CallResult, FailedAttempt
from bot.conversation.context import Context
from bot.conversation.ending import Made, ended, refused
from bot.conversation.letters import Ended, pack
from bot.conversation.settings import Choice
from bot.core.errors import BudgetRefused, Cut, Overloaded
from bot.core.message import AskedAgain, Said
from bot.core.place import Place
from bot.core.provider import Citation, FinishReason, ModelId, Usage
from bot.core.view import Tone
from bot.providers.prices import Priced
from storage.ledger import NewEntry, Settlement
from tests.fakes.surface import BROKEN_OFF, WITHOUT_TEXT

MODEL = ModelId("openai", "gpt-6-luna")
CHOICE = Choice(MODEL, "set in this thread", "thread")


def made(
    text: str = "An answer.",
    *,
    outcome: str = "complete",
    finish: FinishReason | None = FinishReason.STOP,
    failure: Cut | None = None,
    omitted: int = 0,
    estimated: bool = False,
    failed: tuple[FailedAttempt, ...] = (),
    sources: tuple[Citation, ...] = (),
) -> Ended:
    entry = NewEntry(
        at=datetime(2026, 11, 21, tzinfo=UTC),
        workspace_id="web:main",
        place="web:main/1/a",
        person_id=1,
        provider="openai",
        model="gpt-6-luna",
    )
    result = CallResult(
        MODEL,
        outcome,
        Usage(1_000, 234),
        estimated,
        Priced(12_300_000, "genai-prices"),
        finish,
        300,
        3_240,
        Settlement(7, entry),
        failed,
    )
    return ended(Made(42, text, CHOICE, Context((), 1_000, omitted), result, failure, sources))


def test_a_whole_answer_says_who_wrote_it_and_what_it_took() -> None:
    """Model, tokens, cost and seconds stand in the footer; another answer can be had."""
    whole = made()
    assert whole.footer == "openai/gpt-6-luna · 1,234 tokens · $0.0123 · 3.2 s"
    assert (whole.outcome, whole.notice, whole.tone) == ("complete", "", Tone.REPLY)
    commands = [button.command for button in whole.buttons]
    assert commands == ["retry #42", "model", "rate good #42", "rate bad #42"]


def test_a_break_keeps_the_text_and_offers_two_ways_on() -> None:
    """What came is kept, the sentence says so, and there are Continue and Retry."""
    cut = made(outcome="failed", finish=None, failure=Cut(provider="openai", model="gpt-6-luna"))
    assert cut.outcome == "interrupted"
    assert "broke off" in cut.notice
    assert "text so far is kept" in cut.notice
    assert [button.label for button in cut.buttons] == BROKEN_OFF


def test_a_failure_before_the_first_word_keeps_the_question() -> None:
    """There is nothing to continue and nothing to judge, and the question is not lost."""
    failed = made("", outcome="failed", finish=None, failure=Cut())
    assert failed.outcome == "failed"
    assert "question is kept" in failed.notice
    assert [button.label for button in failed.buttons] == WITHOUT_TEXT


def test_a_stopped_answer_is_no_error() -> None:
    """It says "stopped" in the footer, marks its tokens as an estimate, and may go on."""
    stopped = made(outcome="stopped", finish=None, estimated=True)
    assert stopped.footer.endswith("· stopped")
    assert "about 1,234 tokens" in stopped.footer
    assert stopped.tone is Tone.REPLY
    assert stopped.buttons[0].label == "Continue"


def test_stopping_before_the_first_word_says_so() -> None:
    """Nobody is left looking at nothing."""
    assert "before anything" in made("", outcome="stopped", finish=None).notice


def test_a_restart_explains_itself() -> None:
    """An answer that our own shutdown broke off says that it was us."""
    assert "restarted" in made(outcome="interrupted", finish=None).notice


def test_a_full_answer_and_a_filtered_one_say_why_they_end() -> None:
    """Maximum length and the content filter are told apart from an ordinary end."""
    assert "maximum length" in made(finish=FinishReason.LENGTH).notice
    assert made(finish=FinishReason.LENGTH).buttons[0].label == "Continue"
    assert "content filter" in made(finish=FinishReason.CONTENT_FILTER).notice


def test_an_empty_answer_is_not_passed_over() -> None:
    """A model that says nothing is reported."""
    assert "empty answer" in made("").notice


def test_what_was_left_out_and_who_stood_in_are_told() -> None:
    """History that did not fit and a fallback appear in the footer."""
    other = FailedAttempt(ModelId("openai", "gpt-6.1-sol"), Overloaded(), 0)
    footer = made(omitted=12, failed=(other,)).footer
    assert "12 messages no longer fit" in footer
    assert "instead of openai/gpt-6.1-sol, which was overloaded" in footer


def test_sources_are_listed_once_each() -> None:
    """Citations become a numbered list, without repeats."""
    sources = (Citation("https://a.example", "A [1]"), Citation("https://a.example", "A [1]"))
    assert made(sources=sources).notice == "1. [A (1)](https://a.example)"


def test_an_ending_survives_the_journal() -> None:
    """What is written before the last text reads back equal, settlement and all."""
    ending = made(omitted=3)
    assert Ended.from_json(ending.to_json()) == ending
    no = refused(42, BudgetRefused(say="Nothing is left of today's $100."))
    assert Ended.from_json(no.to_json()) == no
    assert (no.outcome, no.notice) == ("refused", "Nothing is left of today's $100.")


def test_what_waits_in_the_inbox_has_two_kinds() -> None:
    """A message carries its text, a request to answer again what it is about."""
    place = Place("discord", "G", "C", "T")
    assert pack(Said("Hello"), place) == ("said", '{"text": "Hello"}')
    _, payload = pack(Said("Hello", in_reply_to="C:1"), place)
    assert json.loads(payload)["follows"] == {"key": "discord:G#C:1", "page": "C:1"}
    assert pack(AskedAgain(7, "demo/quick"), place)[0] == "again"
