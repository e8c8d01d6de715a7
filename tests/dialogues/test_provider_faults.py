"""Every way in which a provider fails: one clear sentence, the text so far kept, a way on, and the bill right."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.core.surface import Limits
from bot.providers.resilience import Deadlines
from tests.databases import MigratedFile
from tests.fakes.house import House, open_house
from tests.fakes.provider import answer_for
from tests.fakes.surface import BROKEN_OFF, WITHOUT_TEXT, Shown

WORDS = " ".join(f"word{number}" for number in range(200))
BEGUN = " ".join(f"word{number}" for number in range(50))


@dataclass(frozen=True)
class Row:
    """A fault: what the provider does, how often in a row, what is said of it, what is kept."""

    script: dict[str, Any]
    says: str
    times: int = 1
    kept: str = ""
    deadlines: Deadlines | None = None


ROWS = {
    "429": Row({"fail": "rate"}, "openai/gpt-4.1 is receiving too many requests just now.", times=3),
    "429 for long": Row({"fail": "rate", "retry_after": 60}, "It asks for a pause of 60 s."),
    "500": Row({"fail": "server"}, "openai/gpt-4.1 had a failure of its own.", times=3),
    "overloaded": Row({"fail": "overloaded"}, "openai/gpt-4.1 is overloaded just now.", times=3),
    "no credit": Row({"fail": "quota"}, "The account at openai has no credit left"),
    "wrong key": Row({"fail": "auth"}, "openai rejected our key; an admin can enter a new one."),
    "no such model": Row({"fail": "model"}, "openai/gpt-4.1 does not exist for our account"),
    "content": Row({"fail": "content"}, "its provider's content filter stepped in"),
    "bad request": Row({"fail": "request"}, "openai/gpt-4.1 did not accept the request."),
    "error in mid-stream": Row(
        {"text": WORDS, "fail": "error", "after": 50}, "had a failure of its own.", kept=BEGUN
    ),
    "cut after 50 tokens": Row(
        {"text": WORDS, "fail": "cut", "after": 50}, "broke off before it had finished.", kept=BEGUN
    ),
    "hang before the first token": Row(
        {"fail": "hang"}, "openai/gpt-4.1 stopped answering in time.", deadlines=Deadlines(first=2)
    ),
    "hang in the middle": Row(
        {"text": WORDS, "fail": "hang", "after": 50},
        "openai/gpt-4.1 stopped answering in time.",
        kept=BEGUN,
        deadlines=Deadlines(idle=2),
    ),
    "garbage": Row({"text": WORDS, "fail": "garbage", "after": 50}, "had a failure of its own.", kept=BEGUN),
    "no end mark": Row({"text": WORDS, "fail": "no end"}, "broke off before it had finished.", kept=WORDS),
    "a page instead of a stream": Row({"fail": "html"}, "openai/gpt-4.1", times=3),
}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> MigratedFile:
    """What a first start makes, in a file: what a provider does is the same to every database."""
    return MigratedFile(tmp_path_factory.mktemp("schema"))


@pytest.fixture
async def house(schema: MigratedFile, tmp_path: Path) -> AsyncIterator[House]:
    """The house, on SQLite only."""
    async with open_house(schema.url(tmp_path), tmp_path) as house:
        yield house


@pytest.mark.parametrize("name", ROWS)
async def test_a_fault_ends_in_one_clear_sentence(house: House, name: str) -> None:
    """With what came so far and buttons that lead on."""
    row = ROWS[name]
    if row.deadlines:
        await house.restart(deadlines=row.deadlines)
    for _ in range(row.times):
        house.provider.script(**row.script)
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    _ends_well(shown, row)
    assert len(house.provider.requests) == row.times
    await house.press("kitchen", "Retry")
    assert (await house.answered("kitchen", 2)).text == answer_for("What is for dinner?")


def _ends_well(shown: Shown, row: Row) -> None:
    text, _, notice = shown.text.rpartition("\n\n") if row.kept else ("", "", shown.text)
    assert text == row.kept
    assert row.says in notice
    assert notice.count(". ") <= 2
    assert ("> " in notice) == bool(row.kept)
    kept = "The text so far is kept." if row.kept else "Your question is kept."
    assert notice.endswith(kept)
    assert shown.labels == (BROKEN_OFF if row.kept else WITHOUT_TEXT)


async def test_a_short_fault_is_not_even_noticed(house: House) -> None:
    """A request that fails before anything came is made again, at most twice, and billed once."""
    house.provider.script(fail="server")
    house.provider.script(fail="rate", retry_after=0.1)
    await house.say("kitchen", "What is for dinner?")
    assert (await house.answered("kitchen")).outcome == "complete"
    assert len(house.provider.requests) == 3
    assert len(await house.store.ledger.billed()) == 1


async def test_a_stream_that_thinks_aloud_first(house: House) -> None:
    """What a model thinks is no part of the answer, but of the bill."""
    house.provider.script(text="Soup.", reasoning="hmm " * 30)
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert shown.text == "Soup."
    (entry,) = await house.store.ledger.billed()
    assert (entry.output_tokens, entry.reasoning_tokens) == (32, 31)


async def test_a_stream_without_usage_is_billed_by_estimate(house: House) -> None:
    """A complete answer whose provider tells no figures is told as "about"."""
    house.provider.script(text="word " * 40, usage=False)
    await house.say("kitchen", "What is for dinner?")
    assert "about " in (await house.answered("kitchen")).footer
    (entry,) = await house.store.ledger.billed()
    assert entry.estimated
    assert entry.outcome == "complete"


async def test_an_answer_that_reaches_its_maximum_length_says_so(house: House) -> None:
    """It is kept, and gone on with at a click."""
    await house.command("kitchen", "/model openai/house-blend")
    await house.store.settings.set("installation", "unpriced_tokens", 300, by=None)
    house.provider.script(text="word " * 400)
    house.order("kitchen", "long")
    await house.say("kitchen", "Tell me everything.")
    shown = await house.answered("kitchen")
    assert shown.text.count("word") == 300
    assert shown.labels == BROKEN_OFF


async def test_an_empty_answer_is_said_to_be_empty(house: House) -> None:
    """Silence is never an answer."""
    house.provider.script(text="")
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    assert (await house.answered("kitchen")).text.startswith("openai/gpt-4.1 returned an empty answer.")


async def test_an_answer_of_5_mb(house: House) -> None:
    """It is shown to its last word, over as many messages as it takes, and nobody else waits for it."""
    house.room.limits = Limits(page_chars=400_000, page_bytes=1_000_000, round_trip=0.05)
    piece = " ".join(f"{number:07}" for number in range(1250))  # 10,000 characters
    chunks = [
        json.dumps({"choices": [{"index": 0, "delta": {"content": piece + "\n\n"}}]}) for _ in range(500)
    ]
    end = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    raw = "".join(f"data: {chunk}\n\n" for chunk in [*chunks, end, "[DONE]"])
    house.provider.script(raw=raw.encode())
    house.expected.elsewhere.add(str(house.place("kitchen")))
    house.expected.unbilled = True
    await house.say("kitchen", "Tell me everything.")
    await house.provider.asked()  # or the other question might get the long answer
    await house.say("cellar", "And what is for dinner?")
    assert (await house.answered("cellar")).text == answer_for("And what is for dinner?")
    shown = await house.answered("kitchen")
    assert len(shown.text) >= 5_000_000
    assert "".join(shown.text.split()) == "".join((piece * 500).split())


async def test_the_provider_cannot_be_reached(house: House) -> None:
    """Nobody listens at its address: a sentence, soon."""
    house.provider_url = "http://127.0.0.1:9/v1"
    await house.restart()
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    assert "openai could not be reached." in (await house.answered("kitchen")).text
