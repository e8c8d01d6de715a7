"""Settings, processes, tasks: small tables, each with its rules."""

import asyncio
import json

import pytest

from storage.errors import ClaimLost
from storage.store import Store
from storage.tasks import NewTask


async def test_settings_by_scope(store: Store) -> None:
    """One query finds a key at many scopes; a value is what was set, with who and when."""
    await store.settings.set("place:slack:T1", "model", "demo/quick", 7)
    await store.settings.set("person:7", "model", {"any": ["json", None, 1]}, None)
    await store.settings.set("person:7", "other", 1, 7)
    found = await store.settings.get_many(["installation", "person:7", "place:slack:T1", "place:x"], "model")
    assert {scope: (one.value, one.set_by) for scope, one in found.items()} == {
        "place:slack:T1": ("demo/quick", 7),
        "person:7": ({"any": ["json", None, 1]}, None),
    }
    assert await store.settings.get_many([], "model") == {}


async def test_setting_is_changed_and_taken_back(store: Store) -> None:
    """A second value replaces the first; both, and taking it back, are in the audit."""
    for value in ("one", "two"):
        await store.settings.set("installation", "model", value, 7)
    for _ in range(2):
        await store.settings.clear("installation", "model", 8)
    assert await store.settings.get_many(["installation"], "model") == {}
    cleared, second, first = await store.audit.latest()
    assert (first.action, first.subject, first.before, first.after) == (
        "set",
        "installation model",
        None,
        '"one"',
    )
    assert (second.before, second.after) == ('"one"', '"two"')
    assert (cleared.action, cleared.person_id, cleared.before, cleared.after) == ("clear", 8, '"two"', None)


async def test_beats_move(store: Store) -> None:
    """A process joins once, its beat moves with each beat, and its slots are what it said last."""
    await store.processes.join("one")
    await store.processes.join("one")
    assert await store.processes.all() == {"one": (0, {})}
    await store.processes.beat("one", {"slack:T1": 2})
    await store.processes.beat("one", {})
    await store.processes.beat("two", {"slack:T1": 1})
    assert await store.processes.all() == {"one": (2, {}), "two": (1, {"slack:T1": 1})}
    await store.processes.leave("one")
    await store.processes.leave("one")
    assert list(await store.processes.all()) == ["two"]


async def test_task_is_started_once_per_key(store: Store) -> None:
    """A key starts one task, at the same moment too; without a key each is its own."""
    started = await asyncio.gather(*(store.tasks.start(NewTask("digest", key="2026-W47")) for _ in range(8)))
    assert len({task.id for task in started}) == 1
    assert (await store.tasks.start(NewTask("pull"))).id != (await store.tasks.start(NewTask("pull"))).id
    assert len(await store.tasks.due()) == 3
    assert len(await store.tasks.due(limit=2)) == 2


async def test_task_is_run_by_one(store: Store) -> None:
    """Who claims a task says how far it is and ends it; then nobody can claim it any more."""
    task = await store.tasks.start(NewTask("pull", json.dumps({"model": "x"}), place="slack:T1/C1", total=10))
    claims = await asyncio.gather(*(store.tasks.claim(task.id, f"p{n}") for n in range(5)))
    [claim] = [claim for claim in claims if claim is not None]
    await store.tasks.progress(claim, 3, note="three of ten")
    await store.tasks.progress(claim, 4, total=12)
    running = await store.tasks.get(task.id)
    assert running is not None
    assert (running.state, running.done, running.total, running.owner) == ("running", 4, 12, claim.process)
    assert (running.payload, running.place) == ('{"model": "x"}', "slack:T1/C1")
    await store.tasks.finish(claim, note="done")
    ended = await store.tasks.get(task.id)
    assert ended is not None
    assert (ended.state, ended.note, ended.owner) == ("done", "done", None)
    assert await store.tasks.claim(task.id, "late", {claim.process}) is None
    with pytest.raises(ClaimLost):
        await store.tasks.progress(claim, 5)


async def test_task_of_the_dead_is_due_again(store: Store) -> None:
    """What a dead process left running can be claimed; its old claim writes nothing."""
    task = await store.tasks.start(NewTask("pull"))
    old = await store.tasks.claim(task.id, "dead")
    assert old is not None
    assert await store.tasks.due() == []
    assert [one.id for one in await store.tasks.due({"dead"})] == [task.id]
    assert await store.tasks.claim(task.id, "other") is None
    new = await store.tasks.claim(task.id, "other", {"dead"})
    assert new is not None
    with pytest.raises(ClaimLost):
        await store.tasks.finish(old)
    await store.tasks.finish(new, failed=True, note="no such model")
    failed = await store.tasks.get(task.id)
    assert failed is not None
    assert (failed.state, failed.note) == ("failed", "no such model")
    assert await store.tasks.get(99) is None
