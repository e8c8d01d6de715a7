"""Asking again, going on, starting afresh: branches, not copies."""

from bot.conversation.context import GO_ON
from tests.fakes.house import SMALL, House
from tests.fakes.provider import answer_for


async def test_a_retry_makes_a_branch(house: House) -> None:
    """Another answer hangs under the same question; the first stays where it is, and no model reads it."""
    house.provider.script(text="The first attempt.")
    house.provider.script(text="The second attempt.")
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    first = await house.messages("kitchen")
    assert "is on its way" in await house.press("kitchen", "Retry")
    await house.answered("kitchen", 2)
    second = await house.messages("kitchen")
    assert [message.text for message in second] == ["What is for dinner?", "The second attempt."]
    assert first[-1].parent_id == second[-1].parent_id
    assert "The first attempt." not in str(house.provider.requests[-1]["messages"])
    await house.say("kitchen", "And for dessert?")
    await house.answered("kitchen")
    read = str(house.provider.requests[-1]["messages"])
    assert "The second attempt." in read
    assert "The first attempt." not in read


async def test_a_retry_by_another_model_is_for_this_answer_only(house: House) -> None:
    """The answer says that it was chosen for this once; the next message goes to the usual model."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.command("kitchen", f"/retry {SMALL}")
    assert (await house.answered("kitchen", 2)).footer.startswith(SMALL)
    assert (await house.messages("kitchen"))[-1].reason == "chosen for this answer"
    await house.say("kitchen", "And for dessert?")
    assert (await house.answered("kitchen")).footer.startswith("openai/gpt-4.1")
    whys = [entry.why for entry in await house.store.ledger.billed()]
    assert whys == ["chosen", "retry", "chosen"]


async def test_an_answer_that_broke_off_is_gone_on_with(house: House) -> None:
    """The next answer carries on after the text so far, which the model gets to read."""
    house.provider.script(text="word " * 100, fail="cut", after=50)
    house.provider.script(text="and the rest of it.")
    house.order("kitchen", "broken")
    await house.say("kitchen", "Tell me a story.")
    await house.answered("kitchen")
    await house.press("kitchen", "Continue")
    shown = await house.answered("kitchen", 2)
    assert shown.text == "and the rest of it."
    *_, begun, asked = house.provider.requests[-1]["messages"]
    assert begun["role"] == "assistant"
    assert begun["content"].startswith("word " * 49 + "word")
    assert asked["content"] == GO_ON
    assert [message.role for message in await house.messages("kitchen")] == ["user", "assistant", "assistant"]


async def test_half_an_answer_is_read_back_as_half(house: House) -> None:
    """A model that reads an answer which broke off is told so, lest it takes the half for the whole."""
    house.provider.script(text="word " * 100, fail="cut", after=50)
    house.order("kitchen", "broken")
    await house.say("kitchen", "Tell me a story.")
    await house.answered("kitchen")
    await house.say("kitchen", "What was that?")
    await house.answered("kitchen")
    (begun,) = [m for m in house.provider.requests[-1]["messages"] if m["role"] == "assistant"]
    assert begun["content"].endswith("[This answer was interrupted here.]")


async def test_a_new_conversation_starts_afresh(house: House) -> None:
    """After /new no model reads what was said before, and the model set in the old one is not carried over."""
    await house.command("kitchen", f"/model {SMALL}")
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.command("kitchen", "/new")
    await house.say("kitchen", "Where were we?")
    assert (await house.answered("kitchen")).footer.startswith("openai/gpt-4.1")
    assert "What is for dinner?" not in str(house.provider.requests[-1]["messages"])


async def test_an_old_answer_is_retried_where_it_was_given(house: House) -> None:
    """A button beneath an answer of the conversation before /new still means that conversation."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.command("kitchen", "/new")
    assert "not part of this conversation" in await house.press("kitchen", "Retry")


async def test_a_retry_while_an_answer_grows_follows_it(house: House) -> None:
    """Nothing is broken off; the other answer comes next."""
    house.provider.script(text="word " * 40, holds=(10,))
    await house.say("kitchen", "What is for dinner?")
    await house.grows("kitchen")
    assert "follows" in await house.command("kitchen", "/retry")
    house.provider.go_on()
    shown = await house.answered("kitchen", 2)
    assert shown.text == answer_for("What is for dinner?")


async def test_two_conversations_of_one_thread_at_once(house: House) -> None:
    """After /new the old conversation's answer goes on growing, and the new one's comes beside it."""
    house.provider.script(text="old " * 80, holds=(10,))
    await house.say("kitchen", "The old question.")
    await house.grows("kitchen")
    await house.command("kitchen", "/new")
    await house.say("kitchen", "The new question.")
    await house.provider.asked(2)
    house.provider.go_on()
    await house.answered("kitchen", 2)
    texts = sorted(line.view.text for line in house.room.at(house.place("kitchen")) if line.view.buttons)
    assert texts == sorted([("old " * 80).strip(), answer_for("The new question.")])


async def test_a_reply_to_an_earlier_message_is_a_branch_of_its_own(house: House) -> None:
    """It hangs under the answer that it is a reply to, and what follows it goes on there."""
    await house.say("kitchen", "What is for dinner?")
    dinner = (await house.answered("kitchen")).lines[-1].id
    await house.say("kitchen", "And for dessert?")
    await house.answered("kitchen")
    await house.say("kitchen", "With rice?", in_reply_to=dinner)
    await house.answered("kitchen")
    await house.say("kitchen", "Or noodles?")
    await house.answered("kitchen")
    said = [message.text for message in await house.messages("kitchen") if message.role == "user"]
    assert said == ["What is for dinner?", "With rice?", "Or noodles?"]
    assert "dessert" not in str(house.provider.requests[-1]["messages"])


async def test_replies_to_several_messages_at_once_are_each_answered(house: House) -> None:
    """What two people say to an earlier message while the bot is busy are two questions."""
    await house.say("kitchen", "What is for dinner?")
    dinner = (await house.answered("kitchen")).lines[-1].id
    house.provider.script(text="word " * 100, holds=(10,))
    await house.say("kitchen", "And for dessert?")
    await house.grows("kitchen")
    await house.say("kitchen", "With rice?", in_reply_to=dinner)
    await house.say("kitchen", "With wine?", by="ben", in_reply_to=dinner)
    house.provider.go_on()
    await house.answered("kitchen", 4)
    rice, wine = (str(request["messages"]) for request in house.provider.requests[-2:])
    assert ["rice" in rice, "wine" in rice, "rice" in wine, "wine" in wine] == [True, False, False, True]
