"""Forgetting: what was said leaves the database, what it cost stays, and talk goes on afresh."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from bot.core.message import Attachment
from tests.fakes.house import House
from tests.fakes.provider import answer_for
from tests.storage.test_opening import database

TABLES = (
    "conversations",
    "messages",
    "inbox",
    "attachments",
    "replies",
    "summaries",
    "forks",
    "posts",
    "audit",
)
SECRET = "the plum stone is under the third step"


async def remains(url: str, words: str) -> list[str]:
    """The tables in which words still stand."""
    async with database(url) as db:
        return [
            table
            for table in TABLES
            for row in await db.rows(f"SELECT * FROM {table}")  # noqa: S608 - from above
            if any(_has(value, words) for value in cast("Iterable[object]", row))
        ]


def _has(value: object, words: str) -> bool:
    return words.encode() in value if isinstance(value, bytes) else words in str(value)


async def test_nothing_of_it_is_left(house: House, database_url: str) -> None:
    """It asks once; then questions, answers and files are gone, the costs are not, and a new conversation begins."""
    files = (Attachment("plan.txt", "text/plain", SECRET.encode()),)
    await house.say("kitchen", f"Remember: {SECRET}.", files=files)
    await house.answered("kitchen")
    assert await remains(database_url, SECRET)
    before = await house.store.ledger.billed()
    assert await house.forget("kitchen") == (
        "Forgotten: 2 messages and 1 file. What is written here next begins a new conversation."
    )
    assert await remains(database_url, SECRET) == []
    assert await remains(database_url, answer_for("Remember")[:40]) == []
    assert await house.store.ledger.billed() == before
    (change, *_) = await house.store.audit.latest(1)
    assert (change.action, change.before) == ("forget", '{"messages": 2, "files": 1, "forks": 0}')
    await house.say("kitchen", "What do you remember?")
    await house.answered("kitchen")
    assert [one["role"] for one in house.provider.requests[-1]["messages"]][-1:] == ["user"]
    assert len(await house.messages("kitchen")) == 2
    assert "Nothing was said" in await house.command("cellar", "/forget")


async def test_while_an_answer_grows(house: House, database_url: str) -> None:
    """It is stopped first, and billed; neither it nor what waited behind it comes back, nor is that answered."""
    house.provider.script(text="plum " * 5000, speed=200)
    house.order("kitchen", "stopped")
    said = await house.say("kitchen", SECRET)
    await house.grows("kitchen", 40)
    assert "Forgotten" in await house.forget("kitchen")
    await house.provider.all_closed()
    assert await remains(database_url, SECRET) == []
    assert await remains(database_url, "plum plum") == []
    received = await house.deliver_again(said)
    assert received is not None
    assert not received.fresh
    (entry,) = await house.store.ledger.billed()
    assert entry.outcome == "stopped"


async def test_in_a_shared_thread_only_who_began_it_or_an_admin(house: House) -> None:
    """Somebody else is told who may; nothing is deleted."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    told = await house.command("kitchen", "/forget", by="ben", shared=True)
    assert told.startswith(
        "Only an admin of this workspace may forget a conversation that somebody else began."
    )
    conversation = await house.store.conversations.current(str(house.place("kitchen")))
    assert conversation is not None
    assert "Only an admin" in await house.command(
        "kitchen", f"/forget #{conversation.id}", by="ben", shared=True
    )
    assert "not part of this place" in await house.command("cellar", f"/forget #{conversation.id}")
    assert len(await house.messages("kitchen")) == 2
    ben = await house.store.people.identify("room", "room:town", "ben", "Ben")
    await house.store.people.grant(ben.id, "admin", "room:town")
    assert "Forgotten" in await house.forget("kitchen", by="ben", shared=True)
    assert "forgotten already" in await house.command("kitchen", f"/forget #{conversation.id}")


async def test_a_fork_loses_what_it_shared(house: House, database_url: str) -> None:
    """The question counts the forks; what was said in a fork itself stays there."""
    await house.say("kitchen", SECRET)
    await house.answered("kitchen")
    await house.command("kitchen", "/fork")
    (fork,) = (line.id for line in house.room.lines if line.view.text.startswith("Fork of"))
    await house.say(fork, "And for dessert?")
    await house.answered(fork)
    assert "One fork shares some of it" in await house.command("kitchen", "/forget")
    assert "belongs to the conversation it comes from" in await house.command(fork, "/forget")
    await house.forget("kitchen")
    assert await remains(database_url, SECRET) == []
    await house.say(fork, "And to drink?")
    await house.answered(fork)
    read = str(house.provider.requests[-1]["messages"])
    assert SECRET not in read
    assert answer_for("And for dessert?") in read
