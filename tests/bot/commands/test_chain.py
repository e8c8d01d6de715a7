"""``/chain``: what is said of who stands in, who may set it, and that it is audited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.view import Tone
from tests.bot.commands.conftest import Thread

OLDER = "openai/gpt-4.1"


async def shared(thread: Thread, line: str, *, channel: bool = False) -> str:
    """The person says it where others read along: in a thread, or in its channel."""
    place = replace(thread.place, thread="") if channel else thread.place
    asked = replace(thread.asked(), place=place, shared=True, in_conversation=not channel)
    answer = await thread.desk.run(asked, line)
    assert answer is not None
    return answer.view.text


async def test_it_says_who_stands_in_and_why(thread: Thread) -> None:
    """Nobody behind the default itself; then the chain of the nearest level that has one."""
    default = thread.registry.default()
    assert (await thread.say("/chain")).startswith(
        f"If **{default}** fails, no other model answers in its place. "
    )
    await thread.store.settings.set("place:web:main", "chain", ["demo/story"], None)
    assert "**demo/story** is asked (the workspace's chain)" in await thread.say("/chain")
    said = await thread.say("/chain gpt-4.1, demo/quick gpt-4.1")
    assert said == f"From the next message on, here: **{OLDER}** is asked, then **demo/quick**."
    [audited] = await thread.store.audit.latest(1)
    assert (audited.subject, audited.person_id) == (f"place:{thread.place} chain", thread.person_id)
    assert f"**{OLDER}** is asked, then **demo/quick** (this thread's chain)" in await thread.say("/chain")
    assert "**demo/story** is asked (the workspace's chain)" in await thread.say("/chain clear")


async def test_what_others_live_with_is_an_admin_s(thread: Thread) -> None:
    """A channel's or a workspace's; a thread's own is anybody's, as its model is."""
    for line in ("/chain set channel demo/quick", "/chain clear channel", "/chain off workspace"):
        assert (await shared(thread, line)).startswith("Only an admin of this workspace may set a chain")
    assert "here" in await shared(thread, "/chain demo/quick")
    assert (await shared(thread, "/chain demo/quick", channel=True)).startswith("Only an admin")
    await thread.store.people.grant(thread.person_id, "admin", "web:main")
    assert "in this channel" in await shared(thread, "/chain set channel demo/story")
    found = await thread.store.settings.get_many(["place:web:main/general"], "chain")
    assert found["place:web:main/general"].value == ["demo/story"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/chain set", "Name the models to ask, or none"),
        ("/chain off demo/quick", "Name the models to ask, or none"),
        ("/chain demo/quick, demo/nonsense", "There is no model “demo/nonsense” here."),
        ("/chain " + " ".join(f"openai/m{n}" for n in range(6)), "A chain has at most 5 models."),
    ],
)
async def test_what_makes_no_sense_changes_nothing(thread: Thread, line: str, said: str) -> None:
    """And is said to be so."""
    answer = await thread.desk.run(thread.asked(), line)
    assert answer is not None
    assert answer.view.tone is Tone.ERROR
    assert answer.view.text.startswith(said)
    assert await thread.store.settings.get_many([f"place:{thread.place}"], "chain") == {}


async def test_a_model_that_may_not_be_used_is_no_part_of_a_chain(thread: Thread) -> None:
    """Said when it is set, not when it is needed."""
    await thread.store.settings.set("installation", "models.allowed", ["openai/*"], None)
    assert "may not be used on this installation" in await thread.say("/chain demo/quick")
