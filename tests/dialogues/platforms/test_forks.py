"""Forks: from a message's menu a thread of its own, in which the conversation goes on from there."""

from __future__ import annotations

from tests.fakes.home import SMALL
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.provider import answer_for

FORK = "Fork from here"


async def test_a_fork_from_an_answer(either: PlatformHouse) -> None:
    """A new thread leads back and is led to; its model reads what was said up to there, and nothing later."""
    house = either
    first = house.ask("First question.")
    await house.answered(first)
    answer = house.message_of(first)
    house.reply("ada", first, "Second question.")
    await house.answered(first)
    await house.menu("ada", answer, FORK)
    opening = await house.forked()
    await house.says(first, "has forked this conversation")
    (told,) = (words for words in house.words(first) if "has forked" in words)
    assert all("](https://" in words for words in (told, house.eyes.text(opening)))
    assert answer_for("First question.")[:200] in house.eyes.text(opening)
    house.reply("ada", opening, "Another second question.")
    await house.answered(opening)
    assert house.read() == ["First question.", answer_for("First question."), "Another second question."]
    house.reply("ada", first, "Third question.")
    await house.answered(first)
    assert "Another second question." not in house.read()


async def test_a_fork_from_a_question(house: PlatformHouse) -> None:
    """What somebody asked is gone on from without the answer it got; two who want the same get one thread."""
    first = house.mention("ada", "general", "First question.")
    house.expected.forked.add("First question.")
    await house.answered(first)
    await house.menu("ada", first, FORK)
    await house.menu("grace", first, FORK)
    opening = await house.forked()
    house.reply("grace", opening, "Put another way.")
    await house.answered(opening)
    assert [words.lower() for words in house.read()] == ["ada: first question.\n\ngrace: put another way."]
    await house.forked()


async def test_a_fork_by_words_with_a_model(house: PlatformHouse) -> None:
    """In the fork the named model answers; where it comes from nothing changes."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.spoken("ada", first, f"fork {SMALL}")
    opening = await house.forked()
    house.reply("ada", opening, "Second question.")
    assert (await house.answered(opening)).footer.startswith(SMALL)
    house.reply("ada", first, "Third question.")
    assert not (await house.answered(first)).footer.startswith(SMALL)


async def test_a_fork_in_a_direct_message(either: PlatformHouse) -> None:
    """Where it has a thread of its own, both go on beside one another; else the fork goes on in the place itself."""
    house = either
    first = house.dm("ada", "First question.")
    await house.answered(first)
    await house.menu("ada", first, FORK)
    opening = await house.forked()
    fork = await house.store.forks.at(str(house.fork_place(opening)))
    assert fork is not None
    assert fork.conversation_id is not None
    conversation = await house.store.conversations.get(fork.conversation_id)
    assert [one.text for one in await house.store.conversations.branch(conversation.head_id or 0)] == [
        "First question."
    ]
