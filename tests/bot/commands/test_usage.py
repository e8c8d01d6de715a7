"""``/usage``: one screen of figures, and whose they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from storage.ledger import Charge, NewEntry, Settlement
from tests.bot.commands.conftest import Thread

CENT = 10_000_000


async def spend(
    thread: Thread, cost: int | None, *, person: int | None = None, model: str = "quick", **more: object
) -> None:
    """An entry of today, in the thread's conversation where there is one."""
    at = datetime.now(UTC)
    conversation = await thread.store.conversations.current(str(thread.place))
    entry = NewEntry(
        at=at,
        workspace_id="web:main",
        place=str(thread.place),
        person_id=person or thread.person_id,
        provider="demo",
        model=model,
        conversation_id=None if conversation is None else conversation.id,
        input_tokens=1000,
        output_tokens=200,
        cost=cost,
        latency_ms=1500,
    )
    entry = replace(entry, **more)  # type: ignore[arg-type]
    charge = Charge("web:main", entry.place, entry.person_id, "demo", "", at)
    reservation = await thread.store.ledger.reserve(charge, 0, "p1")
    await thread.store.ledger.settle(Settlement(reservation, entry))


async def test_mine_is_shown_to_me(thread: Thread) -> None:
    """What I used this month by model, the dearest first, with what a request costs and how long it takes."""
    other = await thread.store.people.identify("web", "web:main", "bob", "Bob")
    await spend(thread, CENT)
    await spend(thread, 3 * CENT, model="deep")
    await spend(thread, None, model="house")
    await spend(thread, 50 * CENT, person=other.id)
    said = await thread.say("/usage")
    assert said.startswith(
        "You have used **$0.04** this month for 3 requests, 1 of them unpriced and 3.6k tokens."
    )
    assert "Half of the answers took up to" in said
    rows = [line for line in said.splitlines() if line.startswith("| demo/")]
    assert [row.split(" | ")[:3] for row in rows] == [
        ["| demo/deep", "$0.03", "1"],
        ["| demo/quick", "$0.01", "1"],
        ["| demo/house", "unpriced", "1"],
    ]


async def test_figures_of_others_are_for_admins(thread: Thread) -> None:
    """Everybody reads what the channel used; by person only admins do, and only where nobody else reads along."""
    other = await thread.store.people.identify("web", "web:main", "bob", "Bob")
    await spend(thread, CENT, person=other.id)
    said = await thread.say("/usage channel day")
    assert said.startswith("This channel has used **$0.01** today for 1 request and 1.2k tokens.")
    assert "Bob" not in said
    await thread.store.people.grant(thread.person_id, "admin", "web:main")
    assert "| Bob | $0.01 |" in await thread.say("/usage channel day")
    assert "| Bob | $0.01 |" in await thread.say("/usage workspace week")
    aloud = await thread.desk.run(replace(thread.asked(), shared=True, private=False), "/usage channel")
    assert aloud is not None
    assert "Bob" not in aloud.view.text


async def test_a_thread_is_compared_with_others_of_its_channel(thread: Thread) -> None:
    """What it cost, by model, and whether that is much for here."""
    assert "Nothing was asked here yet" in await thread.error("/usage thread")
    await thread.talk("How far?", "A mile.")
    await spend(thread, 2 * CENT)
    assert (await thread.say("/usage thread")).startswith(
        "This conversation has cost **$0.02** so far for 1 request"
    )
    await thread.say("/new")
    await thread.talk("How long?", "An hour.")
    await spend(thread, 3 * CENT)
    said = await thread.say("/usage thread")
    assert "50 % dearer than usual: a conversation here costs $0.02 as a rule" in said


async def test_nothing_is_said_in_a_line(thread: Thread) -> None:
    """Without use there is no table."""
    assert await thread.say("/usage workspace week") == "This workspace has used nothing this week."


async def test_failures_and_stand_ins_are_counted(thread: Thread) -> None:
    """They are worth a word where there are some."""
    await spend(thread, 0, outcome="failed")
    await spend(thread, CENT, why="fallback")
    assert "1 failed, 1 by a fallback." in await thread.say("/usage")
