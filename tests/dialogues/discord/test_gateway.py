"""Everything that goes wrong at the gateway, and after a restart: what is said meanwhile is answered, and once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.fakes.discord.messages import Message
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord_house import DiscordHouse, DiscordProcess
from tests.fakes.orders import Fault
from tests.fakes.provider import answer_for


async def _forgotten(fake: FakeDiscord) -> None:
    fake.gateway.forget()
    await fake.gateway.drop()


FAULTS: dict[str, Callable[[FakeDiscord], Awaitable[None]]] = {
    "a dropped connection": lambda fake: fake.gateway.drop(),
    "opcode 7": lambda fake: fake.gateway.reconnect(),
    "opcode 9, to be resumed": lambda fake: fake.gateway.invalidate(resumable=True),
    "opcode 9": lambda fake: fake.gateway.invalidate(),
    "a close that allows it": lambda fake: fake.gateway.close_with(4000),
    "a session that is over": _forgotten,
}


async def begun(house: DiscordHouse) -> tuple[Message, Message]:
    """A conversation in a thread, and one in direct messages."""
    threaded, direct = (
        house.mention("ada", "general", "First question."),
        house.dm("ada", "First question, in private."),
    )
    await house.answered(threaded)
    await house.answered(direct)
    return threaded, direct


async def all_answered(house: DiscordHouse, *threads: tuple[Message, str]) -> None:
    """Each is answered with what was said there last, and nothing stands there twice."""
    for thread, text in threads:
        assert (await house.answered(thread)).text == answer_for(text)
    await house.quiet()
    for thread, _ in threads:
        said = house.expected.said[str(house.place(thread))]
        assert len(house.answers(thread)) <= len(said)


def again(house: DiscordHouse) -> bool:
    """Whether the gateway was reached a second time."""
    return house.fake.gateway.identified + house.fake.gateway.resumed >= 2


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_connection_breaks(house: DiscordHouse, fault: str) -> None:
    """What is said in that moment is answered, whether the session can be resumed or not; told twice on top."""
    threaded, direct = await begun(house)
    house.fake.gateway.replay_extra = 3
    await FAULTS[fault](house.fake)
    house.reply("ada", threaded, "Second question.")
    missed = house.mention("grace", "general", "Did you hear?")
    house.dm("ada", "Second question, in private.")
    await house.until(lambda: again(house), "another connection")
    await all_answered(
        house,
        (threaded, "Second question."),
        (direct, "Second question, in private."),
        (missed, "Did you hear?"),
    )
    house.fake.gateway.repeat("MESSAGE_CREATE", 2)
    house.reply("ada", threaded, "Third question.")
    await all_answered(house, (threaded, "Third question."))
    assert len(house.answers(threaded)) == 3


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_connection_breaks_under_a_growing_answer(house: DiscordHouse, fault: str) -> None:
    """The answer goes on by its own way; nobody notices."""
    house.provider.script(text="word " * 200, speed=300, holds=(40,))
    first = house.mention("ada", "general", "Tell me a story.")
    await house.grows(first)
    await FAULTS[fault](house.fake)
    house.provider.go_on()
    shown = await house.answered(first)
    assert shown.text.split() == ["word"] * 200
    await house.until(lambda: again(house), "another connection")
    assert len(house.answers(first)) == 1


async def test_silence(house: DiscordHouse) -> None:
    """Opposite a gateway that says nothing any more another connection is made, and what it kept is heard."""
    threaded, _ = await begun(house)
    house.fake.gateway.silence()
    house.reply("ada", threaded, "Second question.")
    process = house.process
    assert isinstance(process, DiscordProcess)
    shard = process.edge.listeners[0].gateway.get_shard(0)
    assert shard is not None
    await process.within(shard.reconnect())  # as its heartbeat does after a minute
    await all_answered(house, (threaded, "Second question."))


async def test_refused_connections(house: DiscordHouse) -> None:
    """While the gateway lets nobody in, answers go on; then what was said is made up for."""
    threaded, direct = await begun(house)
    house.fake.gateway.away = True
    await house.fake.gateway.drop()
    house.reply("ada", threaded, "Second question.")
    house.dm("ada", "Second question, in private.")
    house.fake.gateway.away = False
    await all_answered(house, (threaded, "Second question."), (direct, "Second question, in private."))


async def test_an_outage_of_the_server(house: DiscordHouse) -> None:
    """What is said in a server that was out of reach is answered when it is back."""
    threaded, _ = await begun(house)
    house.fake.build.outage()
    house.fake.build.outage(over=True)
    house.reply("ada", threaded, "Second question.")
    await all_answered(house, (threaded, "Second question."))


async def test_the_database_is_away(house: DiscordHouse) -> None:
    """Discord tells everything once: what cannot be written down is kept until it can."""
    threaded, _ = await begun(house)
    house.order_trouble()
    house.process.gate.away = True
    house.reply("ada", threaded, "Second question.")
    missed = house.mention("grace", "general", "Did you hear?")
    await house.fake.quiet()
    house.process.gate.away = False
    await all_answered(house, (threaded, "Second question."), (missed, "Did you hear?"))


async def test_a_restart(house: DiscordHouse) -> None:
    """What was said while nobody listened is answered by the next process: threads, channels, direct messages."""
    threaded, direct = await begun(house)
    await house.stop()
    house.reply("ada", threaded, "Second question.")
    house.reply("grace", threaded, "Third question.")
    house.dm("ada", "Second question, in private.")
    missed = house.mention("grace", "general", "Did you hear?")
    house.talk("grace", "general", "Between ourselves.")
    taken_back = house.fake.mention("grace", "general", "Forget it.")
    house.delete("grace", taken_back)
    await house.restart()
    await all_answered(house, (direct, "Second question, in private."), (missed, "Did you hear?"))
    await house.answered(threaded)
    read = [text for n in range(len(house.provider.requests)) for text in house.read(n)]
    assert not any("Forget it." in text for text in read)


async def test_a_restart_without_news(house: DiscordHouse) -> None:
    """What was answered before is not answered again, however often the process starts."""
    threaded, direct = await begun(house)
    for _ in range(2):
        await house.restart()
        await house.quiet()
    assert len(house.provider.requests) == 2
    house.reply("ada", threaded, "Second question.")
    await all_answered(house, (threaded, "Second question."))
    assert len(house.answers(direct)) == 1


@pytest.mark.parametrize("what", ["before", "after"])
async def test_the_process_dies_at_the_insert(house: DiscordHouse, what: str) -> None:
    """Before it or after it: the next process makes up for it, and the message is answered once."""
    threaded, _ = await begun(house)
    house.trap("inbox.receive", what)
    house.reply("ada", threaded, "Second question.")
    await house.died()
    missed = house.mention("grace", "general", "Did you hear?")
    await house.restart()
    await all_answered(house, (threaded, "Second question."), (missed, "Did you hear?"))
    assert len(house.answers(threaded)) == 2


async def test_history_that_cannot_be_read_at_once(house: DiscordHouse) -> None:
    """Discord refuses to tell at first what was missed: it is asked again."""
    threaded, _ = await begun(house)
    await house.stop()
    house.reply("ada", threaded, "Second question.")
    house.fault(Fault.AWAY, "get_messages", times=2)
    await house.restart()
    await all_answered(house, (threaded, "Second question."))
