"""``/model``: dialogues."""

from __future__ import annotations

from tests.bot.commands.conftest import Thread

LUNA = "openai/gpt-6-luna"


async def test_it_says_which_model_answers_and_why_and_what_else_there_is(thread: Thread) -> None:
    """Nothing was chosen yet, so the reason is the installation's default."""
    said = await thread.say("/model")
    assert said.startswith(f"**{LUNA}** answers here: the default for what is configured.")
    assert "922k tokens, sees images, $0.10 in, $0.50 out per million." in said
    assert "Not trained on by default" in said
    assert "- `demo/quick`: 32k tokens, sees images, free" in said
    assert "`/model` and a name switches." in said
    assert await thread.store.conversations.current(str(thread.place)) is None  # to look changes nothing


async def test_a_switch_holds_from_the_next_message_on(thread: Thread) -> None:
    """Also where nothing was said yet."""
    answer = await thread.desk.run(thread.asked(), "/model demo/quick")
    assert answer is not None
    assert answer.refresh
    assert answer.view.text == (
        "**demo/quick** answers here from the next message on. "
        "Price: free (before: $0.10 in, $0.50 out per million)."
    )
    assert (await thread.here()).current_model == "demo/quick"
    assert (await thread.say("/model")).startswith("**demo/quick** answers here: set in this thread.")
    assert await thread.say("/model quick") == "**demo/quick** answers here already: set in this thread."


async def test_a_move_from_local_to_cloud_says_where_the_text_goes(thread: Thread) -> None:
    """Privacy and price, before the next message is written."""
    await thread.say("!model story")
    said = await thread.say("/model gpt-6-luna")
    assert "What is said here now goes to OpenAI. Not trained on by default" in said
    assert said.endswith("Price: $0.10 in, $0.50 out per million (before: free).")
    again = await thread.say("/model openai/gpt-6.1-sol")
    assert "now goes to" not in again
    assert "Price: $2 in, $10 out per million (before: $0.10 in, $0.50 out per million)." in again


async def test_a_smaller_window_says_what_no_longer_fits(thread: Thread) -> None:
    """What was said stays; the model will not read the oldest of it."""
    for number in range(8):
        await thread.talk(f"Question {number}?", "perhaps seventeen elephants " * 800)
    said = await thread.say("/model demo/quick")
    assert "It reads 32k tokens: the oldest " in said
    assert "messages no longer fit." in said
    assert "no longer fit" not in await thread.say("/model demo/thorough")
    assert "no longer fit" not in await thread.say(f"/model {LUNA}")


async def test_one_message_too_many_is_one_message(thread: Thread) -> None:
    """The grammar holds for one."""
    await thread.answer(await thread.ask("perhaps seventeen elephants " * 5_000), "")
    await thread.answer(await thread.ask("And now?"), "")
    assert "It reads 32k tokens: the oldest message no longer fits." in await thread.say("/model demo/quick")


async def test_part_of_a_name_searches(thread: Thread) -> None:
    """More than one model has it, so they are listed and nothing is switched."""
    answer = await thread.desk.run(thread.asked(), "/model gpt-6")
    assert answer is not None
    assert not answer.refresh
    assert answer.view.text.startswith("Models with “gpt-6”:\n\n- `openai/gpt-6-luna`: 922k tokens")
    assert "gpt-4.1" not in answer.view.text


async def test_no_match_names_the_nearest(thread: Thread) -> None:
    """A typing error is met with what was meant."""
    assert "Nearest: `openai/gpt-6-luna`" in await thread.error("/model gpt6lunna")
    assert "Nearest: " in await thread.error("/model quick please")


async def test_what_is_not_set_up_is_named_with_the_way_to_it(thread: Thread) -> None:
    """A provider that does not exist, and a demo model that does not."""
    assert "Nearest:" in await thread.error("/model nowhere/x")
    assert "Nearest:" in await thread.error("/model demo/xyz")


async def test_a_full_name_that_no_list_has_is_taken_at_its_word(thread: Thread) -> None:
    """Providers add models faster than lists; its price is not known."""
    said = await thread.say("/model openai/gpt-99")
    assert said.startswith("**openai/gpt-99** answers here from the next message on.")
    assert "Price: unpriced (before: $0.10 in, $0.50 out per million)." in said


async def test_default_takes_the_threads_own_choice_back(thread: Thread) -> None:
    """And is harmless where there is none."""
    assert "the default for what is configured" in await thread.say("/model default")
    await thread.say("/model demo/quick")
    assert await thread.say("/model default") == (
        f"**{LUNA}** answers here: the default for what is configured."
    )
    assert (await thread.here()).current_model is None


async def test_the_channels_default_is_the_reason(thread: Thread) -> None:
    """The level that decided is named."""
    await thread.store.settings.set("place:web:main/general", "model", "demo/story", None)
    assert (await thread.say("/model")).startswith("**demo/story** answers here: the channel's default.")
    said = await thread.say("/model demo/story")
    assert said == "**demo/story** answers here from the next message on."


async def test_a_model_whose_provider_is_gone_says_so_and_can_be_left(thread: Thread) -> None:
    """A thread that was set long ago is not a trap."""
    await thread.store.settings.set("place:web:main/general", "model", "nowhere/x", None)
    assert "It is not set up here any more." in await thread.say("/model")
    said = await thread.say(f"/model {LUNA}")
    assert "What is said here now goes to OpenAI." in said
    assert said.endswith("Price: $0.10 in, $0.50 out per million.")


async def test_a_model_that_may_not_be_used_here_is_not_set(thread: Thread) -> None:
    """The rule speaks before anything changes."""
    await thread.store.settings.set("place:web:main/general", "models.allowed", ["demo/*"], None)
    assert "may not be used in this channel" in await thread.error(f"/model {LUNA}")
    assert await thread.store.conversations.current(str(thread.place)) is None
