"""The budgets page: what is left, setting and changing, who waits for more, and whose business that is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx

from storage.approvals import APPROVED, DECLINED, Approval, NewApproval
from storage.budgets import EACH, Budget, NewBudget
from storage.ledger import Charge
from storage.people import Person
from storage.rows import now
from storage.store import Store
from tests.web.conftest import Site
from web.budget_cards import Bar, Card
from web.forms import Form

DOLLAR = 1_000_000_000
WORKSPACE = "slack:T1"
CHANNEL = f"{WORKSPACE}/C1"
GOOD = {"scope": "installation", "amount": "5", "period": "month", "limit": "hard", "thresholds": "80"}


async def charge(store: Store) -> tuple[Person, Charge]:
    """Ada asks something in a channel."""
    ada = await store.people.identify("slack", WORKSPACE, "U1", "Ada")
    return ada, Charge(WORKSPACE, f"{CHANNEL}/1.1", ada.id, "openai", "Work", now())


async def admin(site: Site, workspace: str = WORKSPACE) -> Person:
    """An admin of a workspace, who has entered it."""
    grace = await site.store.people.identify("slack", workspace, "U9", "Grace")
    await site.store.people.grant(grace.id, "admin", workspace)
    return grace


async def asked(store: Store, budget: Budget, amount: int = DOLLAR) -> Approval:
    """Ada found no room in a budget and asked for more."""
    ada, ada_charge = await charge(store)
    offered = await store.approvals.offer(NewApproval(budget.id, amount, 1, 1, "openai/o3"), ada_charge)
    assert offered is not None
    approval, _ = await store.approvals.ask(offered.id, ada.id, "Ada asks")
    assert approval is not None
    return approval


async def added(client: httpx.AsyncClient, form: dict[str, str], workspace: str = "") -> httpx.Response:
    """Send the form that sets a budget."""
    return await client.post(
        "/budgets", params={"workspace": workspace}, data=GOOD | form, follow_redirects=True
    )


async def test_what_is_left_is_shown_as_it_stands(site: Site) -> None:
    """Spent, held and left, when it renews and what then happens; of what each has, whose share is smallest."""
    _, ada_charge = await charge(site.store)
    await site.store.budgets.add(NewBudget("channel", CHANNEL, "day", 2 * DOLLAR, at_limit="cheapest"))
    await site.store.budgets.add(NewBudget("person", EACH, "month", 10 * DOLLAR))
    await site.store.ledger.reserve(ada_charge, DOLLAR // 2, "here")
    async with site.visitor() as client:
        await site.sign_in(client)
        page = (await client.get("/budgets")).text
    assert ">C1</span></h2>" in page
    assert "$1.50</b> left" in page
    assert "$0.50 held for answers that are being written, of $2" in page
    assert "the cheapest permitted model answers" in page
    assert '<span class="who">Ada</span> <b>$9.50</b> left' in page
    assert re.search(r"Renews <time datetime=\"\S+T00:00:00\+00:00\" data-moment>at 00:00 UTC</time>", page)


async def test_a_budget_is_set_changed_and_removed(site: Site) -> None:
    """Each holds at once, is said, and is audited with what was there before."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        answer = await added(client, {"scope": "provider", "subject": "OpenAI", "amount": "$1,000.50"})
        assert "Provider openai: $1,000.50 a month from now on; then questions are refused." in answer.text
        budget = (await site.store.budgets.all())[-1]
        assert (budget.scope, budget.subject, budget.amount) == ("provider", "openai", 1_000_500_000_000)
        change = {"amount": "3", "limit": "soft", "thresholds": "90, 50"}
        answer = await client.post(f"/budgets/{budget.id}", data=change, follow_redirects=True)
        assert "Provider openai: $3 a month now; answers go on: it is only counted." in answer.text
        budget = (await site.store.budgets.all())[-1]
        assert (budget.amount, budget.hard, budget.thresholds) == (3 * DOLLAR, False, (50, 90))
        answer = await client.post(f"/budgets/{budget.id}/remove", follow_redirects=True)
        assert "no longer binds" in answer.text
        assert budget.id not in [one.id for one in await site.store.budgets.all()]
    rows = [row for row in await site.store.audit.latest() if row.subject == f"budget:{budget.id}"]
    assert [(row.action, row.person_id) for row in rows] == [
        (action, owner.id) for action in ("remove budget", "change budget", "add budget")
    ]


async def test_what_is_wrong_stands_at_its_field(site: Site) -> None:
    """Nothing is set, and what was typed is still there."""
    before = await site.store.budgets.all()
    await admin(site)
    wrong = {
        "amount": ({"amount": "five"}, "“five” is no amount"),
        "scope": ({"scope": "galaxy"}, "Choose what it is for"),
        "period": ({"period": "year"}, "A day, a week or a month"),
        "limit": ({"limit": "maybe"}, "Choose what happens"),
        "thresholds": ({"thresholds": "0, 80"}, "whole percentages"),
        "nobody": ({"scope": "person", "subject": "Nobody Known"}, "Nobody is called that"),
        "channel": ({"scope": "channel", "subject": "slack:T1"}, "Write a channel by its id"),
        "elsewhere": ({"scope": "channel", "subject": "slack:T7/C1"}, "No such workspace is known"),
        "provider": ({"scope": "provider", "subject": "opnai"}, "There is no such provider"),
        "empty": ({"scope": "workspace", "subject": ""}, "Which workspace?"),
    }
    async with site.visitor() as client:
        await site.sign_in(client)
        for form, sentence in wrong.values():
            answer = await added(client, form)
            assert answer.status_code == 400
            assert sentence in answer.text
            assert all(
                f'value="{value}"' in answer.text
                for name, value in form.items()
                if name in ("amount", "subject")
            )
    assert await site.store.budgets.all() == before


async def test_an_admin_keeps_their_workspaces_budgets_only(site: Site) -> None:
    """Channels by their id alone, people by name; what is others' or everybody's is neither shown nor changed."""
    ada, _ = await charge(site.store)
    stranger = await site.store.people.identify("slack", "slack:T2", "U1", "Eve")
    everybody = (await site.store.budgets.all())[0]
    others = await site.store.budgets.add(NewBudget("channel", "slack:T2/C1", "day", 7 * DOLLAR))
    theirs = await site.store.budgets.add(NewBudget("person", str(stranger.id), "day", 7 * DOLLAR))
    grace = await admin(site)
    async with site.visitor() as client:
        await site.sign_in(client, grace.id)
        for form in (
            {"scope": "channel", "subject": "C1"},
            {"scope": "person", "subject": "ada"},
            {"scope": "workspace"},
        ):
            assert (await added(client, form, WORKSPACE)).status_code == 200
        made = [(one.scope, one.subject) for one in await site.store.budgets.all()][-3:]
        assert made == [("channel", CHANNEL), ("person", str(ada.id)), ("workspace", WORKSPACE)]
        page = (await client.get("/budgets")).text
        assert ">C1</span></h2>" in page
        assert "$7" not in page
        assert "Everybody together" not in page
        for one in (everybody, others, theirs):
            assert (await client.post(f"/budgets/{one.id}", data=GOOD)).status_code == 404
            assert (await client.post(f"/budgets/{one.id}/remove")).status_code == 404
        for scope in ("installation", "each", "provider", "credential"):
            assert (await added(client, {"scope": scope, "subject": "openai"}, WORKSPACE)).status_code == 400
        assert (
            await added(client, {"scope": "channel", "subject": "slack:T2/C1"}, WORKSPACE)
        ).status_code == 400
        for workspace in ("", "slack:T2"):
            assert (await added(client, {}, workspace)).status_code == 403
    assert {everybody.id, others.id, theirs.id} <= {one.id for one in await site.store.budgets.all()}


async def test_a_request_is_approved_once_with_an_amount(site: Site) -> None:
    """The budget has that much more room, the question waits in the inbox; a second click says who did."""
    approval = await asked(
        site.store, await site.store.budgets.add(NewBudget("channel", CHANNEL, "day", DOLLAR))
    )
    grace = await admin(site)
    async with site.visitor() as client:
        await site.sign_in(client, grace.id)
        page = (await client.get("/budgets")).text
        assert "<b>Ada</b> asks for <b>$1</b> more of “Slack · <span" in page
        path = f"/budgets/approvals/{approval.id}/approve"
        wrong = await client.post(path, data={"amount": "lots"})
        assert wrong.status_code == 400
        assert "“lots” is no amount" in wrong.text
        answer = await client.post(path, data={"amount": "2.50"}, follow_redirects=True)
        assert "Grace approved $2.50 more for this channel&#39;s budget. The question goes on." in answer.text
        assert "Waiting for you" not in answer.text
        again = await client.post(path, data={"amount": "2.50"}, follow_redirects=True)
        assert "Grace has approved $2.50 already." in again.text
    decided = await site.store.approvals.get(approval.id)
    assert decided is not None
    assert (decided.state, decided.granted, decided.decided_by) == (APPROVED, 2_500_000_000, grace.id)


async def test_a_request_is_declined_or_is_not_theirs(site: Site) -> None:
    """An admin elsewhere does not find it; of a budget that is everybody's an owner decides."""
    mine = await asked(site.store, await site.store.budgets.add(NewBudget("channel", CHANNEL, "day", DOLLAR)))
    wide = await asked(site.store, (await site.store.budgets.all())[0])
    grace, henry = await admin(site), await admin(site, "slack:T2")
    async with site.visitor() as client, site.visitor() as elsewhere:
        await site.sign_in(client, grace.id)
        await site.sign_in(elsewhere, henry.id)
        assert (await elsewhere.post(f"/budgets/approvals/{mine.id}/decline")).status_code == 404
        assert "an owner decides" in (await client.get("/budgets")).text
        for act in ("approve", "decline"):
            assert (await client.post(f"/budgets/approvals/{wide.id}/{act}")).status_code == 403
        answer = await client.post(f"/budgets/approvals/{mine.id}/decline", follow_redirects=True)
        assert "Grace declined" in answer.text
        assert "/retry" not in answer.text
    states = [await site.store.approvals.get(one.id) for one in (mine, wide)]
    assert [one.state for one in states if one] == [DECLINED, "asked"]


async def test_the_limits_beside_the_budgets(site: Site) -> None:
    """What one request may cost, from which cost on one is asked first, and whether footers say what is left."""
    scope = f"place:{WORKSPACE}"
    grace = await admin(site)
    async with site.visitor() as client:
        await site.sign_in(client, grace.id)
        form = {"request_limit": "0.75", "ask_above": "0", "left": "yes"}
        answer = await client.post("/budgets/limits", data=form, follow_redirects=True)
        assert "Saved." in answer.text
        assert 'value="0.75"' in answer.text
        keys = ("request_limit", "ask_above", "footer.left")
        found = await site.store.settings.get_table([scope], keys)
        assert [found[scope, key].value for key in keys] == [750_000_000, 0, True]
        wrong = await client.post("/budgets/limits", data=form | {"ask_above": "-1"})
        assert wrong.status_code == 400
        assert 'value="-1"' in wrong.text
        await client.post("/budgets/limits", data={"request_limit": "", "ask_above": "0", "left": ""})
        assert list(await site.store.settings.get_table([scope], keys)) == [(scope, "ask_above")]
        assert (await client.post("/budgets/limits?workspace=", data=form)).status_code == 403


def test_what_is_spent_comes_first() -> None:
    """A budget that nothing is left of is seen before those that nearly are spent, and those before the rest."""
    at = datetime(2026, 11, 1, tzinfo=UTC)

    def spent(percent: int) -> Card:
        bar = Bar("", "", "", percent, 0)
        return Card(percent, "", "", "month", "", at, "", "", hard=True, bars=(bar,), form=Form())

    cards = sorted([spent(10), spent(99), spent(100), spent(20)], key=lambda one: one.rank)
    assert [one.id for one in cards] == [100, 99, 10, 20]
