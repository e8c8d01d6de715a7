"""Conversations: one writer at a time, messages as a tree, lists."""

import asyncio
import json

import pytest

from storage.inbox import NewAttachment
from storage.store import Store
from tests.storage.given import PLACE, answered, claimed, said


async def test_one_process_gets_the_claim(store: Store) -> None:
    """Of many that want a conversation at once exactly one gets it."""
    conversation = await store.conversations.start_new(PLACE)
    claims = await asyncio.gather(*(store.conversations.claim(conversation.id, f"p{n}") for n in range(20)))
    [claim] = [claim for claim in claims if claim is not None]
    now = await store.conversations.get(conversation.id)
    assert (now.owner, now.fence) == (claim.process, claim.fence) == (claim.process, 1)


async def test_claim_of_the_dead_is_taken_over(store: Store) -> None:
    """The living cannot be robbed; the dead can, and the fence moves on."""
    first = await claimed(store, process="one")
    assert await store.conversations.claim(first.conversation_id, "two", {"three"}) is None
    second = await store.conversations.claim(first.conversation_id, "two", {"one", "three"})
    assert second is not None
    assert second.fence == first.fence + 1
    await store.conversations.release(first)
    assert (await store.conversations.get(first.conversation_id)).owner == "two"
    await store.conversations.release(second)
    assert (await store.conversations.get(first.conversation_id)).owner is None


async def test_unknown_conversation(store: Store) -> None:
    """What is not there cannot be claimed, read, or changed."""
    assert await store.conversations.claim(99, "here") is None
    assert await store.conversations.current(PLACE) is None
    assert await store.conversations.branch(99) == []
    with pytest.raises(LookupError):
        await store.conversations.get(99)
    with pytest.raises(LookupError):
        await store.conversations.set_model(99, "demo/quick")


async def test_new_conversation_takes_the_place_over(store: Store) -> None:
    """After /new the place has an empty conversation without a model of its own, and what is said goes there."""
    claim = await claimed(store)
    await store.conversations.set_model(claim.conversation_id, "demo/quick", 7)
    new = await store.conversations.start_new(PLACE, 7)
    assert (new.current_model, new.head_id, new.person_id, new.title) == (None, None, 7, "")
    assert await store.conversations.current(PLACE) == new
    received = await store.inbox.receive(said("Next", "2"))
    assert received.conversation_id == new.id
    assert (await store.conversations.get(new.id)).title == "Next"


async def test_model_is_set_and_audited(store: Store) -> None:
    """Setting a model keeps who did it and what it was before."""
    conversation = await store.conversations.start_new(PLACE)
    await store.conversations.set_model(conversation.id, "demo/quick", 7)
    await store.conversations.set_model(conversation.id, None, 8)
    assert (await store.conversations.get(conversation.id)).current_model is None
    last, first = await store.audit.latest(2)
    assert (first.person_id, first.before, json.loads(first.after or "")) == (7, None, "demo/quick")
    assert (last.person_id, json.loads(last.before or ""), last.after) == (8, "demo/quick", None)
    assert last.action == "set model"
    assert last.subject == f"conversation:{conversation.id}"


async def test_branch_leads_from_the_root(store: Store) -> None:
    """A branch is the way from the first message to the one that is asked for, and nothing beside it."""
    claim = await claimed(store, said("One"))
    first = await store.replies.take(claim)
    assert first is not None
    second = await answered(store, claim, said("Two", "2"), "Answer two")
    conversation = await store.conversations.get(claim.conversation_id)
    assert conversation.head_id is not None
    branch = await store.conversations.branch(conversation.head_id)
    assert [(m.role, m.text) for m in branch] == [
        ("user", "One"),
        ("user", "Two"),
        ("assistant", "Answer two"),
    ]
    assert [m.text for m in await store.conversations.branch(first.question_id)] == ["One"]
    assert branch[1].id == second.question_id


async def test_attachments_come_with_their_bytes(store: Store) -> None:
    """Files are read by message; messages without any are left out."""
    file = NewAttachment("a.png", "image/png", b"\x89PNG\x00")
    claim = await claimed(store, said(files=(file,)))
    found = await store.replies.take(claim)
    assert found is not None
    files = await store.conversations.attachments([found.question_id, 99])
    assert [(f.name, f.data, f.size) for f in files[found.question_id]] == [("a.png", b"\x89PNG\x00", 5)]
    assert list(files) == [found.question_id]
    assert await store.conversations.attachments([]) == {}


async def test_list_is_the_persons_own_on_one_platform(store: Store) -> None:
    """The side bar shows what a person started on the platform, the last used first, page by page."""
    for n, place in enumerate(("web:main/7/a", "web:main/7/b", "slack:T1/C1", "web:main/7/c")):
        await store.inbox.receive(said(f"Thread {n}", str(n), place=place))
    await store.inbox.receive(said("Somebody else's", "x", place="web:main/8/z", person_id=8))
    await store.inbox.receive(said("Once more", "y", place="web:main/7/a"))
    listed = await store.conversations.list_for_person(7, "web", 2)
    assert [one.title for one in listed] == ["Thread 0", "Thread 3"]
    rest = await store.conversations.list_for_person(7, "web", 5, listed[-1].updated_at)
    assert [(one.title, one.place) for one in rest] == [("Thread 1", "web:main/7/b")]


async def test_renamed_and_deleted(store: Store) -> None:
    """A new name shows in the list; a deleted conversation is in no list and not the place's own any more."""
    place = "web:main/7/a"
    received = await store.inbox.receive(said(place=place))
    await store.conversations.rename(received.conversation_id, "Plans")
    [listed] = await store.conversations.list_for_person(7, "web", 5)
    assert listed.title == "Plans"
    await store.conversations.delete(received.conversation_id, 7)
    assert await store.conversations.list_for_person(7, "web", 5) == []
    assert await store.conversations.current(place) is None
    assert (await store.conversations.get(received.conversation_id)).deleted_at is not None
    assert (await store.audit.latest())[0].action == "delete"
