"""People talk, models answer: once, in order, with everything beneath that should be known."""

import asyncio
from itertools import pairwise

from bot.core.message import Attachment
from tests.fakes.house import House
from tests.fakes.provider import answer_for
from tests.fakes.surface import WHOLE

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


async def test_the_first_message_is_answered_with_its_cost(house: House) -> None:
    """One message becomes one complete answer, with model, tokens, cost and seconds beneath it."""
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert shown.text == answer_for("What is for dinner?")
    model, tokens, cost, seconds = shown.footer.split(" · ")
    assert model == "openai/gpt-4.1"
    assert tokens.endswith(" tokens")
    assert cost.startswith(("$", "<$"))
    assert seconds.endswith(" s")
    assert shown.labels == WHOLE


async def test_the_answer_grows_before_it_is_complete(house: House) -> None:
    """The first words stand there long before the last, and the text only ever gets longer."""
    house.provider.script(text="word " * 100, holds=(20, 60))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    house.provider.go_on()
    await house.grows("kitchen", 200)
    house.provider.go_on()
    shown = await house.answered("kitchen")
    texts = [view.text for _, view in shown.lines[0].history]
    assert len(texts) >= 3
    assert all(after.startswith(before) for before, after in pairwise(texts))


async def test_follow_ups_while_an_answer_grows_get_one_answer(house: House) -> None:
    """What is said meanwhile waits, and is answered all at once when the answer is complete."""
    house.provider.script(text="one " * 40, holds=(10,))
    await house.say("kitchen", "What is for dinner?")
    await house.grows("kitchen")
    await house.say("kitchen", "Nothing with fish, please.")
    await house.say("kitchen", "And for six people.")
    house.provider.go_on()
    shown = await house.answered("kitchen", 2)
    assert shown.text == answer_for("Nothing with fish, please.\n\nAnd for six people.")
    assert [message.role for message in await house.messages("kitchen")] == [
        "user",
        "assistant",
        "user",
        "user",
        "assistant",
    ]


async def test_a_conversation_is_answered_in_the_order_it_was_said(house: House) -> None:
    """Each answer has read everything that was said before it, in that order."""
    for text in ("First question.", "Second question.", "Third question."):
        await house.say("kitchen", text)
        await house.answered("kitchen")
    read = house.provider.requests[-1]["messages"]
    spoken = [message["content"] for message in read if message["role"] != "system"]
    assert spoken == [
        "First question.",
        answer_for("First question."),
        "Second question.",
        answer_for("Second question."),
        "Third question.",
    ]


async def test_many_conversations_are_answered_at_once(house: House) -> None:
    """Forty threads are answered side by side, each with its own answer."""
    threads = [f"thread{number}" for number in range(40)]
    for thread in threads:
        house.provider.script(holds=(10,))
        await house.say(thread, f"Question of {thread}.")
    for thread in threads:
        await house.grows(thread)
    for _ in threads:
        house.provider.go_on()
    for thread in threads:
        assert (await house.answered(thread)).text == answer_for(f"Question of {thread}.")


async def test_a_message_that_is_delivered_three_times_is_answered_once(house: House) -> None:
    """Platforms repeat what they are not sure of: at once, while the answer grows, and long after it."""
    house.provider.script(text="word " * 40, holds=(10,))
    incoming = await house.say("kitchen", "What is for dinner?")
    again = await house.deliver_again(incoming)
    assert again is not None
    assert not again.fresh
    await house.grows("kitchen")
    await house.deliver_again(incoming)
    house.provider.go_on()
    await house.answered("kitchen")
    await house.deliver_again(incoming)
    assert len(house.answers("kitchen")) == 1


async def test_repeats_at_the_same_moment_are_one(house: House) -> None:
    """Two deliveries of one message that arrive together are one message."""
    incoming = await house.say("kitchen", "What is for dinner?")
    received = await asyncio.gather(*(house.deliver_again(incoming) for _ in range(5)))
    assert len({one.inbox_id for one in received if one is not None}) == 1
    await house.answered("kitchen")


async def test_a_burst_is_answered_once(house: House) -> None:
    """Several messages that wait together have one answer, which has read them all."""
    house.provider.script(delay=0.2)
    await asyncio.gather(*(house.say("kitchen", f"Part {number} of it.") for number in range(4)))
    await house.answered("kitchen")
    asked = " ".join(bill.asked for bill in house.provider.billed)
    assert all(asked.count(f"Part {number} of it.") == 1 for number in range(4))


async def test_text_files_are_read_and_images_are_looked_at(house: House) -> None:
    """A text file stands in the question, an image beside it."""
    files = (
        Attachment("menu.txt", "text/plain", b"Soup, then more soup."),
        Attachment("table.png", "image/png", PNG),
    )
    await house.say("kitchen", "What do you make of these?", files=files)
    await house.answered("kitchen")
    parts = house.provider.requests[0]["messages"][-1]["content"]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    assert "Soup, then more soup." in "".join(texts)
    assert [part["type"] for part in parts].count("image_url") == 1


async def test_a_model_that_cannot_see_says_so(house: House) -> None:
    """An image is not passed to a model without eyes; the footer tells."""
    await house.command("kitchen", "/model openai/gpt-4")
    await house.say("kitchen", "What is in the picture?", files=(Attachment("table.png", "image/png", PNG),))
    shown = await house.answered("kitchen")
    assert "cannot look at images" in shown.footer


async def test_two_people_in_one_thread_are_told_apart_in_the_ledger(house: House) -> None:
    """Each answer is charged to the person who asked last."""
    await house.say("kitchen", "Ann's question.", by="ann")
    await house.answered("kitchen")
    await house.say("kitchen", "Bob's question.", by="bob")
    await house.answered("kitchen")
    first, second = await house.store.ledger.billed()
    assert first.person_id != second.person_id


async def test_a_status_is_shown_and_taken_back(house: House) -> None:
    """Until the first word people see who is thinking; afterwards nothing of it stays."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    said = [text for place, text in house.room.statuses if place == house.place("kitchen")]
    assert said[0] == "openai/gpt-4.1 is thinking…"
    assert said[-1] == ""


async def test_a_long_answer_goes_on_in_further_messages(house: House) -> None:
    """What does not fit one message goes on in the next, word for word."""
    text = " ".join(f"word{number}" for number in range(1200))
    house.provider.script(text=text)
    await house.say("kitchen", "Tell me everything.")
    shown = await house.answered("kitchen")
    assert len(shown.lines) >= 4
    assert "".join(shown.text.split()) == "".join(text.split())
