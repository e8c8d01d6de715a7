"""A conversation in every kind of place: several turns, and another model in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.home import BIG, OTHER
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.provider import answer_for

Begin = Callable[[PlatformHouse, str], Any]


def in_channel(house: PlatformHouse, text: str) -> Any:
    return house.mention("ada", "general", text)


def in_private_channel(house: PlatformHouse, text: str) -> Any:
    return house.mention("ada", "secret", text)


def in_dm(house: PlatformHouse, text: str) -> Any:
    return house.dm("ada", text)


@pytest.mark.parametrize("begin", [in_channel, in_private_channel, in_dm])
async def test_three_turns(house: PlatformHouse, begin: Begin) -> None:
    """Each answer stands in the thread, has read all that was said before, and shows its model and cost."""
    first = begin(house, "First question.")
    shown = await house.answered(first)
    assert shown.text == answer_for("First question.")
    assert shown.footer.startswith(BIG)
    assert shown.labels[:2] == ["Retry", "Model"]
    house.reply("ada", first, "Second question.")
    second = await house.answered(first)
    house.reply("grace" if begin is in_channel else "ada", first, "Third question.")
    await house.answered(first)
    read = house.read()
    assert read[1::2] == [shown.text, second.text]
    for said, meant in zip(
        read[::2], ["First question.", "Second question.", "Third question."], strict=True
    ):
        assert said.endswith(meant)


@pytest.mark.parametrize("begin", [in_channel, in_dm])
async def test_another_model_by_a_word(house: PlatformHouse, begin: Begin) -> None:
    """A word to the bot switches the model of this conversation; everybody there reads it."""
    first = begin(house, "First question.")
    await house.answered(first)
    house.spoken("ada", first, "!model gpt-6-luna")
    await house.says(first, f"{OTHER}** answers here")
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).footer.startswith(OTHER)
    assert answer_for("First question.") in house.read()


async def test_another_model_by_name(house: PlatformHouse) -> None:
    """The bot's name and a command's word in a thread do the same."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.spoken("ada", first, "model gpt-6-luna")
    await house.says(first, f"{OTHER}** answers here")
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).footer.startswith(OTHER)


async def test_a_sentence_that_begins_like_a_command(house: PlatformHouse) -> None:
    """Words that only begin like a command are a question."""
    first = house.mention("ada", "general", "stop the war in my kitchen, please")
    assert (await house.answered(first)).text == answer_for("stop the war in my kitchen, please")


async def test_another_model_for_a_channel(house: PlatformHouse) -> None:
    """An admin's slash command in a channel is for all its threads that have chosen no other."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.promote("ada")
    await house.command("ada", "general", "model gpt-6-luna scope:channel")
    second = house.mention("grace", "general", "Another thread.")
    assert (await house.answered(second)).footer.startswith(OTHER)
    elsewhere = house.mention("ada", "secret", "Another channel.")
    assert (await house.answered(elsewhere)).footer.startswith(BIG)


async def test_another_model_in_a_dm(house: PlatformHouse) -> None:
    """In direct messages the slash command is for the conversation there."""
    first = house.dm("ada", "First question.")
    await house.answered(first)
    await house.command("ada", first, "model gpt-6-luna")
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).footer.startswith(OTHER)


async def test_two_threads_know_nothing_of_one_another(house: PlatformHouse) -> None:
    """Each top-level mention begins a conversation of its own."""
    first = house.mention("ada", "general", "First question.")
    second = house.mention("ada", "general", "Second question.")
    await house.answered(first)
    await house.answered(second)
    assert len({str(house.place(first)), str(house.place(second))}) == 2
    for one in (first, second):
        assert len(await house.messages(one)) == 2


async def test_a_new_conversation_in_the_same_thread(house: PlatformHouse) -> None:
    """After "new" the model has forgotten what was said before."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    before = len(house.words(first))
    house.spoken("ada", first, "new")
    await house.until(lambda: len(house.words(first)) > before, "the word that it is new")
    house.reply("ada", first, "Second question.")
    await house.answered(first)
    assert answer_for("First question.") not in house.read()


async def test_a_new_conversation_in_a_dm(house: PlatformHouse) -> None:
    """The slash command begins anew in direct messages, where there are no threads."""
    first = house.dm("ada", "First question.")
    await house.answered(first)
    await house.command("ada", first, "new")
    house.reply("ada", first, "Second question.")
    await house.answered(first)
    assert len(house.read()) == 1
