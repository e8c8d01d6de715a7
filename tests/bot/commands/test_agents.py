"""``/agent`` and ``/system``: dialogues."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import agents
from tests.bot.commands.conftest import Thread

LUNA = "openai/gpt-6-luna"
PIRATE = (
    "/agent new pirate: You answer like a pirate."
    " model:demo/story temperature:0.5 effort:low max-output:500 icon:🏴"
)


async def make_admin(thread: Thread) -> None:
    await thread.store.people.grant(thread.person_id, "admin", "web:main")


async def test_three_ship_as_examples(thread: Thread) -> None:
    """Each with a button; their models are found among what is set up, and all of them is shown on request."""
    answer = await thread.desk.run(thread.asked(), "/agent")
    assert answer is not None
    assert answer.view.text.startswith("No agent answers here.\n\n- **🛠️ code**: You are an experienced")
    assert [button.command for button in answer.view.buttons] == [
        "agent code",
        "agent general",
        "agent research",
    ]
    shown = await thread.say("/agent show research")
    assert shown.startswith("**🔎 research** (model: the one that reads most at once)\n\n> You are a careful")
    assert "temperature: 0.2" in await thread.say("/agent show CODE")


async def test_choosing_one_brings_its_model(thread: Thread) -> None:
    """Before the channel's, but not before the thread's own; leaving it leaves its model."""
    await make_admin(thread)
    await thread.store.settings.set("place:web:main/general", "model", "demo/quick", None)
    await thread.say(PIRATE)
    said = await thread.say("/agent pirate")
    assert said.startswith(
        "**🏴 pirate** answers here from the next message on, by **demo/story**: the model of the agent pirate."
    )
    assert "- **its agent: `demo/story` (the model of the agent pirate), set by Ada on" in await thread.say(
        "/model levels"
    )
    assert await thread.say("/agent Pirate") == "**🏴 pirate** answers here already."
    await thread.say("/model thorough")
    assert (await thread.desk.chosen(thread.asked())).level == "thread"
    await thread.say("/model default")
    assert await thread.say("/agent none") == (
        "No agent answers here any more. **demo/quick** answers: the channel's default."
    )
    assert await thread.say("/agent none") == "No agent answers here."


async def test_what_it_brings_reaches_the_model(thread: Thread) -> None:
    """Instructions before the thread's own text, and the parameters."""
    await make_admin(thread)
    await thread.say(PIRATE)
    await thread.say("/agent pirate")
    await thread.say("/system Answer in French.")
    conversation = await thread.here()
    [agent] = [one for one in await thread.store.agents.all("web:main") if one.id == conversation.agent_id]
    assert agents.system_text(agent, conversation) == "You answer like a pirate.\n\nAnswer in French."
    brought = agents.parameters(agent)
    assert (brought.max_output, brought.temperature, brought.effort) == (500, 0.5, "low")


async def test_only_admins_make_and_change_them(thread: Thread) -> None:
    """A workspace's own stands before the one of all; it is audited, and removed it shows the one of all again."""
    assert "Only an admin of this workspace may make or change agents." in await thread.error(PIRATE)
    await make_admin(thread)
    await thread.say("/agent edit code: Write Haskell. temperature:none icon:none model:none")
    assert await thread.say("/agent show code") == ("**code** (model: none of its own)\n\n> Write Haskell.")
    assert (await thread.store.audit.latest(1))[0].action == "set agent"
    assert [one.name for one in await thread.store.agents.all("web:other")] == ["code", "general", "research"]
    assert "Write Haskell" not in (await thread.store.agents.all("web:other"))[0].instructions
    await thread.say("/agent remove code")
    assert "experienced" in await thread.say("/agent show code")
    assert "Only the owner of this installation may remove" in await thread.error("/agent remove code")
    await thread.store.people.grant(thread.person_id, "owner")
    await thread.say("/agent remove code")
    assert (
        await thread.error("/agent code") == "There is no agent “code” here. Nearest: `general`, `research`."
    )


@pytest.mark.parametrize(
    ("line", "say"),
    [
        ("/agent pirat", "There is no agent “pirat” here."),
        ("/agent new general: x", "There is an agent “general” already"),
        ("/agent new none: x", "cannot be an agent's name"),
        ("/agent new a/b x", "cannot be an agent's name"),
        ("/agent new pirate", "Say what it shall do"),
        ("/agent edit nobody: x", "There is no agent “nobody” here."),
        ("/agent edit", "Say which one: `/agent edit NAME`."),
        ("/agent code Write C.", "To change an agent: `/agent edit code: …`."),
        ("/agent edit code temperature:9", "A temperature is a number from 0 to 2"),
        ("/agent edit code effort:huge", "There is no effort “huge”. Nearest: "),
        ("/agent edit code max-output:many", "max-output wants a number, not “many”."),
        ("/agent edit code model:auto:free", "There is no wish “free”; there are `auto:cheap`"),
        ("/agent edit code model:nope", "There is no model “nope” here."),
        (f"/agent new long: {'x' * 16_001}", "Instructions may have 16,000 characters"),
        (f"/system {'x' * 16_001}", "A system text may have 16,000 characters"),
    ],
)
async def test_what_cannot_be_used_gets_a_sentence(thread: Thread, line: str, say: str) -> None:
    """And nothing is changed."""
    await make_admin(thread)
    assert say in await thread.error(line)
    assert len(await thread.store.agents.all("web:main")) == 3


async def test_a_model_that_may_not_be_used_brings_no_agent(thread: Thread) -> None:
    """The rule speaks before anything changes; a wish is fulfilled within the rules."""
    await make_admin(thread)
    await thread.say(f"/agent new costly: Spend. model:{LUNA}")
    await thread.store.settings.set("place:web:main", "models.local_only", True, None)
    assert "may not be used in this workspace: only local models may" in await thread.error("/agent costly")
    assert await thread.store.conversations.current(str(thread.place)) is None
    assert "by **demo/" in await thread.say("/agent code")


async def test_in_a_channel_it_is_shown(thread: Thread) -> None:
    """It is chosen for a thread, and that is said."""
    outside = replace(
        thread.asked(), place=replace(thread.place, thread=""), in_conversation=False, shared=True
    )
    answer = await thread.desk.run(outside, "/agent code")
    assert answer is not None
    assert "write `@Switchboard agent code` in one. **🛠️ code**" in answer.view.text
    answer = await thread.desk.run(outside, "/agent")
    assert answer is not None
    assert answer.view.buttons == ()


async def test_system_shows_sets_and_clears(thread: Thread) -> None:
    """What it says stays out of the audit."""
    assert (await thread.say("/system")).startswith("This thread has no system text.")
    assert await thread.say("/system Answer in French.\nBriefly.") == (
        "From the next message on every model here is told first:\n\n> Answer in French.\n> Briefly."
    )
    assert "> Answer in French." in await thread.say("/system")
    [audited] = await thread.store.audit.latest(1)
    assert (audited.action, audited.after) == ("set system", '{"characters": 26}')
    await thread.say("/agent general")
    assert "`/agent show general`" in await thread.say("/system")
    said = await thread.say("/new")
    assert "The agent **💬 general** and the system text stay with the old one." in said
    assert await thread.say("/system clear") == "This thread has no system text."
    await thread.say("/system Hm.")
    assert await thread.say("/system CLEAR") == "The thread's system text is taken back."
    assert (await thread.here()).system is None
