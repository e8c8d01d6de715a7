"""Forgetting in the web chat's own message store, and beside an answer that is open."""

from __future__ import annotations

from storage.forks import NewFork
from storage.posts import NewPost
from storage.replies import SealedMessage
from storage.store import Store
from tests.storage.given import answered, claimed, said, taken

PLACE = "web:main/7/aaaaaaaa"


async def shown(store: Store) -> list[str]:
    """The posts that still stand."""
    return [post.view for post in await store.posts.since(PLACE, 0, 99)]


async def test_only_the_posts_of_its_own_time_go(store: Store) -> None:
    """After /new a thread has two conversations: questions by their keys, commands by when they were said."""
    item = said("First", "say-1", place=PLACE)
    await store.inbox.receive(item, post=NewPost(PLACE, "First", "say-1", 7))
    old = await store.conversations.current(PLACE)
    assert old is not None
    await store.posts.insert(PLACE, "/system Be brief.", "command-1", 7)
    new = await store.conversations.start_new(PLACE, 7)
    await store.posts.insert(PLACE, "/model quick", "command-2", 7)
    second = said("Second", "say-2", place=PLACE)
    await store.inbox.receive(second, post=NewPost(PLACE, "Second", "say-2", 7))
    assert await store.forgetting.forget(old.id, 7, "gone") is not None
    assert await shown(store) == ["/model quick", "Second"]
    current = await store.conversations.current(PLACE)
    assert current is not None
    assert current.id == new.id
    assert await store.forgetting.forget(new.id, 7, "gone") is not None
    assert await shown(store) == []
    assert await store.conversations.current(PLACE) is None


async def test_nothing_is_forgotten_while_an_answer_is_open(store: Store) -> None:
    """All or nothing: the caller tries again once it is sealed."""
    claim, _ = await taken(store, said("Hello"))
    assert await store.forgetting.forget(claim.conversation_id, 7, "gone") is None
    assert (await store.forgetting.extent(claim.conversation_id)).messages == 1
    assert (await store.conversations.get(claim.conversation_id)).deleted_at is None


async def test_forks_of_forks_are_counted_and_lose_their_names(store: Store) -> None:
    """A fork is named after what it comes from, at whatever remove, until that is forgotten."""
    claim = await claimed(store, said("Plums"))
    found = await store.replies.take(claim)
    assert found is not None
    await store.forks.begin(NewFork("f1", found.question_id, "slack:T1/C1/1", 7, "here"))
    first = await store.forks.finish("f1", "slack:T1/C1/2", "2")
    assert first.conversation_id is not None
    await store.forks.begin(NewFork("f2", found.question_id, "slack:T1/C1/2", 7, "here"))
    again = await store.forks.finish("f2", "slack:T1/C1/3", "3")
    assert (await store.forks.finish("f2", "slack:T1/C1/9", "9")) == again
    assert (await store.forgetting.extent(claim.conversation_id)).forks == 2
    titles = [(await store.conversations.get(one.conversation_id or 0)).title for one in (first, again)]
    assert titles == ["Fork: Plums", "Fork: Plums"]
    sealed = SealedMessage("I see.", "complete")
    await store.replies.seal(claim, found.reply.id, message=sealed)
    claim_of_fork = await claimed(store, said("Pears", "9", place="slack:T1/C1/2"))
    await answered(store, claim_of_fork, said("And?", "10", place="slack:T1/C1/2"), "Yes.")
    assert (await store.forgetting.extent(first.conversation_id)).forks == 0
    assert await store.forgetting.forget(claim.conversation_id, 7, "gone") is not None
    titles = [(await store.conversations.get(one.conversation_id or 0)).title for one in (first, again)]
    assert titles == ["Fork", "Fork"]
    head = (await store.conversations.get(first.conversation_id)).head_id
    assert [one.text for one in await store.conversations.branch(head or 0)] == ["", "Pears", "And?", "Yes."]
