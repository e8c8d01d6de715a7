"""The digest of a channel: set, previewed, sent now and by the clock, once whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.place import Place
from storage.sendings import SENT
from tests.fakes.house import BIG, House
from tests.fakes.process import Died, Trap
from tests.fakes.surface import Line

SQUARE = Place("room", "town", "square")


def to_tomorrow() -> float:
    """Seconds to noon of the next day, in UTC: so that what a test adds never leads over another midnight."""
    now = datetime.now(UTC)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (noon - now).total_seconds()


async def admin(house: House, who: str = "ann") -> None:
    """Make a person an admin of the town."""
    person = await house.store.people.identify("room", "room:town", who, who.title())
    await house.store.people.grant(person.id, "admin", "room:town")


def sent(house: House, place: Place = SQUARE) -> list[Line]:
    """The digests and alerts that stand at a place."""
    return [line for line in house.room.at(place) if line.is_sent]


async def test_an_admin_sees_a_preview_and_sends_it(house: House) -> None:
    """The preview tells of the time that is over, with its picture; ``now`` posts it to the channel at once."""
    await admin(house)
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    said = await house.command("kitchen", "/digest here daily 9:00 channel")
    assert said.startswith("A digest comes here every day at 09:00 (UTC), next on ")
    assert "It is about this channel." in said
    assert "nothing was used" in await house.command("kitchen", "/digest")
    await house.command("kitchen", "/digest now")
    await house.until(lambda: bool(sent(house)), "the digest")
    [line] = sent(house)
    assert line.view.text.endswith("nothing was used.")
    assert line.view.picture is None
    await house.until(lambda: house.process.sender.idle, "the end of sending")


async def test_the_clock_sends_it_once(house: House) -> None:
    """A day later two processes find it due: it stands there once, with names, threads, budgets and a picture.

    Of another channel's thread it tells no words, of a direct message nothing.
    """
    await admin(house)
    await house.say("attic/box", "Where are my shoes?")
    await house.answered("attic/box")
    await house.say("private/desk", "Keep this secret.")
    await house.answered("private/desk")
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.command("kitchen", "/digest here daily 0:00")
    first, other = await house.pair()
    first.ahead = other.ahead = to_tomorrow()
    for process in (first, other, first):
        await process.sweep()
    [line] = sent(house)
    text = line.view.text
    assert "for 3 requests and" in text
    assert "**People:** Ann" in text
    assert f"**Models:** {BIG}" in text
    assert "[What is for dinner?](https://room.test/square/kitchen)" in text
    assert "[a thread in another channel](https://room.test/attic/box)" in text
    assert "shoes" not in text
    assert "secret" not in text
    assert "**Left of the budgets:** all together, today" in text
    assert line.view.picture is not None
    assert line.view.picture.alt.startswith("Bar chart: Cost by day.")
    assert [button.command for button in line.view.buttons] == ["usage workspace day"]


async def test_a_digest_can_leave_things_out(house: House) -> None:
    """Without names people are counted; a part that is not wanted is not told."""
    await admin(house)
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.command("kitchen", "/digest here daily 0:00")
    await house.command("kitchen", "/digest without names")
    await house.command("kitchen", "/digest without chart")
    said = await house.command("kitchen", "/digest without threads")
    assert said.endswith("without chart, threads, names.")
    house.process.ahead = to_tomorrow()
    await house.process.sweep()
    [line] = sent(house)
    assert "1 person asked." in line.view.text
    assert "Ann" not in line.view.text
    assert "dinner" not in line.view.text
    assert line.view.picture is None


async def test_who_holds_the_claim_dies(house: House) -> None:
    """It dies after the post, before it wrote that down: the next process finds the message and posts no second."""
    await admin(house)
    await house.command("kitchen", "/digest here daily 0:00")
    first, other = await house.pair()
    first.ahead = other.ahead = to_tomorrow()
    first.gate.traps.append(Trap("surface.post", "after"))
    with pytest.raises(Died):
        await first.sweep()
    other.ahead += timedelta(minutes=21).total_seconds()
    await other.sweep()
    [line] = sent(house)
    [row] = await house.store.sendings.latest([str(SQUARE)])
    assert (row.state, row.attempts, row.message_id) == (SENT, 2, line.id)


async def test_what_was_missed_is_sent_once_and_says_so(house: House) -> None:
    """After three weeks away only the newest digest comes, marked as late."""
    await admin(house)
    await house.command("kitchen", "/digest here weekly monday 0:00")
    now = datetime.now(UTC)
    monday = now.replace(hour=0, minute=0) + timedelta(days=(7 - now.weekday()) % 7 + 14)
    house.process.ahead = (monday + timedelta(hours=30) - now).total_seconds()
    await house.process.sweep()
    [line] = sent(house)
    assert f"(Late: this was due on Monday, {monday.day} {monday:%B}, at 00:00.)" in line.view.text


async def test_a_new_workspace_is_offered_one(house: House) -> None:
    """Once, where others read along; anybody may press it, an admin turns it on."""
    await house.say("private/desk", "Are you there?")
    await house.answered("private/desk")
    await house.process.sweep()
    assert not sent(house, house.place("private/desk"))
    await house.say("kitchen", "Hello?")
    await house.answered("kitchen")
    await house.process.sweep()
    await house.process.sweep()
    [line] = sent(house, house.place("kitchen"))
    assert [button.label for button in line.view.buttons] == ["Weekly digest here", "No, thanks"]
    said = await house.command("kitchen", f"/{line.view.buttons[0].command}", by="bob")
    assert said.startswith("Only an admin of this workspace may set the digest.")
    await admin(house)
    said = await house.command("kitchen", f"/{line.view.buttons[0].command}")
    assert said.startswith("A digest comes here every Monday at 09:00 (UTC)")


async def test_others_may_not_set_it(house: House) -> None:
    """A member is told who may; what makes no sense is said."""
    assert "Only an admin" in await house.command("kitchen", "/digest", by="bob")
    await admin(house)
    assert "is no time of a day" in await house.command("kitchen", "/digest here 25:00")
    assert "take one part" in await house.command("kitchen", "/digest without")
    assert "No digest comes here any more" in await house.command("kitchen", "/digest off")
