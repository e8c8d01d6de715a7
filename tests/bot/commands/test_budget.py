"""``/budget``, ``/approve`` and ``/decline``: what is left, who may change it, and how more is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.command import Answer, Asked
from bot.core.view import Tone
from storage.approvals import NewApproval
from storage.budgets import NewBudget
from storage.ledger import Charge
from tests.bot.commands.conftest import Thread

DOLLAR = 1_000_000_000


async def run(thread: Thread, line: str, **more: object) -> Answer:
    """The whole answer to a line."""
    asked: Asked = replace(thread.asked(), **more)  # type: ignore[arg-type]
    answer = await thread.desk.run(asked, line)
    assert answer is not None
    return answer


async def admin(thread: Thread, workspace: str | None = "web:main") -> None:
    """The person becomes an admin of the workspace, or of the installation."""
    await thread.store.people.grant(thread.person_id, "admin", workspace)


async def the_budgets(thread: Thread) -> list[tuple[object, ...]]:
    """All but the first start's."""
    return [
        (one.scope, one.subject, one.period, one.amount, one.hard, one.at_limit)
        for one in (await thread.store.budgets.all())[1:]
    ]


async def test_budget_says_what_is_left(thread: Thread) -> None:
    """Every budget that binds what is asked here, in a small table; the tightest comes first in words."""
    await thread.store.budgets.add(NewBudget("person", str(thread.person_id), "week", 2 * DOLLAR))
    await thread.store.budgets.add(NewBudget("channel", "web:main/elsewhere", "week", 1))
    await thread.store.budgets.add(NewBudget("provider", "openai", "month", 5 * DOLLAR, hard=False))
    said = await thread.say("/budget")
    assert said.startswith("**$2** is left for what is asked here.")
    for part in (
        "everybody together (day) | $100 | $0.00 | $100",
        "you (week) | $2",
        "provider openai (month, soft)",
    ):
        assert part in said
    assert "elsewhere" not in said


async def test_only_admins_set_budgets(thread: Thread) -> None:
    """Anybody else reads who can, and nothing is changed; wider budgets than a workspace's need wider admins."""
    assert "Only an admin of this workspace may set budgets" in await thread.error(
        "/budget set 50 month channel"
    )
    await admin(thread)
    for whose in ("installation", "person", "provider openai", "credential Work"):
        said = await thread.error(f"/budget set 50 month {whose}")
        assert said.startswith("Only the owner of this installation may set budgets")
    assert await the_budgets(thread) == []


@pytest.mark.parametrize(
    ("words", "budget"),
    [
        ("50 month channel", ("channel", "web:main/general", "month", 50 * DOLLAR, True, "refuse")),
        ("$0.50 day workspace soft", ("workspace", "web:main", "day", DOLLAR // 2, False, "refuse")),
        ("5 week workspace ask", ("workspace", "web:main", "week", 5 * DOLLAR, True, "ask")),
        ("2 day person Ada", ("person", "1", "day", 2 * DOLLAR, True, "refuse")),
        ("2 day cheapest person", ("person", "*", "day", 2 * DOLLAR, True, "cheapest")),
        ("7 provider openai", ("provider", "openai", "month", 7 * DOLLAR, True, "refuse")),
        ("7 credential Work OpenAI", ("credential", "Work OpenAI", "month", 7 * DOLLAR, True, "refuse")),
    ],
)
async def test_budget_is_set_in_words(thread: Thread, words: str, budget: tuple[object, ...]) -> None:
    """Amount, period, whose and what happens at the limit, in any order; said for all, and audited."""
    await admin(thread, None)
    answer = await run(thread, f"/budget set {words}")
    assert answer.refresh, answer.view.text
    assert await the_budgets(thread) == [budget]
    [audited] = await thread.store.audit.latest(1)
    assert (audited.action, audited.person_id) == ("add budget", thread.person_id)


async def test_budget_is_changed_and_taken_away(thread: Thread) -> None:
    """Setting it again changes it; removing names what is gone, once."""
    await admin(thread)
    await thread.say("/budget set 50 month channel")
    assert "$20 a month for this channel" in await thread.say("/budget set 20 month channel cheapest")
    assert await the_budgets(thread) == [
        ("channel", "web:main/general", "month", 20 * DOLLAR, True, "cheapest")
    ]
    assert await thread.say("/budget remove channel") == "$20 a month for this channel no longer binds."
    assert "no such budget" in await thread.error("/budget remove channel")
    assert "for Ada" in await thread.error("/budget remove person Ada")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/budget set", "How much?"),
        ("/budget set lots", "is no amount"),
        ("/budget set 5 person Bob", "Nobody here is called “Bob”"),
        ("/budget set 5 provider", "Which provider?"),
        ("/budget ask lots", "Which request?"),
        ("/budget ask 99", "There is no request #99 here."),
        ("/approve 99", "There is no request #99 here."),
    ],
)
async def test_what_makes_no_sense_is_said(thread: Thread, line: str, says: str) -> None:
    """In a sentence that says what to write."""
    await admin(thread, None)
    assert says in await thread.error(line)


async def short(thread: Thread, scope: str = "channel", subject: str = "web:main/general") -> tuple[int, int]:
    """A question that was refused for want of half a dollar: the request's number, and the reply's."""
    budget = await thread.store.budgets.add(NewBudget(scope, subject, "day", 1))
    reply_id = await thread.ask("How far is it?")
    conversation = await thread.here()
    charge = Charge("web:main", str(thread.place), thread.person_id, "openai", "", budget.created_at)
    new = NewApproval(budget.id, DOLLAR // 2, reply_id, conversation.id, "demo/quick")
    approval = await thread.store.approvals.offer(new, charge)
    assert approval is not None
    again = await thread.store.approvals.offer(new, charge)
    assert again == approval
    return approval.id, reply_id


async def left(thread: Thread) -> int:
    """What is left of the newest budget."""
    charge = Charge(
        "web:main", str(thread.place), thread.person_id, "openai", "", (await thread.here()).created_at
    )
    return (await thread.store.ledger.rooms(charge))[-1].left


async def test_an_admin_is_asked_and_approves_once(thread: Thread) -> None:
    """The request stands in the thread with its buttons; approving makes room and lets the question go on."""
    number, reply_id = await short(thread)
    answer = await run(thread, f"/budget ask #{number}")
    assert answer.refresh
    assert (
        "Ada asks for $0.50 more from this channel's budget, for an answer by demo/quick." in answer.view.text
    )
    assert [(one.label, one.command) for one in answer.view.buttons] == [
        ("Approve $0.50", f"approve #{number}"),
        ("Decline", f"decline #{number}"),
    ]
    [notice] = await thread.store.notices.undelivered()
    assert (notice.kind, notice.scope, notice.subject) == ("approval", "workspace", "web:main")
    assert await thread.say(f"/budget ask #{number}") == "An admin was asked already."
    assert "Only an admin" in await thread.error(f"/approve #{number}")
    await admin(thread)
    approved = await run(thread, f"/approve #{number}")
    assert approved.refresh
    assert approved.view.text.startswith("Ada approved $0.50 more for this channel's budget.")
    again = await run(thread, f"/approve #{number}")
    assert (again.view.text, again.refresh) == ("Ada has approved $0.50 already.", False)
    assert await left(thread) == 1 + DOLLAR // 2
    [item] = await thread.store.inbox.waiting((await thread.here()).id)
    assert (item.kind, item.person_id) == ("again", thread.person_id)
    assert f'"reply_id": {reply_id}' in item.payload
    actions = [row.action for row in await thread.store.audit.latest(3)]
    assert actions == ["approved", "grant", "ask for approval"]


async def test_an_admin_gives_another_amount_or_none(thread: Thread) -> None:
    """The amount that is typed counts; who declines changes nothing but the request."""
    await admin(thread)
    number, _ = await short(thread)
    assert "press **Ask an admin** first" in await thread.say(f"/approve {number}")
    await thread.say(f"/budget ask {number}")
    assert "above $0" in await thread.error(f"/approve {number} 0")
    assert "$2 more" in await thread.say(f"/approve {number} $2")
    assert await left(thread) == 1 + 2 * DOLLAR


async def test_an_admin_declines(thread: Thread) -> None:
    """Nothing has changed but the request, and a late approval hears so."""
    await admin(thread)
    number, _ = await short(thread)
    await thread.say(f"/budget ask {number}")
    assert (await thread.say(f"/decline {number}")).startswith("Ada declined")
    assert await thread.say(f"/approve {number}") == "Ada has declined this already."
    assert await left(thread) == 1
    assert await thread.store.inbox.waiting((await thread.here()).id) == []


async def test_a_budget_of_all_needs_an_admin_of_all(thread: Thread) -> None:
    """An admin of one workspace gives no room in the installation's budget, and sees no other workspace's requests."""
    await admin(thread)
    number, _ = await short(thread, "installation", "")
    await thread.say(f"/budget ask {number}")
    assert "Only the owner of this installation" in await thread.error(f"/approve {number}")
    elsewhere = await run(thread, f"/approve {number}", workspace_id="slack:T1")
    assert (elsewhere.view.tone, elsewhere.view.text) == (Tone.ERROR, f"There is no request #{number} here.")
    await admin(thread, None)
    assert "approved" in await thread.say(f"/approve {number}")


async def test_what_was_answered_meanwhile_is_not_asked_again(thread: Thread) -> None:
    """The room is there, but nobody pays twice for one question."""
    await admin(thread)
    number, reply_id = await short(thread)
    await thread.answer(reply_id, "A mile.")
    await thread.say(f"/budget ask {number}")
    await thread.say(f"/approve {number}")
    assert await thread.store.inbox.waiting((await thread.here()).id) == []
    assert await left(thread) == 1 + DOLLAR // 2


async def test_the_footer_is_an_admins_choice(thread: Thread) -> None:
    """For this channel or the whole workspace; said again it is taken back."""
    assert "Only an admin" in await thread.error("/budget footer")
    await admin(thread)
    said = [
        await thread.say(line) for line in ("/budget footer", "/budget footer", "/budget footer workspace")
    ]
    assert [("no longer" in one, "workspace" in one) for one in said] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    found = await thread.store.settings.get_many(["place:web:main/general", "place:web:main"], "footer.left")
    assert {scope: one.value for scope, one in found.items()} == {
        "place:web:main/general": False,
        "place:web:main": True,
    }
