"""Which model answers, by whose choice, as which agent, and what may not be used, on every platform."""

from __future__ import annotations

from tests.fakes.home import BIG, OTHER
from tests.fakes.platform_house import PlatformHouse


async def test_the_next_thread_by_another_model(house: PlatformHouse) -> None:
    """What somebody chose for the next thread that they start holds for that one, and for nobody else's."""
    await house.command("ada", "general", "model gpt-6-luna scope:next")
    others = house.mention("grace", "general", "Grace's question.")
    assert (await house.answered(others)).footer.startswith(BIG)
    first = house.mention("ada", "general", "First question.")
    assert (await house.answered(first)).footer.startswith(OTHER)
    second = house.mention("ada", "general", "Second question.")
    assert (await house.answered(second)).footer.startswith(BIG)


async def test_an_agent_answers(house: PlatformHouse) -> None:
    """An admin makes it, anybody calls it into a thread: its instructions, its model, and its name in the footer."""
    line = "agent new pirate You answer like a pirate. model:openai/gpt-6-luna max-output:600"
    assert "Only an admin" in await house.command("grace", "general", line)
    house.promote("ada")
    made = await house.command("ada", "general", line)
    assert "You answer like a pirate.\n" in made
    first = house.mention("grace", "general", "First question.")
    await house.answered(first)
    house.spoken("grace", first, "agent pirate")
    await house.says(first, "pirate** answers here from the next message on")
    house.reply("grace", first, "Second question.")
    shown = await house.answered(first)
    assert shown.footer.startswith(f"{OTHER} · pirate · ")
    request = house.provider.requests[-1]
    assert "You answer like a pirate." in str(request["messages"][0])
    assert 600 in request.values()
    house.spoken("grace", first, "agent none")
    await house.says(first, "No agent answers here any more.")


async def test_what_may_not_be_used(house: PlatformHouse) -> None:
    """A rule that an admin makes in a channel holds there from the next message on, until it is taken back."""
    house.promote("ada")
    assert "not `openai/gpt-4*`" in await house.command("ada", "general", "access deny openai/gpt-4*")
    first = house.mention("grace", "general", "First question.")
    house.order(first, "broken")
    shown = await house.answered(first)
    assert "may not be used in this channel; an admin of this workspace can change that." in shown.text
    assert house.provider.requests == []
    house.spoken("grace", first, "model gpt-6-luna")
    await house.says(first, f"{OTHER}** answers here")
    await house.press(first, "Retry", by="grace")
    assert (await house.answered(first, 2)).footer.startswith(OTHER)
    elsewhere = house.mention("ada", "secret", "Another channel.")
    assert (await house.answered(elsewhere)).footer.startswith(BIG)
