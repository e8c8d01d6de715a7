"""A budget that is spent: what is refused, what an admin may give, and which cheaper model answers instead."""

import asyncio
from datetime import UTC, datetime

from storage.budgets import NewBudget
from storage.ledger import Charge
from tests.fakes.house import BIG, House
from tests.fakes.surface import WHOLE, WITHOUT_TEXT

SHORT = 1_000_000  # nano-dollars: too little for the big model's shortest answer, enough for a small one's


async def _person(house: House, name: str = "ann") -> int:
    return (await house.store.people.identify("room", "room:town", name, name.title())).id


async def _short(house: House, at_limit: str = "refuse") -> None:
    """The channel's budget of the day has no room for the big model."""
    await house.store.budgets.add(NewBudget("channel", "room:town/square", "day", SHORT, at_limit=at_limit))


async def _admin(house: House, name: str) -> None:
    await house.store.people.grant(await _person(house, name), "admin", "room:town")


async def test_a_refusal_offers_what_works(house: House) -> None:
    """What is spent and left, when it renews, who pays; a free model, a cheaper one, an admin are a click away."""
    await _short(house)
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    for part in (
        f"{BIG} was not asked.",
        "of this channel's $0.001 for today is left",
        "renews",
        "“OPENAI_API_KEY” pays",
    ):
        assert part in shown.text, shown.text
    free, cheaper, ask, *rest = shown.labels
    assert (free, ask, rest) == ("demo/quick (free)", "Ask an admin", WITHOUT_TEXT)
    assert cheaper.startswith("openai/gpt-")
    await house.press("kitchen", cheaper)
    again = await house.answered("kitchen", 2)
    assert (again.outcome, again.footer.partition(" ")[0]) == ("complete", cheaper.partition(" ")[0])


async def test_an_admin_is_asked_with_a_click_and_the_question_goes_on(house: House) -> None:
    """The request stands in the thread; nobody but an admin can approve it; then the answer comes by itself."""
    await _short(house)
    await _admin(house, "bob")
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    said = await house.press("kitchen", "Ask an admin")
    assert said.startswith("Ann asks for $")
    request = house.room.lines[-1].view
    approve, decline = request.buttons
    assert approve.label.startswith("Approve $")
    assert decline.label == "Decline"
    assert "Only an admin" in await house.command("kitchen", f"/{approve.command}", by="cleo")
    house.expected.retries[str(house.place("kitchen"))] += 1
    assert (await house.command("kitchen", f"/{approve.command}", by="bob")).startswith("Bob approved $")
    shown = await house.answered("kitchen", 2)
    assert (shown.outcome, shown.labels) == ("complete", WHOLE)
    assert shown.footer.startswith(BIG)
    [entry] = await house.store.ledger.billed()
    assert entry.person_id == await _person(house)


async def test_a_budget_may_ask_by_itself(house: House) -> None:
    """Then the refusal already has an admin's buttons, and declining leaves everything as it is."""
    await _short(house, "ask")
    await _admin(house, "bob")
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert "An admin was asked for $" in shown.text
    assert shown.labels[2].startswith("Approve $")
    assert shown.labels[3:] == ["Decline", "Retry"]
    assert len(await house.store.notices.undelivered()) == 1
    assert len(await house.store.approvals.pending("room:town")) == 1
    decline = next(button for button in shown.last.buttons if button.label == "Decline")
    assert "Bob declined" in await house.command("kitchen", f"/{decline.command}", by="bob")
    assert await house.store.approvals.pending() == []
    assert house.provider.requests == []


async def test_a_budget_may_move_to_the_cheapest_model(house: House) -> None:
    """The cheapest that may be used here answers, and the answer says so and why; the ledger knows it too."""
    await _short(house, "cheapest")
    await house.store.settings.set("place:room:town", "models.allowed", ["openai/*"], by=None)
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    cheapest = shown.footer.partition(" ")[0]
    assert cheapest != BIG
    assert f"instead of {BIG}: budget" in shown.footer
    assert (
        f"> {cheapest} answered instead of {BIG}: $0.001 of this channel's $0.001 for today is left"
        in shown.text
    )
    [entry] = await house.store.ledger.billed()
    assert (f"openai/{entry.model}", entry.why) == (cheapest, "cheapest")


async def test_two_admins_on_two_processes_approve_once(house: House) -> None:
    """A double click, and one in another process at the same moment: room is made once, and one answer comes."""
    first, second = await house.pair()
    await _short(house, "ask")
    for name in ("bob", "cleo"):
        await _admin(house, name)
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    approve = next(button for button in shown.last.buttons if button.label.startswith("Approve"))
    [approval] = await house.store.approvals.pending()
    house.expected.retries[str(house.place("kitchen"))] += 1
    clicks = [
        house.command("kitchen", f"/{approve.command}", by=name, process=process)
        for name, process in (("bob", first), ("cleo", second), ("bob", first))
    ]
    said = await asyncio.gather(*clicks)
    assert sum(" more for this channel's budget" in one for one in said) == 1
    assert sum("has approved" in one for one in said) == 2
    assert (await house.answered("kitchen", 2)).outcome == "complete"
    line = next(
        one for one in await house.store.ledger.rooms(_charge(house, approval.person_id)) if one.extra
    )
    assert line.extra == approval.amount


async def test_the_footer_says_what_the_thread_cost_and_what_is_left(house: House) -> None:
    """The thread's cost from the second answer on; what is left of the tightest budget where the workspace wishes."""
    await house.store.settings.set("place:room:town", "footer.left", True, by=None)
    await house.store.budgets.add(NewBudget("channel", "room:town/square", "week", 5_000_000_000))
    await house.say("kitchen", "What is for dinner?")
    first = await house.answered("kitchen")
    assert "in this thread" not in first.footer
    await house.say("kitchen", "And for lunch?")
    second = await house.answered("kitchen")
    entries = await house.store.ledger.billed()
    spent = sum(entry.cost or 0 for entry in entries)
    conversation = await house.store.conversations.current(str(house.place("kitchen")))
    assert conversation is not None
    assert conversation.cost == spent
    assert second.footer.endswith("in this thread · $5 left this week")


def _charge(house: House, person_id: int | None) -> Charge:
    return Charge("room:town", str(house.place("kitchen")), person_id, "openai", "", datetime.now(UTC))


async def test_an_expensive_answer_is_asked_for_first(house: House) -> None:
    """What is likely to cost more than the limit says so, with the cost on the button; a click does it."""
    await house.store.settings.set("place:room:town", "ask_above", 1_000, by=None)
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert "was not asked yet" in shown.text
    assert "the answer is likely to cost about $0.016" in shown.text
    assert house.provider.requests == []
    await house.press("kitchen", shown.labels[0])
    again = await house.answered("kitchen", 2)
    assert (shown.labels[0], again.outcome) == ("Ask anyway (about $0.016)", "complete")
    await house.store.settings.set("place:room:town", "ask_above", 0, by=None)
    await house.say("kitchen", "And for lunch?")
    assert (await house.answered("kitchen")).outcome == "complete"
