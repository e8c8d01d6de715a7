"""Settings, processes, tasks: small tables, each with its rules."""

import asyncio
import json

import pytest

from storage.errors import ClaimLost
from storage.replies import SealedMessage
from storage.store import Store
from storage.tasks import NewTask
from tests.storage.given import taken


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


async def test_verdict_is_the_last_one_given(store: Store) -> None:
    """Each person has one verdict on an answer: the last, until it is taken back."""
    claim, found = await taken(store)
    answer = await store.replies.seal(
        claim, found.reply.id, message=SealedMessage("Hi", "complete", "demo/quick")
    )
    await store.feedback.set(answer, 7, "good", "demo/quick")
    await store.feedback.set(answer, 8, "bad")
    await store.feedback.set(answer, 7, "bad", "demo/deep")
    assert [(one.person_id, one.verdict, one.model) for one in await store.feedback.of(answer)] == [
        (7, "bad", "demo/deep"),
        (8, "bad", "demo/quick"),
    ]
    for _ in range(2):
        await store.feedback.clear(answer, 7, "good")
        await store.feedback.clear(answer, 8, "bad")
    assert [one.person_id for one in await store.feedback.of(answer)] == [7]


async def test_task_that_is_shown_owes_its_last_words(store: Store) -> None:
    """Who ends it tells; where that process died first, another one claims it to tell, and only that."""
    task = await store.tasks.start(NewTask("pull", place="slack:T1/C1", total=10), by=7)
    assert (await store.audit.latest(1))[0].subject == f"task:{task.id}"
    claim = await store.tasks.claim(task.id, "dead")
    assert claim is not None
    await store.tasks.posted(claim, "task1", None)
    await store.tasks.posted(claim, "task1", "m1")
    await store.tasks.finish(claim, note="all there")
    assert await store.tasks.orphaned() == {"dead"}
    assert [one.id for one in await store.tasks.due({"dead"})] == [task.id]
    teller = await store.tasks.claim(task.id, "other", {"dead"})
    assert teller is not None
    row = await store.tasks.get(task.id)
    assert row is not None
    assert (row.state, row.done, row.owes, row.message_id, row.owner) == ("done", 10, True, "m1", "other")
    await store.tasks.told(claim)  # too late: it is another's
    await store.tasks.told(teller)
    row = await store.tasks.get(task.id)
    assert row is not None
    assert (row.owes, row.owner, await store.tasks.due({"other"})) == (False, None, [])


async def test_task_can_be_stopped_and_let_go(store: Store) -> None:
    """Whoever runs it learns of the wish by its own writes and by a look; a task that is let go waits again."""
    task = await store.tasks.start(NewTask("pull", key="k1"))
    assert [one.id for one in await store.tasks.open_of("pull")] == [task.id]
    await store.processes.join("p1")
    claim = await store.tasks.claim(task.id, "p1")
    assert claim is not None
    assert await store.tasks.progress(claim, 1) is False
    assert await store.tasks.orphaned() == frozenset()
    assert await store.tasks.request_stop(task.id, by=7)
    assert await store.tasks.progress(claim, 2) is True
    assert await store.tasks.stops("p1") == [task.id]
    await store.tasks.release(claim)
    assert (await store.tasks.due())[0].state == "waiting"
    again = await store.tasks.claim(task.id, "p2")
    assert again is not None
    await store.tasks.finish(again, stopped=True)
    assert not await store.tasks.request_stop(task.id)
    [row] = await store.tasks.newest("pull")
    assert (row.state, row.owes, row.owner) == ("stopped", False, None)
    assert await store.tasks.open_of("pull") == []
