"""A message that says what it follows hangs under that, not under the last one."""

import json
from dataclasses import replace

import pytest

from storage.conversations import Claim
from storage.inbox import NewItem
from storage.replies import SealedMessage, Taken
from storage.store import Store
from tests.storage.given import HOME, PLACE, again, answered, claimed, said


def following(named: str, text: str, key: str, place: str = PLACE) -> NewItem:
    """Somebody wrote something in reply to a message."""
    item = said(text, key, place=place)
    follows = {"key": f"{item.workspace_id}#{named}", "page": named}
    return replace(item, payload=json.dumps({"text": text, "follows": follows}))


async def spoken(
    store: Store, claim: Claim, item: NewItem, pages: tuple[str, ...], outcome: str = "complete"
) -> None:
    """An item, taken and answered "<text>!" in some pages."""
    await store.inbox.receive(item)
    found = await taken(store, claim)
    for number, page in enumerate(pages, 1):
        await store.replies.intend_page(claim, found.reply.id, number, f"k{page}", 0, "", 0)
        await store.replies.page_sent(claim, f"k{page}", page)
    text = "" if outcome == "refused" else f"{json.loads(item.payload)['text']}!"
    await store.replies.seal(claim, found.reply.id, message=SealedMessage(text, outcome))


async def taken(store: Store, claim: Claim) -> Taken:
    """What waits, taken."""
    found = await store.replies.take(claim)
    assert found is not None
    return found


async def texts(store: Store, message_id: int) -> list[str]:
    """What leads to a message."""
    return [message.text for message in await store.conversations.branch(message_id)]


async def talk(store: Store) -> Claim:
    """Two questions and their answers, the first over two pages."""
    await claimed(store, said("Zero", "0", place="slack:T1/C9"))
    claim = await claimed(store, said("One", "1"))
    await spoken(store, claim, said("One", "1"), ("p1", "p2"))
    await spoken(store, claim, said("Two", "2"), ("p3",))
    return claim


@pytest.mark.parametrize(
    ("named", "before"),
    [
        ("p1", ["One", "One!"]),
        ("p2", ["One", "One!"]),
        ("1", ["One"]),
        ("p3", ["One", "One!", "Two", "Two!"]),
        ("nobody knows it", ["One", "One!", "Two", "Two!"]),
        ("0", ["One", "One!", "Two", "Two!"]),
    ],
)
async def test_it_hangs_under_what_it_names(store: Store, named: str, before: list[str]) -> None:
    """An answer by any of its pages, or a question; what is unknown, or said elsewhere, counts for nothing."""
    claim = await talk(store)
    await store.inbox.receive(following(named, "Three", "3"))
    found = await taken(store, claim)
    assert await texts(store, found.question_id) == [*before, "Three"]
    head = await store.replies.seal(claim, found.reply.id, message=SealedMessage("Three!", "complete"))
    assert (await store.conversations.get(claim.conversation_id)).head_id == head
    await store.inbox.receive(said("Four", "4"))
    assert await texts(store, (await taken(store, claim)).question_id) == [*before, "Three", "Three!", "Four"]


async def test_a_refused_answer_is_no_parent(store: Store) -> None:
    """What was never answered is asked again with what follows it."""
    claim = await talk(store)
    await spoken(store, claim, said("Three", "3"), ("p4",), "refused")
    await spoken(store, claim, following("p1", "Aside", "4"), ("p5",))
    await store.inbox.receive(following("p4", "Five", "5"))
    found = await taken(store, claim)
    assert await texts(store, found.question_id) == ["One", "One!", "Two", "Two!", "Three", "Five"]


async def test_each_line_of_a_burst_is_answered(store: Store) -> None:
    """Items that follow one another are answered together, those that follow something else afterwards."""
    claim = await talk(store)
    for item in (
        following("p1", "A", "a"),
        following("a", "B", "b"),
        again("x"),
        said("C", "c"),
        following("p3", "D", "d"),
        said("E", "e"),
        following("p3", "F", "f"),
    ):
        await store.inbox.receive(item)
    lines, counts = [], []
    while (found := await store.replies.take(claim)) is not None:
        lines.append(await texts(store, found.question_id))
        counts.append(len(found.items))
        await store.replies.seal(claim, found.reply.id, message=SealedMessage("!", "complete"))
    both = ["One", "One!", "Two", "Two!"]
    assert lines == [["One", "One!", "A", "B", "C"], [*both, "D", "E"], [*both, "F"]]
    assert counts == [4, 2, 1]


async def test_what_waits_can_be_followed(store: Store) -> None:
    """Its conversation is that of what it follows, even before that was taken."""
    first = await store.inbox.receive(said("One", "1"))
    await store.conversations.start_new(PLACE)
    second = await store.inbox.receive(following("1", "More", "2"))
    assert second.conversation_id == first.conversation_id


async def test_an_older_conversation_is_gone_on_with(store: Store) -> None:
    """In the same place only, and the place's current conversation stays what it is."""
    claim = await talk(store)
    fresh = await store.conversations.start_new(PLACE)
    received = [
        await store.inbox.receive(following(named, "Three", named + place, place))
        for named, place in (("p1", PLACE), ("1", PLACE), ("nothing", PLACE), ("p1", "slack:T1/C2"))
    ]
    *mine, elsewhere = (one.conversation_id for one in received)
    assert mine == [claim.conversation_id, claim.conversation_id, fresh.id]
    assert elsewhere not in mine
    current = await store.conversations.current(PLACE)
    assert current is not None
    assert current.id == fresh.id


async def test_a_deleted_conversation_is_not_gone_on_with(store: Store) -> None:
    """What follows it begins anew."""
    claim = await talk(store)
    await store.conversations.delete(claim.conversation_id)
    received = await store.inbox.receive(following("p1", "Three", "3"))
    assert received.conversation_id != claim.conversation_id


async def test_second_thoughts_keep_what_is_followed(store: Store) -> None:
    """An edit changes the text alone; what was taken back before it was taken is followed no more."""
    claim = await talk(store)
    await store.inbox.receive(following("p1", "Thre", "3"))
    await store.inbox.receive(following("3", "Four", "4"))
    await store.inbox.amend(f"{HOME}#3", "Three")
    found = await taken(store, claim)
    assert await texts(store, found.question_id) == ["One", "One!", "Three", "Four"]
    await store.replies.seal(claim, found.reply.id, message=SealedMessage("!", "complete"))
    await store.inbox.receive(following("p1", "Gone", "5"))
    await store.inbox.receive(following("5", "Six", "6"))
    await store.inbox.withdraw(f"{HOME}#5")
    found = await taken(store, claim)
    assert (await texts(store, found.question_id))[-3:] == ["Four", "!", "Six"]


async def test_a_burst_of_one_line_opens_one_reply(store: Store) -> None:
    """Naming the last answer is no other line than naming nothing."""
    claim = await claimed(store, said("One", "1"))
    await answered(store, claim, said("Two", "2"), "Two!")
    await store.inbox.receive(said("Three", "3"))
    await store.inbox.receive(following("unknown", "Four", "4"))
    assert len((await taken(store, claim)).items) == 2
