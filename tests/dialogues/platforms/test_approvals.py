"""A question that a budget has no room for, on every platform: the buttons that ask an admin, and what they lead to."""

from __future__ import annotations

from bot.core.money import dollars
from storage.budgets import NewBudget
from tests.fakes.home import BIG
from tests.fakes.platform_house import PlatformHouse

SHORT = 1_000_000  # nano-dollars: too little for the big model's shortest answer


async def test_an_admin_is_asked_and_approves(house: PlatformHouse) -> None:
    """A click posts the request for all; an admin's click lets the question go on by itself."""
    await house.store.budgets.add(NewBudget("installation", "", "week", SHORT))
    first = house.mention("ada", "general", "What is for dinner?")
    house.order(first, "broken")
    refused = await house.answered(first)
    assert f"{BIG} was not asked." in refused.text
    await house.press(first, "Ask an admin")
    await house.says(first, " asks for $0.27 more from the installation's budget")
    request = house.eyes.ours(house.place(first))[-1]
    [approval] = await house.store.approvals.pending()
    assert approval.person_id is not None
    await house.store.people.grant(approval.person_id, "admin")
    house.again(first)
    await house.click("ada", request, f"Approve {dollars(approval.amount)}")
    await house.says(first, " approved $0.27 more for the installation's budget")
    shown = await house.answered(first, 2)
    assert (shown.outcome, shown.footer.partition(" ")[0]) == ("complete", BIG)
    assert await house.store.approvals.pending() == []
