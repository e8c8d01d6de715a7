"""Where alerts go: set by an admin, told once, in private where nobody has said otherwise."""

from __future__ import annotations

from storage.notices import NewNotice
from tests.dialogues.test_digest import SQUARE, admin, sent
from tests.fakes.house import House


async def note(
    house: House, kind: str = "budget", scope: str = "workspace", subject: str = "room:town"
) -> str:
    """Something worth telling happens; what is told of it."""
    number = len(await house.store.notices.undelivered())
    text = f"Something about a {kind} of a {scope} ({number})."
    await house.store.notices.add(NewNotice(kind, f"{kind}:{scope}:{subject}:{number}", text, scope, subject))
    return text


async def test_alerts_come_to_a_channel(house: House) -> None:
    """Once, though two processes look; a kind that is left out is not told, and off is off."""
    await admin(house)
    assert "Alerts go to the owner" in await house.command("kitchen", "/alerts")
    said = await house.command("kitchen", "/alerts here")
    assert said.startswith("Alerts go to `room:town/square`.")
    await house.command("kitchen", "/alerts without unpriced")
    told = await note(house)
    await note(house, "unpriced")
    await note(house, "failing", "installation", "")
    for process in await house.pair():
        await process.sweep()
    assert [line.view.text for line in sent(house)] == [told]
    assert "Alerts go to nobody here" in await house.command("kitchen", "/alerts off")
    await note(house)
    await house.process.sweep()
    assert len(sent(house)) == 1


async def test_what_is_mine_is_told_to_me(house: House) -> None:
    """A person's own budget is told to that person, alone; what is the installation's to its owner."""
    await house.say("private/desk", "Are you there?")
    await house.answered("private/desk")
    await house.say("kitchen", "Hello?", by="bob")
    await house.answered("kitchen")
    ann = await house.store.people.identify("room", "room:town", "ann", "Ann")
    bob = await house.store.people.identify("room", "room:town", "bob", "Bob")
    mine = await note(house, "budget", "person", str(ann.id))
    await note(house, "budget", "person", str(bob.id))  # who never talked to us alone
    await house.process.sweep()
    desk = house.place("private/desk")
    assert [line.view.text for line in sent(house, desk)] == [mine]
    await house.store.people.grant(ann.id, "owner")
    broken = await note(house, "failing", "installation", "")
    await house.process.sweep()
    assert [line.view.text for line in sent(house, desk)] == [mine, broken]


async def test_an_approval_has_its_buttons(house: House) -> None:
    """An admin who reads of a request can say yes or no there."""
    await admin(house)
    await house.command("kitchen", "/alerts here")
    await house.store.notices.add(NewNotice("approval", "approval:12", "Ann asks.", "workspace", "room:town"))
    await house.process.sweep()
    [line] = sent(house, SQUARE)
    assert [button.command for button in line.view.buttons] == ["approve #12", "decline #12"]


async def test_where_those_of_the_installation_go_is_the_owners_business(house: House) -> None:
    """Where an owner lets them go to a workspace's, its admins choose the kinds and add nobody."""
    await admin(house)
    await house.say("kitchen", "Hello?", by="bob")
    await house.answered("kitchen")
    ann = await house.store.people.identify("room", "room:town", "ann", "Ann")
    bob = await house.store.people.identify("room", "room:town", "bob", "Bob")
    await house.store.people.grant(ann.id, "owner")
    await house.store.people.grant(bob.id, "admin", "room:town")
    said = await house.command("kitchen", "/alerts here")
    assert "Those of the whole installation are among them." in said
    for line in ("/alerts here", "/alerts off"):
        assert "Only the owner of this installation" in await house.command("kitchen", line, by="bob")
    said = await house.command("kitchen", "/alerts without key", by="bob")
    assert "Those of the whole installation are among them." in said
    assert "**key**" not in said


async def test_what_makes_no_sense_is_said(house: House) -> None:
    """And nobody but an admin sets anything."""
    assert "Only an admin" in await house.command("kitchen", "/alerts here", by="bob")
    await admin(house)
    assert "are not set" in await house.command("kitchen", "/alerts mail ops@example.com")
    assert "Write the address too" in await house.command("kitchen", "/alerts mail nobody")
    assert "Which kind?" in await house.command("kitchen", "/alerts without")
