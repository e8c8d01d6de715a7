"""Second thoughts: what was received gets another text, or is taken back."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime

from storage.inbox import NewAttachment
from storage.store import Store
from tests.storage.given import HOME, again, answered, claimed, said, taken

KEY = f"{HOME}#1"
FILE = NewAttachment("a.txt", "text/plain", b"abc")


async def test_what_waits_gets_another_text(store: Store) -> None:
    """It is taken as it then reads; what came with it stays, and the title follows."""
    claim = await claimed(store, said("Hello", files=(FILE,)))
    assert await store.inbox.amend(KEY, "Goodbye")
    found = await store.replies.take(claim)
    assert found is not None
    [message] = await store.conversations.branch(found.question_id)
    assert message.text == "Goodbye"
    assert (await store.conversations.get(claim.conversation_id)).title == "Goodbye"
    assert len(await store.conversations.attachments([message.id])) == 1


async def test_what_was_taken_gets_another_text(store: Store) -> None:
    """The message is changed; a title of somebody's own is not."""
    claim, found = await taken(store, said("Hello"))
    await store.conversations.rename(claim.conversation_id, "Ours")
    assert await store.inbox.amend(KEY, "Goodbye")
    [message] = await store.conversations.branch(found.question_id)
    assert message.text == "Goodbye"
    assert (await store.conversations.get(claim.conversation_id)).title == "Ours"


async def test_only_what_was_said_can_be_changed(store: Store) -> None:
    """Neither an unknown key nor a click is something said."""
    await taken(store)
    await store.inbox.receive(again("2"))
    for key in ("2", "9"):
        assert not await store.inbox.amend(f"{HOME}#{key}", "New")
        assert await store.inbox.withdraw(f"{HOME}#{key}") is None


async def test_what_waits_is_taken_back(store: Store) -> None:
    """Nothing is taken any more, nothing of it is kept but its key, and neither an edit nor a repeat revives it."""
    claim = await claimed(store, said("Secret", files=(FILE,)))
    withdrawn = await store.inbox.withdraw(KEY)
    assert withdrawn is not None
    assert (withdrawn.conversation_id, withdrawn.stopped) == (claim.conversation_id, ())
    assert await store.inbox.amend(KEY, "Secret again")
    assert not (await store.inbox.receive(said("Secret"))).fresh
    assert await store.replies.take(claim) is None
    assert await store.inbox.waiting(claim.conversation_id) == []
    assert (await store.conversations.get(claim.conversation_id)).title == ""


async def test_what_was_taken_is_taken_back(store: Store) -> None:
    """The message loses its text and its files, and the open reply to it is asked to stop. Twice is harmless."""
    claim, found = await taken(store, said("Secret", files=(FILE,)))
    for _ in range(2):
        withdrawn = await store.inbox.withdraw(KEY)
        assert withdrawn is not None
        assert withdrawn.stopped == (found.reply.id,)
    [message] = await store.conversations.branch(found.question_id)
    assert message.text == ""
    assert isinstance(message.withdrawn_at, datetime)
    assert await store.conversations.attachments([message.id]) == {}
    assert await store.replies.stops("here") == [found.reply.id]
    assert (await store.replies.retake(claim, found.reply.id)).items == ()


async def test_a_reply_to_others_too_goes_on(store: Store) -> None:
    """Where one of several questions is taken back, their answer is stopped only with the last of them."""
    claim, found = await taken(store, said("One", "1"), said("Two", "2"))
    for key, stopped in (("2", ()), ("1", (found.reply.id,))):
        withdrawn = await store.inbox.withdraw(f"{HOME}#{key}")
        assert withdrawn is not None
        assert withdrawn.stopped == stopped
    assert (await store.conversations.get(claim.conversation_id)).title == ""


async def test_a_retry_of_what_is_taken_back_is_stopped(store: Store) -> None:
    """The sealed reply of before stays as it is."""
    claim = await claimed(store, said("Zero", "0"))
    first = await answered(store, claim, said("One"), "Answer")
    await store.inbox.receive(again("2"))
    second = await store.replies.take(claim)
    assert second is not None
    withdrawn = await store.inbox.withdraw(KEY)
    assert withdrawn is not None
    assert first.question_id == second.question_id
    assert withdrawn.stopped == (second.reply.id,)
    row = await store.replies.get(first.reply.id)
    assert row is not None
    assert not row.stop_requested


async def test_taking_and_second_thoughts_at_the_same_moment(store: Store) -> None:
    """Whichever comes first: the message has the new text, or nothing of what was taken back."""
    for number in range(12):
        place, key = f"slack:T1/C{number}/1", f"{HOME}#{number}"
        claim = await claimed(store, said("Old", str(number), place=place))
        edit = number % 2 == 0
        second = store.inbox.amend(key, "New") if edit else store.inbox.withdraw(key)
        found, _ = await asyncio.gather(store.replies.take(claim), second)
        if found is None:
            assert not edit
            continue
        [message] = await store.conversations.branch(found.question_id)
        assert message.text == ("New" if edit else "")
        assert (message.withdrawn_at is None) == edit


async def test_what_was_overheard_becomes_messages(store: Store) -> None:
    """It stands before the question, of nobody we know, and an edit of the question leaves it alone."""
    payload = json.dumps({"text": "Hello", "overheard": [{"author_name": "Bob", "text": "Soup?"}]})
    claim = await claimed(store, replace(said(), payload=payload))
    await store.inbox.amend(KEY, "Hello!")
    found = await store.replies.take(claim)
    assert found is not None
    branch = await store.conversations.branch(found.question_id)
    assert [(m.author_name, m.person_id, m.external_id, m.text) for m in branch] == [
        ("Bob", None, None, "Soup?"),
        ("Ann", 7, KEY, "Hello!"),
    ]


async def test_promised_files_are_settled_once(store: Store) -> None:
    """What was kept or refused for good stays so; what could not be had just now is still promised."""
    files = tuple(NewAttachment(f"{n}.txt", "", b"", 3, "promised", f"ref{n}") for n in range(3))
    _, found = await taken(store, said(files=files))
    first, second, third = await store.files.promised([found.question_id])
    assert (first.ref, first.size, first.message_id) == ("ref0", 3, found.question_id)
    await store.files.keep(first.id, "0.txt", "text/plain", b"abcd")
    await store.files.keep(first.id, "0.txt", "text/plain", b"other")
    await store.files.give_up(second.id, "Broken.", for_good=True)
    await store.files.keep(second.id, "1.txt", "text/plain", b"late")
    await store.files.give_up(third.id, "Away.", for_good=False)
    assert [file.id for file in await store.files.promised([found.question_id])] == [third.id]
    kept = (await store.conversations.attachments([found.question_id]))[found.question_id]
    assert [(file.state, file.data, file.size, file.note) for file in kept] == [
        ("kept", b"abcd", 4, None),
        ("refused", b"", 3, "Broken."),
        ("promised", b"", 3, "Away."),
    ]
