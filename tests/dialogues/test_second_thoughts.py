"""People edit and delete what they said, before, while and after it is answered."""

import asyncio

from tests.fakes.house import House
from tests.fakes.provider import answer_for

STORY = "word " * 5000


async def test_an_edit_of_what_waits_is_what_is_answered(house: House) -> None:
    """A follow-up that is edited while the first answer grows is answered as it then reads."""
    house.provider.script(text="word " * 100, holds=(10,))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    second = await house.say("kitchen", "And tea?")
    assert await house.amend(second, "And coffee?", waiting=True)
    house.provider.go_on()
    assert (await house.answered("kitchen", 2)).text == answer_for("And coffee?")
    assert "And tea?" not in str(house.provider.requests)


async def test_an_edit_of_what_was_answered_is_read_the_next_time(house: House) -> None:
    """Nothing is answered again by itself, and the next answer reads the new words."""
    first = await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    assert await house.amend(first, "What is for lunch?")
    await house.offered("kitchen")
    assert len(house.answers("kitchen")) == 1
    await house.say("kitchen", "And for whom?")
    await house.answered("kitchen", 2)
    assert "What is for lunch?" in str(house.provider.requests[-1])
    assert "What is for dinner?" not in str(house.provider.requests[-1])


async def test_another_answer_is_offered_once_for_a_burst_of_edits(house: House) -> None:
    """To who edits alone; the button answers what it says by then. An edit that changes nothing is none."""
    first = await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    assert await house.amend(first, "What is for dinner?")
    assert await house.amend(first, "What is for lunch?")
    assert await house.amend(first, "What is for breakfast?")
    offer = await house.offered("kitchen")
    assert offer.view.private_to == "ann"
    assert [button.label for button in offer.view.buttons] == ["Answer again"]
    house.expected.said[str(first.place)].append("What is for breakfast?")
    await house.command("kitchen", f"/{offer.view.buttons[0].command}")
    assert (await house.answered("kitchen", 2)).text == answer_for("What is for breakfast?")
    assert await house.amend(first, "What is for tea?")
    await house.offered("kitchen", 2)


async def test_no_answer_is_offered_where_talk_has_gone_on(house: House) -> None:
    """Only the last question's answer could stand in its place."""
    first = await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.say("kitchen", "And for dessert?")
    await house.answered("kitchen")
    assert await house.amend(first, "What is for lunch?")
    await house.stop()
    assert len(house.room.at(house.place("kitchen"))) == 4


async def test_an_edit_while_the_answer_grows_is_said_at_its_end(house: House) -> None:
    """What it has read stands answered, with a sentence about it beneath and the way to another answer."""
    house.provider.script(text="word " * 100, holds=(10,))
    first = await house.say("kitchen", "What is for dinner?")
    await house.grows("kitchen")
    assert await house.amend(first, "What is for lunch?")
    house.provider.go_on()
    shown = await house.answered("kitchen")
    assert shown.text.endswith(
        "> The question was changed while this was being written. **Retry** answers it as it reads now."
    )
    house.expected.said[str(first.place)].append("What is for lunch?")
    await house.press("kitchen", "Retry")
    assert (await house.answered("kitchen", 2)).text == answer_for("What is for lunch?")


async def test_what_was_never_received_cannot_be_changed(house: House) -> None:
    """The caller hears so, and may take an edit for something said."""
    said = await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    engine = house.process.engine
    assert not await engine.amend(said.place, "unknown", "New")
    assert not await engine.withdraw(said.place, "unknown")


async def test_what_is_deleted_while_it_waits_is_not_answered(house: House) -> None:
    """Not then, and not when the platform delivers it once more."""
    house.provider.script(text="word " * 100, holds=(10,))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    second = await house.say("kitchen", "And tea?")
    assert await house.withdraw(second, unanswered=True)
    received = await house.deliver_again(second)
    assert received is not None
    assert not received.fresh
    house.provider.go_on()
    await house.rested("kitchen")
    assert len(house.provider.requests) == 1
    assert await house.amend(second, "And coffee?")
    await house.rested("kitchen")
    assert len(house.answers("kitchen")) == 1


async def test_no_model_reads_what_was_deleted(house: House) -> None:
    """A message that was answered loses its text and its files; the answer stays."""
    menu = house.promise("menu.txt", b"Soup, then more soup.")
    first = await house.say("kitchen", "My password is tulip.", promised=(menu,))
    await house.answered("kitchen")
    assert await house.withdraw(first)
    await house.say("kitchen", "What did I say?")
    await house.answered("kitchen", 2)
    read = str(house.provider.requests[-1]["messages"])
    assert "tulip" not in read
    assert "soup" not in read
    branch = await house.messages("kitchen")
    assert branch[0].text == ""
    assert branch[0].withdrawn_at is not None
    assert await house.store.conversations.attachments([branch[0].id]) == {}
    conversation = await house.store.conversations.current(str(house.place("kitchen")))
    assert conversation is not None
    assert "tulip" not in conversation.title


async def test_a_question_deleted_while_its_answer_grows_stops_it(house: House) -> None:
    """Nobody wants the rest any more; what is there stays."""
    house.provider.script(text=STORY, speed=40)
    house.order("kitchen", "stopped")
    said = await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    assert await house.withdraw(said)
    await house.provider.all_closed()
    shown = await house.answered("kitchen", 1)
    assert shown.outcome == "stopped"
    assert shown.text.startswith("word word")


async def test_a_question_deleted_before_its_answer_begins_leaves_nothing(house: House) -> None:
    """Not even a line of ours stands in the thread."""
    house.provider.script(delay=30)
    said = await house.say("kitchen", "Tell me a story.")
    await house.provider.asked()
    await house.withdraw(said, unanswered=True)
    await house.rested("kitchen")
    assert house.room.at(house.place("kitchen")) == []


async def test_a_question_deleted_while_its_files_are_fetched_leaves_nothing(house: House) -> None:
    """Its files are not waited for, and what arrives late is not kept."""
    arrives = house.room.held["ref-menu.txt"] = asyncio.Event()
    menu = house.promise("menu.txt", b"Soup, then more soup.")
    said = await house.say("kitchen", "Read this.", promised=(menu,))
    await house.until(lambda: house.room.fetched.total() == 1, "the fetch")
    await house.withdraw(said, unanswered=True)
    arrives.set()
    await house.rested("kitchen")
    assert house.provider.requests == []
    assert house.room.at(house.place("kitchen")) == []


async def test_a_question_deleted_before_it_is_planned_is_never_asked(house: House) -> None:
    """It was taken already, and its process died; the next one finds nothing to answer."""
    house.trap("replies.take", "after")
    said = await house.say("kitchen", "Tell me a story.")
    await house.died()
    house.connected = False
    await house.restart()
    assert await house.withdraw(said, unanswered=True)
    house.connected = True
    await house.restart()
    await house.rested("kitchen")
    assert house.provider.requests == []
    assert house.room.at(house.place("kitchen")) == []


async def test_one_of_several_questions_is_deleted(house: House) -> None:
    """The others keep their answer."""
    house.trap("replies.take", "after", 2)
    house.provider.script(text="word " * 100, holds=(10,))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    tea = await house.say("kitchen", "And tea?")
    await house.say("kitchen", "And coffee?")
    house.provider.go_on()
    await house.died()
    house.connected = False
    await house.restart()
    await house.withdraw(tea, unanswered=True)
    house.connected = True
    await house.restart()
    shown = await house.answered("kitchen", 2)
    assert shown.text == answer_for("And coffee?")
    assert "And tea?" not in str(house.provider.requests)


async def test_a_deleted_question_is_not_answered_again(house: House) -> None:
    """Retry beneath its answer says why there is none."""
    said = await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.withdraw(said)
    house.order("kitchen", "broken")
    await house.press("kitchen", "Retry")
    shown = await house.answered("kitchen", 2)
    assert "taken back" in shown.text
    assert len(house.provider.requests) == 1
