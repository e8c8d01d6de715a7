"""A growing reply: its journal and pages, and the fence that keeps everybody else out."""

import asyncio

import pytest

from storage.errors import ClaimLost
from storage.replies import SealedMessage
from storage.store import Store
from tests.storage.given import claimed, said, taken


async def test_journal_keeps_text_and_what_is_shown(store: Store) -> None:
    """The journal holds all the text so far, how much of it is visible, and the phase."""
    claim, found = await taken(store)
    assert await store.replies.journal(claim, found.reply.id, "Half an ans", 6, phase="growing") is False
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert (row.text, row.shown, row.phase, row.state) == ("Half an ans", 6, "growing", "open")
    assert await store.replies.open_of(claim.conversation_id) == [row]
    assert await store.replies.last(claim.conversation_id) == row


async def test_stop_reaches_the_writer(store: Store) -> None:
    """Asking to stop flags every open reply of the conversation; the next journal write says so."""
    claim, found = await taken(store)
    assert await store.replies.stops("here") == []
    assert await store.replies.request_stop(claim.conversation_id) == 1
    assert await store.replies.stops("here") == [found.reply.id]
    assert await store.replies.stops("there") == []
    assert await store.replies.journal(claim, found.reply.id, "Text", 0, phase="growing") is True
    assert await store.replies.intend_page(claim, found.reply.id, 1, "k", 0, "Text", 0) is True
    await store.replies.seal(claim, found.reply.id, message=SealedMessage("Text", "stopped"))
    assert await store.replies.request_stop(claim.conversation_id) == 0
    assert await store.replies.stops("here") == []


async def test_pages_are_intended_sent_sealed(store: Store) -> None:
    """A page is noted before it is posted, gets the platform's id, and is sealed when it shows its last text."""
    claim, found = await taken(store)
    reply_id = found.reply.id
    await store.replies.intend_page(claim, reply_id, 1, "k1", 0, "First", 0)
    await store.replies.page_sent(claim, "k1", "m1")
    await store.replies.page_sealed(claim, "k1")
    await store.replies.intend_page(claim, reply_id, 2, "k2", 5, "First and second", 5)
    row = await store.replies.get(reply_id)
    assert row is not None
    assert (row.text, row.shown, row.phase) == ("First and second", 5, "growing")
    assert [(p.number, p.key, p.message_id, p.state, p.start) for p in row.pages] == [
        (1, "k1", "m1", "sealed", 0),
        (2, "k2", None, "intended", 5),
    ]
    await store.replies.page_sent(claim, "k1", "m1")
    assert (await store.replies.open_of(claim.conversation_id))[0].pages[0].state == "sealed"


async def test_page_may_be_intended_again(store: Store) -> None:
    """The same key changes nothing; a new key for the same number is a page not yet posted."""
    claim, found = await taken(store)
    reply_id = found.reply.id
    await store.replies.intend_page(claim, reply_id, 1, "k1", 0, "Text", 0)
    await store.replies.page_sent(claim, "k1", "m1")
    await store.replies.intend_page(claim, reply_id, 1, "k1", 0, "Text", 4)
    row = await store.replies.get(reply_id)
    assert row is not None
    assert [(p.key, p.message_id, p.state) for p in row.pages] == [("k1", "m1", "sent")]
    await store.replies.intend_page(claim, reply_id, 1, "k9", 0, "Text", 4)
    row = await store.replies.get(reply_id)
    assert row is not None
    assert [(p.key, p.message_id, p.state) for p in row.pages] == [("k9", None, "intended")]


async def test_begin_and_end_are_noted(store: Store) -> None:
    """Which model is at work on which reservation is known before the call, how it ended before the last text."""
    claim, found = await taken(store)
    await store.replies.begin(
        claim, found.reply.id, model="demo/quick", reason="your own default", reservation_id=5, attempt=2
    )
    await store.replies.end(claim, found.reply.id, "All of it", '{"outcome": "complete"}', "complete")
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert (row.model, row.reason, row.reservation_id, row.attempt) == (
        "demo/quick",
        "your own default",
        5,
        2,
    )
    assert (row.phase, row.outcome, row.text, row.ended) == (
        "ended",
        "complete",
        "All of it",
        '{"outcome": "complete"}',
    )


async def test_a_journal_write_that_comes_late_takes_nothing_away(store: Store) -> None:
    """What was being written when the answer ended arrives after the end: all of the text stays."""
    claim, found = await taken(store)
    await store.replies.end(claim, found.reply.id, "All of it", "{}", "complete")
    await store.replies.journal(claim, found.reply.id, "All", 3, phase="growing")
    await store.replies.intend_page(claim, found.reply.id, 1, "k1", 0, "All", 3)
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert (row.text, row.phase, row.shown) == ("All of it", "ended", 3)


async def test_adopted_reply_obeys_its_new_owner_only(store: Store) -> None:
    """After a take-over everything the old owner writes is refused, and nothing of it is there."""
    old, found = await taken(store)
    reply_id = found.reply.id
    await store.replies.intend_page(old, reply_id, 1, "k1", 0, "So far", 0)
    new = await store.conversations.claim(old.conversation_id, "other", {"here"})
    assert new is not None
    with pytest.raises(ClaimLost):
        await store.replies.journal(new, reply_id, "Not adopted yet", 0, phase="growing")
    adopted = await store.replies.adopt(new, reply_id)
    assert (adopted.process, adopted.fence, adopted.text) == ("other", new.fence, "So far")
    assert [page.key for page in adopted.pages] == ["k1"]
    late = (
        store.replies.journal(old, reply_id, "Late", 0, phase="growing"),
        store.replies.intend_page(old, reply_id, 2, "k2", 0, "Late", 0),
        store.replies.page_sent(old, "k1", "late"),
        store.replies.page_sealed(old, "k1"),
        store.replies.begin(old, reply_id, model="late", reason="", reservation_id=1, attempt=9),
        store.replies.end(old, reply_id, "Late", "{}", "complete"),
        store.replies.seal(old, reply_id, message=SealedMessage("Late", "complete")),
        store.replies.adopt(old, reply_id),
        store.replies.retake(old, reply_id),
    )
    for write in late:
        with pytest.raises(ClaimLost):
            await write
    assert await store.replies.get(reply_id) == adopted
    assert await store.replies.journal(new, reply_id, "Goes on", 2, phase="growing") is False


async def test_claim_alone_stops_the_old_owners_seal(store: Store) -> None:
    """Between a take-over and the adoption the old owner can no longer seal."""
    old, found = await taken(store)
    assert await store.conversations.claim(old.conversation_id, "other", {"here"}) is not None
    with pytest.raises(ClaimLost):
        await store.replies.seal(old, found.reply.id, message=SealedMessage("Late", "complete"))
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert row.state == "open"


async def test_adopting_and_journalling_do_not_cross(store: Store) -> None:
    """Whatever the old owner managed to write, the adopted row has; whatever it could not, raised."""
    old, found = await taken(store)
    new = await store.conversations.claim(old.conversation_id, "other", {"here"})
    assert new is not None
    writes = [store.replies.journal(old, found.reply.id, f"{n:02}", n, phase="growing") for n in range(20)]
    adoption = asyncio.create_task(store.replies.adopt(new, found.reply.id))
    results = await asyncio.gather(*writes, return_exceptions=True)
    adopted = await adoption
    kept = [n for n, result in enumerate(results) if result is False]
    assert all(isinstance(result, ClaimLost) for n, result in enumerate(results) if n not in kept)
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert row.text == adopted.text
    assert adopted.text == "" if not kept else int(adopted.text) in kept


async def test_only_open_replies_of_the_claims_conversation_are_adopted(store: Store) -> None:
    """A reply of another conversation, a sealed one and one that is not there are refused."""
    claim, found = await taken(store)
    await store.replies.seal(claim, found.reply.id, message=SealedMessage("Done", "complete"))
    other = await claimed(store, said(key="2", place="slack:T1/C2"))
    for mine, reply_id in ((claim, found.reply.id), (other, found.reply.id), (claim, 99)):
        with pytest.raises(ClaimLost):
            await store.replies.adopt(mine, reply_id)
    assert await store.replies.get(99) is None
    assert await store.replies.last(99) is None
