"""Agents: those of all workspaces, and a workspace's own."""

from __future__ import annotations

from storage.agents import EVERYWHERE, Persona
from storage.store import Store


async def test_a_workspaces_own_hides_one_of_all(store: Store) -> None:
    """By its name in any case; others see what was there before. A second put changes the first."""
    await store.agents.put("slack:T1", "Code", Persona("Mine."), 7)
    changed = await store.agents.put(
        "slack:T1", "CODE", Persona("Mine again.", "demo/quick", 0.5, "low", 9, "x"), 8
    )
    assert [one.name for one in await store.agents.all("slack:T1")] == ["Code", "general", "research"]
    assert changed.persona == Persona("Mine again.", "demo/quick", 0.5, "low", 9, "x")
    assert (changed.created_by, changed.name) == (7, "Code")
    assert (await store.agents.all("slack:T2"))[0].workspace_id == EVERYWHERE
    second, first = await store.audit.latest(2)
    assert (first.before, second.person_id, '"Mine."' in (second.before or "")) == (None, 8, True)


async def test_a_removed_one_is_gone_and_its_name_free(store: Store) -> None:
    """Twice is harmless; a conversation that had it finds nothing."""
    made = await store.agents.put("slack:T1", "pirate", Persona("Arr."), 7)
    for _ in range(2):
        await store.agents.remove(made.id, 7)
    assert await store.agents.get(made.id) is None
    again = await store.agents.put("slack:T1", "pirate", Persona("Arr!"), 7)
    assert again.id != made.id
    assert [row.action for row in await store.audit.latest(3)] == ["set agent", "remove agent", "set agent"]


async def test_a_conversations_agent_and_system_text(store: Store) -> None:
    """Both are set and taken back, and audited, the text by its length alone."""
    conversation = await store.conversations.start_new("slack:T1/C1/1")
    await store.conversations.set_agent(conversation.id, 1, by=7)
    await store.conversations.set_system(conversation.id, "Be brief.", by=7)
    now = await store.conversations.get(conversation.id)
    assert (now.agent_id, now.system) == (1, "Be brief.")
    last = await store.audit.last("set system", f"conversation:{conversation.id}")
    assert last is not None
    assert (last.person_id, last.after) == (7, '{"characters": 9}')
    await store.conversations.set_system(conversation.id, None, by=7)
    await store.conversations.set_agent(conversation.id, None, by=7)
    assert (await store.conversations.get(conversation.id)).system is None


async def test_what_a_person_chose_for_the_next_conversation(store: Store) -> None:
    """In that channel, once, and for that person alone."""
    await store.settings.set("person:7@slack:T1/C1", "model.next", "demo/story", 7)
    assert (await store.conversations.start_new("slack:T1/C1/1", 8)).current_model is None
    assert (await store.conversations.start_new("slack:T1/C2/1", 7)).current_model is None
    assert (await store.conversations.start_new("slack:T1/C1/2", 7)).current_model == "demo/story"
    assert (await store.conversations.start_new("slack:T1/C1/3", 7)).current_model is None


async def test_an_agent_gets_another_name(store: Store) -> None:
    """Its name and all else change together, and are audited; a name that is taken, or of one that is gone, is not."""
    made = await store.agents.put("slack:T1", "pirate", Persona("Arr."), 7)
    await store.agents.put("slack:T1", "Captain", Persona("Ahoy."), 7)
    assert await store.agents.change(made.id, "captain", Persona("Mine."), 8) is None
    changed = await store.agents.change(made.id, "corsair", Persona("Ho.", temperature=0.5), 8)
    assert changed is not None
    assert (changed.name, changed.instructions, changed.temperature) == ("corsair", "Ho.", 0.5)
    last = (await store.audit.latest(1))[0]
    assert last.before is not None
    assert '"name": "pirate"' in last.before
    again = await store.agents.put("slack:T1", "pirate", Persona("Arr again."), 7)
    assert again.id != made.id
    await store.agents.remove(made.id, 7)
    assert await store.agents.change(made.id, "other", Persona("No."), 8) is None
