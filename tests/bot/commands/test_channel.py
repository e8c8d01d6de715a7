"""Commands in a channel, whose threads are the conversations; and which of its messages are answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.command import Answer
from bot.core.view import Tone
from tests.bot.commands.conftest import Thread

LUNA = "openai/gpt-6-luna"


async def in_channel(thread: Thread, line: str) -> Answer:
    """The person says it in the thread's channel."""
    asked = replace(
        thread.asked(), place=replace(thread.place, thread=""), in_conversation=False, shared=True
    )
    answer = await thread.desk.run(asked, line)
    assert answer is not None
    return answer


async def make_admin(thread: Thread) -> None:
    """The person may choose for others."""
    await thread.store.people.grant(thread.person_id, "admin", "web:main")


async def in_thread(thread: Thread, line: str) -> Answer:
    """The person says it in a thread that others read too."""
    answer = await thread.desk.run(replace(thread.asked(), shared=True), line)
    assert answer is not None
    return answer


async def test_model_sets_the_channels_default(thread: Thread) -> None:
    """Every thread that has chosen no other is answered by it; what that changes is said; it is audited."""
    await make_admin(thread)
    answer = await in_channel(thread, "/model demo/quick scope:channel")
    assert answer.view.text == (
        "**demo/quick** answers in this channel's threads from now on, where a thread has chosen no other. "
        "Price: free (before: $0.10 in, $0.50 out per million)."
    )
    assert answer.refresh
    assert (await thread.say("/model")).startswith("**demo/quick** answers here: the channel's default.")
    [audited] = await thread.store.audit.latest(1)
    assert (audited.subject, audited.person_id) == ("place:web:main/general model", thread.person_id)
    again = await in_channel(thread, "/model quick scope:channel")
    assert (
        again.view.text == "**demo/quick** answers in this channel's threads already: the channel's default."
    )


async def test_a_thread_that_chose_keeps_its_own(thread: Thread) -> None:
    """The channel's default does not reach into it."""
    await thread.say("/model demo/story")
    await make_admin(thread)
    await in_channel(thread, "/model demo/quick scope:channel")
    assert (await thread.say("/model")).startswith("**demo/story** answers here: set in this thread.")


async def test_model_says_what_answers_in_the_channel(thread: Thread) -> None:
    """And why; to look changes nothing."""
    said = (await in_channel(thread, "/model")).view.text
    assert said.startswith(
        f"**{LUNA}** answers in this channel's threads: the default for what is configured."
    )
    assert await thread.store.conversations.current(str(replace(thread.place, thread=""))) is None


async def test_default_takes_the_channels_choice_back(thread: Thread) -> None:
    """Twice is harmless."""
    await make_admin(thread)
    await in_channel(thread, "/model demo/quick scope:channel")
    for _ in range(2):
        said = (await in_channel(thread, "/model default scope:channel")).view.text
        assert said == f"**{LUNA}** answers in this channel's threads: the default for what is configured."


async def test_a_move_to_the_cloud_is_said_to_the_channel(thread: Thread) -> None:
    """Privacy comes before the first message."""
    await make_admin(thread)
    await in_channel(thread, "/model story scope:channel")
    said = (await in_channel(thread, f"/model {LUNA} scope:channel")).view.text
    assert "now goes to OpenAI." in said


async def test_a_model_that_may_not_be_used_is_no_default(thread: Thread) -> None:
    """The rule speaks before anything changes."""
    await thread.store.settings.set("place:web:main", "models.allowed", ["demo/*"], None)
    answer = await in_channel(thread, f"/model {LUNA} scope:me")
    assert answer.view.tone is Tone.ERROR
    assert "may not be used" in answer.view.text
    found = await thread.store.settings.get_many(["place:web:main/general"], "model")
    assert not found


@pytest.mark.parametrize("line", ["/new", "/stop", "/retry", "/continue", "/rate good"])
async def test_what_belongs_to_a_conversation_says_where_it_works(thread: Thread, line: str) -> None:
    """Nothing happens, and the way is named."""
    answer = await in_channel(thread, line)
    name = line.split(maxsplit=1)[0]
    assert answer.view.tone is Tone.ERROR
    assert f"write `@Switchboard {name[1:]}` in a thread" in answer.view.text


async def test_help_works_everywhere(thread: Thread) -> None:
    """Also where there is no conversation."""
    assert "/model" in (await in_channel(thread, "/help")).view.text


async def test_follow_says_and_sets_what_is_answered(thread: Thread) -> None:
    """For the whole channel, whether it is said there or in a thread."""
    channel = replace(thread.place, thread="")
    said = await in_channel(thread, "/follow")
    assert "every message is answered once a conversation has begun" in said.view.text
    assert not said.refresh
    answer = await in_thread(thread, "/follow mentions")
    assert answer.refresh
    assert answer.view.text == (
        "In this channel's threads only messages that mention me are answered from now on."
    )
    found = await thread.store.settings.get_many([f"place:{channel}"], "follow")
    assert found[f"place:{channel}"].value == "mentions"
    assert "`/follow threads` changes that" in (await in_channel(thread, "/follow")).view.text
    await in_channel(thread, "/follow threads")
    assert "`/follow mentions` changes that" in (await in_channel(thread, "/follow")).view.text


async def test_follow_has_nothing_to_choose_among_two(thread: Thread) -> None:
    """In a direct message and on the web every message is meant for us."""
    assert (
        await thread.say("/follow mentions") == "Every message here is answered; there is nothing to choose."
    )
    assert not await thread.store.settings.get_many([f"place:{replace(thread.place, thread='')}"], "follow")
