"""A document's reader is a process of its own that is held to its limits, whatever the file makes of it."""

from __future__ import annotations

import asyncio
import sys

import pytest

from bot.core.errors import BadInput
from bot.knowledge import kinds
from bot.knowledge.reading import CannotRead, Limits, Reader
from tests.bot.knowledge.documents import pdf, word

WORKERS = "tests.bot.knowledge.workers"
BRIEF = Limits(chars=1_000, seconds=1, patience=30.0)


async def test_documents_are_read_by_real_processes() -> None:
    """Two kinds at once, within the limits that hold in earnest."""
    reader = Reader()
    asked = (reader.read("a.pdf", kinds.PDF, pdf("Hello")), reader.read("b.docx", kinds.WORD, word()))
    first, second = await asyncio.gather(*asked)
    assert first.text == "[page 1]\nHello"
    assert second.text.startswith("# Plan")


async def test_a_refusal_names_the_file() -> None:
    """In a sentence for people."""
    with pytest.raises(BadInput) as refused:
        await Reader().read("scan.pdf", kinds.PDF, pdf(""))
    assert refused.value.say.startswith("“scan.pdf” has 1 page but no text in it")


@pytest.mark.parametrize(
    ("doing", "limits", "words"),
    [
        ("loop", BRIEF, "takes too long to read"),
        ("sleep", Limits(patience=0.5), "takes too long to read"),
        ("flood", Limits(chars=1_000), "cannot be read"),
        ("crash", BRIEF, "cannot be read"),
    ],
)
async def test_a_reader_that_misbehaves_is_ended_with_a_sentence(
    doing: str, limits: Limits, words: str
) -> None:
    """Endless, asleep, talkative or crashed: the person hears what to do, and nothing stays behind."""
    with pytest.raises(BadInput) as refused:
        await Reader(limits, worker=WORKERS).read("a.pdf", kinds.PDF, doing.encode())
    assert words in refused.value.say


async def test_a_reader_has_no_memory_to_waste() -> None:
    """Two gigabytes are not to be had."""
    if sys.platform == "darwin":
        pytest.skip("macOS does not limit a process's memory")
    found = await Reader(worker=WORKERS).read("a.pdf", kinds.PDF, b"memory")
    assert found.text == "MemoryError"


async def test_a_reader_can_do_nothing_but_read() -> None:
    """It writes no file, calls nobody, starts nothing, and knows nothing of our environment."""
    found = await Reader(worker=WORKERS).read("a.pdf", kinds.PDF, b"tempt")
    assert found.text == "no write, no connect, no run, no fork, nothing"


async def test_no_process_to_read_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault of the file, and is said so."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(CannotRead):
        await Reader().read("a.pdf", kinds.PDF, pdf("Hello"))
