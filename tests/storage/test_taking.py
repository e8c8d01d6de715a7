"""Taking: a burst becomes user messages and one open reply."""

import asyncio
from dataclasses import replace

import pytest

from storage.errors import ClaimLost
from storage.inbox import NewAttachment
from storage.replies import SealedMessage
from storage.store import Store
from tests.storage.given import PLACE, again, answered, claimed, said, taken


async def test_burst_is_answered_once(store: Store) -> None:
    """Everything that waits becomes a chain of messages under one reply to the last of them."""
    claim, found = await taken(store, said("One"), said("Two", "2", person_id=8))
    branch = await store.conversations.branch(found.question_id)
    assert [(m.text, m.role, m.author_name, m.person_id) for m in branch] == [
        ("One", "user", "Ann", 7),
        ("Two", "user", "Ann", 8),
    ]
    assert found.person_id == 8
    reply = found.reply
    assert (reply.state, reply.phase, reply.text, reply.shown, reply.attempt) == ("open", "waiting", "", 0, 1)
    assert (reply.place, reply.process, reply.fence) == (PLACE, "here", claim.fence)
    assert reply.question_id == reply.parent_id == found.question_id
    assert [item.reply_id for item in found.items] == [None, None]
    assert await store.inbox.waiting(claim.conversation_id) == []
    assert await store.replies.take(claim) is None
    assert (await store.conversations.get(claim.conversation_id)).head_id == found.question_id


async def test_next_question_follows_the_answer(store: Store) -> None:
    """The head is the answer, so the next question stands under it."""
    claim, found = await taken(store)
    answer = await store.replies.seal(claim, found.reply.id, message=SealedMessage("Hi", "complete"))
    await store.inbox.receive(said("And?", "2"))
    second = await store.replies.take(claim)
    assert second is not None
    branch = await store.conversations.branch(second.question_id)
    assert [m.id for m in branch][1] == answer
    assert branch[-1].parent_id == answer


async def test_files_move_to_the_message(store: Store) -> None:
    """An item's files become its message's."""
    file = NewAttachment("a.txt", "text/plain", b"text")
    _, found = await taken(store, said(files=(file,)), said("No file", "2"))
    first = (await store.conversations.branch(found.question_id))[0]
    assert [f.name for f in (await store.conversations.attachments([first.id]))[first.id]] == ["a.txt"]
    assert [f.name for f in found.items[0].attachments] == ["a.txt"]


async def test_old_fence_takes_nothing(store: Store) -> None:
    """Who lost the claim takes nothing, and what waits still waits."""
    claim = await claimed(store)
    assert await store.conversations.claim(claim.conversation_id, "other", {"here"}) is not None
    with pytest.raises(ClaimLost):
        await store.replies.take(claim)
    assert len(await store.inbox.waiting(claim.conversation_id)) == 1


async def test_an_item_is_taken_once(store: Store) -> None:
    """Two takes at the same moment open one reply between them."""
    claim = await claimed(store)
    found = await asyncio.gather(*(store.replies.take(claim) for _ in range(8)))
    assert sum(one is not None for one in found) == 1
    assert len(await store.replies.open_of(claim.conversation_id)) == 1


async def test_retry_answers_the_same_question(store: Store) -> None:
    """Again makes a branch: a second answer beside the first, under the same question, by the model asked for."""
    claim, first = await taken(store)
    old = await store.replies.seal(claim, first.reply.id, message=SealedMessage("One", "complete"))
    await store.inbox.receive(again("2", model="demo/slow"))
    second = await store.replies.take(claim)
    assert second is not None
    assert (second.question_id, second.model_override) == (first.question_id, "demo/slow")
    assert second.reply.parent_id == second.question_id
    assert (await store.conversations.get(claim.conversation_id)).head_id == first.question_id
    new = await store.replies.seal(claim, second.reply.id, message=SealedMessage("Two", "complete"))
    texts = [[m.text for m in await store.conversations.branch(answer)] for answer in (old, new)]
    assert texts == [["Hello", "One"], ["Hello", "Two"]]


async def test_retry_of_an_older_reply(store: Store) -> None:
    """A retry that names a reply goes back to that one's question."""
    claim, first = await taken(store)
    await store.replies.seal(claim, first.reply.id, message=SealedMessage("One", "complete"))
    await answered(store, claim, said("More", "2"), "Two")
    await store.inbox.receive(again("3", reply_id=first.reply.id))
    found = await store.replies.take(claim)
    assert found is not None
    assert found.question_id == first.question_id


async def test_going_on_continues_under_the_unfinished_answer(store: Store) -> None:
    """What is gone on with stays in the branch, and its continuation hangs under it."""
    claim, first = await taken(store)
    half = await store.replies.seal(claim, first.reply.id, message=SealedMessage("Half an", "stopped"))
    await store.inbox.receive(again("2", go_on=True))
    second = await store.replies.take(claim)
    assert second is not None
    assert (second.reply.parent_id, second.question_id) == (half, first.question_id)
    rest = await store.replies.seal(claim, second.reply.id, message=SealedMessage("answer", "complete"))
    branch = await store.conversations.branch(rest)
    assert [m.text for m in branch] == ["Hello", "Half an", "answer"]


async def test_said_wins_over_again(store: Store) -> None:
    """In a burst of both, what was said is answered."""
    claim, first = await taken(store)
    await store.replies.seal(claim, first.reply.id, message=SealedMessage("One", "complete"))
    await store.inbox.receive(again("2", model="demo/slow"))
    await store.inbox.receive(said("Never mind", "3"))
    found = await store.replies.take(claim)
    assert found is not None
    assert (len(found.items), found.model_override) == (2, None)
    assert (await store.conversations.branch(found.question_id))[-1].text == "Never mind"


@pytest.mark.parametrize("reply_id", [None, 99])
async def test_nothing_to_do_again(store: Store, reply_id: int | None) -> None:
    """A retry where there is nothing to retry is taken out of the inbox and opens no reply."""
    claim = await claimed(store, again("1", reply_id=reply_id))
    assert await store.replies.take(claim) is None
    assert await store.inbox.waiting(claim.conversation_id) == []


async def test_retake_gives_what_the_reply_was_opened_for(store: Store) -> None:
    """After a crash an adopted reply is taken once more, with the question, the model and the person."""
    claim, first = await taken(store, said(person_id=9))
    assert await store.replies.retake(claim, first.reply.id) == replace(
        first, items=tuple(replace(item, state="taken", reply_id=first.reply.id) for item in first.items)
    )
    await store.replies.seal(claim, first.reply.id, message=SealedMessage("Half", "stopped"))
    await store.inbox.receive(again("2", go_on=True, model="demo/slow"))
    second = await store.replies.take(claim)
    assert second is not None
    once_more = await store.replies.retake(claim, second.reply.id)
    assert (once_more.model_override, once_more.reply.parent_id) == ("demo/slow", second.reply.parent_id)
    assert once_more.reply.parent_id != once_more.question_id
    assert once_more.question_id == first.question_id


async def test_retake_is_for_open_replies_of_the_claim(store: Store) -> None:
    """A sealed reply, or somebody else's, is not taken again."""
    claim, found = await taken(store)
    await store.replies.seal(claim, found.reply.id, message=SealedMessage("Done", "complete"))
    with pytest.raises(ClaimLost):
        await store.replies.retake(claim, found.reply.id)
