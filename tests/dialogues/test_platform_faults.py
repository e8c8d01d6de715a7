"""Every way in which a chat platform fails: the whole text stands there once in the end, and is billed once."""

import pytest

from bot.core.surface import Verb
from tests.fakes.house import House
from tests.fakes.surface import Kind

STORY = {"text": "word " * 80, "speed": 400}


async def test_a_storm_of_429s(house: House) -> None:
    """The platform refuses ten times in a row and asks for long pauses; nothing stale or doubled is ever sent."""
    house.provider.script(**STORY)
    house.room.order(Kind.BUSY, times=10, after=1, wait=3.0)
    await house.say("kitchen", "Tell me a story.")
    shown = await house.answered("kitchen")
    assert shown.text.split() == ["word"] * 80
    assert house.room.refused[Kind.BUSY] == 10


@pytest.mark.parametrize("verb", [Verb.POST, Verb.EDIT])
async def test_what_was_refused_is_not_sent_again_but_what_is_there_by_now(house: House, verb: Verb) -> None:
    """After a 429 the text of that moment is stale: people get all that was written meanwhile."""
    house.provider.script(text="word " * 120, holds=(10, 30))
    house.room.order(Kind.BUSY, verb, wait=4.0)
    await house.say("kitchen", "Tell me a story.")
    if verb is Verb.EDIT:
        await house.grows("kitchen")
    house.provider.go_on()
    await house.until(lambda: bool(house.room.refusals), "a refusal")
    house.provider.go_on()
    (stale,) = house.room.refusals
    shown = await house.answered("kitchen")
    texts = [view.text for line in shown.lines for _, view in line.history]
    following = next(text for text in texts if len(text) >= len(stale.text))
    assert following.count("word") > stale.text.count("word") + 20
    assert stale.text not in texts


@pytest.mark.parametrize("verb", [Verb.POST, Verb.EDIT])
@pytest.mark.parametrize("kind", [Kind.DOWN, Kind.LOST])
async def test_a_call_fails_in_between(house: House, kind: Kind, verb: Verb) -> None:
    """503, or applied with its answer lost, three times in a row: the message stands there once, complete."""
    house.provider.script(**STORY)
    house.room.order(kind, verb, times=1 if (kind, verb) == (Kind.LOST, Verb.POST) else 3)
    await house.say("kitchen", "Tell me a story.")
    shown = await house.answered("kitchen")
    assert len(shown.lines) == 1
    assert shown.text == ("word " * 80).strip()


@pytest.mark.parametrize("page", range(4))
async def test_the_answer_to_any_page_is_lost(house: House, page: int) -> None:
    """Whichever page was posted without our hearing of it, it is found again and not repeated."""
    text = " ".join(f"word{number}" for number in range(900))
    house.provider.script(text=text)
    house.room.order(Kind.LOST, Verb.POST, after=page)
    await house.say("kitchen", "Tell me everything.")
    shown = await house.answered("kitchen")
    assert "".join(shown.text.split()) == "".join(text.split())


async def test_the_last_edit_is_lost(house: House) -> None:
    """The last text was applied and we do not know: showing it again changes nothing."""
    house.provider.script(text="word " * 20)
    house.room.order(Kind.LOST, times=4)
    await house.say("kitchen", "What is for dinner?")
    assert (await house.answered("kitchen")).text == ("word " * 20).strip()


async def test_the_thread_is_gone_before_the_first_text(house: House) -> None:
    """Nobody can be shown anything: the stream is closed, what was used is billed, the conversation is free again."""
    house.provider.script(text="word " * 5000, speed=40)
    house.room.order(Kind.GONE, times=99)
    house.expected.unseen = True
    await house.say("kitchen", "Tell me a story.")
    await house.provider.billed_all()
    await house.rested("kitchen")
    assert not house.provider.billed[0].completed
    house.room.forgive()
    await house.say("kitchen", "Are you there?")
    assert (await house.answered("kitchen")).outcome == "complete"


async def test_the_message_is_deleted_under_the_answer(house: House) -> None:
    """In the middle of an answer its message is deleted: as above, and nothing is posted in its place."""
    house.provider.script(text="word " * 5000, speed=40)
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    house.room.order(Kind.GONE, times=99)
    house.expected.unseen = True
    await house.provider.billed_all()
    await house.rested("kitchen")
    assert not house.provider.billed[0].completed
    assert len([line for line in house.room.lines if line.by_bot]) == 1
    house.room.delete_growing()
    house.room.forgive()


async def test_a_command_is_answered_through_faults_too(house: House) -> None:
    """Its answer stands there once as well."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    house.room.order(Kind.BUSY, Verb.POST, wait=2.0)
    house.room.order(Kind.LOST, Verb.POST)
    await house.command("kitchen", "/model")
    assert len([line for line in house.room.lines if "answers here" in line.view.text]) == 1
