"""Workspaces have a clock, and channels with settings beneath them."""

from __future__ import annotations

from storage.store import Store


async def test_the_clock_of_a_workspace_is_set(store: Store) -> None:
    """Zone and first day change together, with what they were before in the audit; elsewhere nothing does."""
    for place in ("slack:T1/C1/1", "slack:T2/C1/1"):
        await store.conversations.start_new(place, None)
    await store.workspaces.set_clock("slack:T1", "Europe/Berlin", 6, 7)
    found, other = await store.workspaces.get("slack:T1"), await store.workspaces.get("slack:T2")
    assert found is not None
    assert other is not None
    assert (found.time_zone, found.first_weekday) == ("Europe/Berlin", 6)
    assert (other.time_zone, other.first_weekday) == ("UTC", 0)
    last = (await store.audit.latest(1))[0]
    assert (last.person_id, last.before) == (7, '{"time_zone": "UTC", "first_weekday": 0}')
    await store.workspaces.set_clock("slack:nowhere", "UTC", 0, 7)
    assert (await store.audit.latest(1))[0] == last


async def test_the_channels_of_a_workspace(store: Store) -> None:
    """Each once, the last used first, and none of another workspace whose name begins the same."""
    for place in ("slack:T1/C1/1", "slack:T1/C2/1", "slack:T1/C2/2", "slack:T11/C3/1"):
        await store.conversations.start_new(place, None)
    assert await store.workspaces.channels("slack:T1") == ["slack:T1/C2", "slack:T1/C1"]


async def test_settings_beneath_a_place_and_of_people(store: Store) -> None:
    """Only those of places within it; letters that stand for others in a search are taken as they are."""
    settings = store.settings
    for scope in (
        "place:a_b:T1",
        "place:a_b:T1/C1",
        "place:axb:T1/C2",
        "place:a_b:T11/C3",
        "person:5",
        "person:5@x",
    ):
        await settings.set(scope, "model", scope, None)
    assert list(await settings.beneath("place:a_b:T1", ["model", "chain"])) == [("place:a_b:T1/C1", "model")]
    assert list(await settings.of_people("model")) == [5]


async def test_names_are_kept_and_replaced_and_written_once(store: Store) -> None:
    """A channel's and its workspace's, each by the last word of the platform; what is not known is not there."""
    await store.workspaces.note_names("slack:T1/C1", "general", "Acme")
    noted = await store.settings.get_many(["place:slack:T1/C1"], "channel.name")
    await store.workspaces.note_names("slack:T1/C1", "general", "Acme")
    assert await store.settings.get_many(["place:slack:T1/C1"], "channel.name") == noted
    assert await store.workspaces.channel_names(["slack:T1/C1", "slack:T1/C2"]) == {"slack:T1/C1": "general"}
    assert await store.people.workspaces() == [("slack:T1", "Acme")]
    await store.workspaces.note_names("slack:T1/C1", "all-hands", "")
    assert await store.workspaces.channel_names(["slack:T1/C1"]) == {"slack:T1/C1": "all-hands"}
    assert await store.workspaces.channel_names([]) == {}
    found = await store.workspaces.get("slack:T1")
    assert found is not None
    assert found.name == "Acme"
    assert await store.audit.latest() == [], "nobody decided that"
