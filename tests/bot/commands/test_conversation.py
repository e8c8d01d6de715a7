"""``/new``, ``/stop``, ``/retry``, ``/continue``: dialogues."""

from __future__ import annotations

import json

import pytest

from tests.bot.commands.conftest import Thread


async def waiting(thread: Thread) -> list[dict[str, object]]:
    """What the engine will take next."""
    items = await thread.store.inbox.waiting((await thread.here()).id)
    assert all(item.kind == "again" for item in items)
    return [json.loads(item.payload) for item in items]


async def test_new_starts_afresh_with_what_the_place_gives(thread: Thread) -> None:
    """The thread's own choice stays behind, and both are said."""
    await thread.store.settings.set("place:web:main/general", "model", "demo/story", None)
    await thread.say("/model demo/quick")
    await thread.talk("Remember 7.", "I will.")
    old = await thread.here()
    answer = await thread.desk.run(thread.asked(), "/new")
    assert answer is not None
    assert answer.refresh
    assert answer.view.text == (
        "A new conversation starts here. What was said above is kept, but no model reads it from here on. "
        "It inherits its model, **demo/story**: the channel's default. The model **demo/quick** stays with the old one."
    )
    new = await thread.here()
    assert (new.id != old.id, new.head_id, new.current_model) == (True, None, None)


async def test_new_where_nothing_was_said_changes_nothing(thread: Thread) -> None:
    """Twice in a row is once."""
    await thread.talk("Hello?", "Hello.")
    await thread.say("/new")
    new = await thread.here()
    assert (await thread.say("/reset")).startswith("This conversation is new already. ")
    assert (await thread.here()).id == new.id


async def test_new_in_a_place_nobody_has_spoken_in(thread: Thread) -> None:
    """The first word may be a command."""
    assert (await thread.say("/new")).startswith("A new conversation starts here.")


async def test_stop_ends_what_grows(thread: Thread) -> None:
    """Wherever it grows: the flag is in the database."""
    assert await thread.say("/stop") == "Nothing is being written here."
    reply_id = await thread.ask("How far?")
    assert await thread.say("/stop") == "Stopped. The text so far is kept, and what was used is billed."
    reply = await thread.store.replies.get(reply_id)
    assert reply is not None
    assert reply.stop_requested
    await thread.answer(reply_id, "Not far.")
    assert await thread.say("/cancel") == "Nothing is being written here."


async def test_retry_asks_the_last_question_again(thread: Thread) -> None:
    """Durably: it lies in the inbox before the answer is given."""
    reply_id = await thread.talk("How far?", "Far.")
    assert await thread.say("/retry") == "Another answer is on its way."
    assert await waiting(thread) == [{"reply_id": reply_id, "model": None, "go_on": False}]


async def test_retry_takes_a_number_and_a_model(thread: Thread) -> None:
    """As a button writes it, in either order."""
    first = await thread.talk("How far?", "Far.")
    second = await thread.talk("How high?", "High.")
    assert await thread.say(f"/retry #{first} story") == ("Another answer from **demo/story** is on its way.")
    await thread.say(f"/again demo/quick {second}")
    assert await waiting(thread) == [
        {"reply_id": first, "model": "demo/story", "go_on": False},
        {"reply_id": second, "model": "demo/quick", "go_on": False},
    ]


async def test_a_click_that_is_delivered_twice_counts_once(thread: Thread) -> None:
    """The key of the interaction is the key of the inbox."""
    await thread.talk("How far?", "Far.")
    asked = thread.asked()
    for _ in range(2):
        assert await thread.desk.run(asked, "/retry") is not None
    assert len(await waiting(thread)) == 1


async def test_retry_of_an_answer_that_still_grows_waits_for_it(thread: Thread) -> None:
    """And says so."""
    await thread.ask("How far?")
    assert await thread.say("/retry") == "Another answer follows the one being written."


@pytest.mark.parametrize("command", ["/retry", "/continue"])
async def test_where_nothing_was_asked_there_is_nothing_to_do_again(thread: Thread, command: str) -> None:
    """Neither in a new place nor in a new conversation."""
    sentence = "Nothing was asked here yet; write a message first."
    assert await thread.error(command) == sentence
    await thread.talk("How far?", "Far.")
    await thread.say("/new")
    assert await thread.error(command) == sentence


async def test_an_answer_of_another_conversation_is_out_of_reach(thread: Thread) -> None:
    """A number is no key to somebody else's thread."""
    reply_id = await thread.talk("How far?", "Far.")
    await thread.say("/new")
    await thread.talk("How high?", "High.")
    for number in (reply_id, 999_999_999):
        assert await thread.error(f"/retry #{number}") == (
            f"Answer #{number} is not part of this conversation; without a number the last one is meant."
        )


async def test_retry_by_a_model_that_may_not_be_used_is_refused_at_once(thread: Thread) -> None:
    """Before anything lies in the inbox."""
    await thread.talk("How far?", "Far.")
    await thread.store.settings.set("installation", "models.allowed", ["demo/*"], None)
    assert "may not be used on this installation" in await thread.error("/retry openai/gpt-6-luna")
    assert "Nearest:" in await thread.error("/retry nonsense")
    assert await waiting(thread) == []


async def test_continue_goes_on_with_what_broke_off(thread: Thread) -> None:
    """The text so far is kept; that is for the engine, which is told to go on."""
    reply_id = await thread.talk("Tell a story.", "Once upon")
    assert await thread.say(f"/continue #{reply_id}") == "The rest is on its way."
    assert await waiting(thread) == [{"reply_id": reply_id, "model": None, "go_on": True}]


async def test_continue_of_what_still_grows_is_not_needed(thread: Thread) -> None:
    """It goes on by itself."""
    await thread.ask("Tell a story.")
    assert await thread.say("/continue") == "That answer is still being written."
