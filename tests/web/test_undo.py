"""Undo beside what was just done: by who did it, as long as they may, for a while, once."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from bot.calls.access import KEYS
from bot.calls.limits import ASK_ABOVE, REQUEST_LIMIT
from bot.calls.pace import REQUESTS
from bot.conversation.chains import CHAIN
from bot.conversation.settings import FOLLOW, LEFT, MODEL
from bot.providers.customs import HOSTS
from bot.workbench.alerting import SETTING as ALERTS
from bot.workbench.alerting import Route
from bot.workbench.schedule import SETTING
from storage.agents import Persona
from storage.budgets import NewBudget
from storage.credentials import NewCredential
from storage.people import Person
from storage.price_overrides import NewOverride
from tests.web.conftest import Site
from tests.web.test_conversations import talked

T1, T2, CHANNEL = "slack:T1", "slack:T2", "slack:T1/C1"
SETTINGS = (MODEL, CHAIN, FOLLOW, LEFT, REQUESTS, *KEYS, REQUEST_LIMIT, ASK_ABOVE, HOSTS, SETTING, ALERTS)
_UNDO = re.compile(r'action="(/undo/[0-9-]+)"><input type="hidden" name="back" value="([^"]*)">')


def undo_of(page: str) -> tuple[str, dict[str, str]]:
    """What the button of a page posts."""
    found = _UNDO.search(page)
    assert found is not None
    return found[1], {"back": unescape(found[2])}


async def did(client: httpx.AsyncClient, path: str, **sent: str) -> tuple[str, dict[str, str]]:
    """Do something; what its Undo posts."""
    return undo_of((await client.post(path, data=sent, follow_redirects=True)).text)


async def an_admin(site: Site, workspace: str, name: str) -> Person:
    """Somebody who administers a workspace that something was said in."""
    await site.store.conversations.start_new(f"{workspace}/C1/1700.1", None)
    person = await site.store.people.identify("slack", workspace, f"U{name}", name)
    await site.store.people.grant(person.id, "admin", workspace)
    return person


async def test_a_button_puts_it_back_and_leads_back(site: Site) -> None:
    """To the page that was looked at; what else is sent counts for nothing; a second press does no harm."""
    await an_admin(site, T1, "Ada")
    budget = await site.store.budgets.add(NewBudget("workspace", T1, "month", 5_000_000_000))
    async with site.visitor() as client:
        await site.sign_in(client)
        path, sent = await did(client, f"/budgets/{budget.id}/remove?workspace={T1}")
        assert sent == {"back": "/budgets?workspace=slack%3AT1"}
        assert budget not in await site.store.budgets.all()
        answer = await client.post(path, data=sent | {"amount": "1", "before": "{}"})
        assert answer.headers["location"] == sent["back"]
        page = (await client.get(sent["back"])).text
        assert "Undone." in page
        assert _UNDO.search(page) is None
        assert _UNDO.search((await client.get("/budgets")).text) is None, "it was said once"
        assert budget in await site.store.budgets.all()
        again = await client.post(path, data=sent, follow_redirects=True)
        assert "Nothing was undone" in again.text
        assert budget in await site.store.budgets.all()


async def test_pages_offer_it_where_it_is_honest(site: Site) -> None:
    """Settings, rules, budgets, agents, prices, keys, digests, roles, hosts, clocks: undone, all stands as before."""
    store = site.store
    ada = await an_admin(site, T1, "Ada")
    budget = await store.budgets.add(NewBudget("workspace", T1, "month", 5))
    agent = await store.agents.put(T1, "pirate", Persona("Ahoy."), None)
    began = datetime(2026, 1, 1, tzinfo=UTC)
    price = await store.price_overrides.add(NewOverride("openai", "gpt-4.1", began, "1", "2"))
    await store.custom.put_model("openai", "ours", '{"id": "ours"}')
    key = await store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef"))
    await store.settings.set(f"place:{CHANNEL}", "models.denied", ["demo/story"], None)
    at = f"?workspace={T1}"
    channel = f"{at}&channel={CHANNEL}"
    done: list[tuple[str, dict[str, str]]] = [
        (f"/defaults/model{at}", {"model": "demo/story"}),
        (f"/defaults/chain{channel}", {"stands": "off"}),
        (f"/defaults/follow{at}", {"follow": "mentions"}),
        (f"/defaults/requests{at}", {"workspace": "unlimited"}),
        ("/defaults/requests?workspace=", {"person": "7"}),
        ("/defaults/requests/person", {"who": "Ada", "number": "3"}),
        (f"/defaults/clock{at}", {"time_zone": "Europe/Berlin", "first_weekday": "6"}),
        (f"/defaults/agents/new{at}", {"name": "captain", "instructions": "Oh."}),
        (f"/defaults/agents/{agent.id}{at}", {"name": "sailor", "instructions": "Oh."}),
        (f"/defaults/agents/{agent.id}/remove{at}", {}),
        (f"/defaults/access/pattern{channel}", {"act": "allow", "pattern": "demo, demo/story"}),
        (f"/defaults/access/pattern{channel}", {"act": "lift", "pattern": "demo/story"}),
        (f"/defaults/access/local{at}&person={ada.id}", {"local": "on"}),
        (f"/defaults/access/exempt{channel}", {"act": "exempt", "who": "admins"}),
        (f"/defaults/access/reset{channel}", {}),
        (f"/budgets{at}", {"scope": "workspace", "period": "day", "limit": "hard", "amount": "5"}),
        (f"/budgets/{budget.id}{at}", {"limit": "soft", "amount": "7", "thresholds": "50"}),
        (f"/budgets/{budget.id}/remove{at}", {}),
        (f"/budgets/limits{at}", {"request_limit": "1", "ask_above": "2", "left": "yes"}),
        ("/models/prices", {"model": "openai/gpt-4.1", "input": "3", "output": "4"}),
        (f"/models/prices/{price.id}/remove", {}),
        ("/models/own/remove", {"model": "openai/ours"}),
        (f"/providers/keys/{key.id}/disable", {}),
        ("/providers/own/hosts", {"host": "ollama.local"}),
        (f"/digest{channel}", {"every": "week", "weekday": "0", "at": "09:00", "about": "workspace"}),
        (f"/operations/alerts{at}", {"place": "C1", "kind-budget": "yes"}),
        (f"/operations/people/{ada.id}/role", {"role": "admin", "act": "give"}),
        (f"/operations/people/{ada.id}/role", {"role": "admin", "workspace": T1, "act": "take"}),
    ]

    async def stands() -> object:
        keys = await store.credentials.all()
        found = await store.settings.everywhere(SETTINGS)
        return (
            {name: one.value for name, one in found.items()},
            await store.budgets.all(),
            [(one.id, one.name, one.persona) for one in await store.agents.all(T1)],
            await store.price_overrides.all(),
            await store.custom.models(),
            [(one.id, one.disabled_at) for one in keys],
            await store.workspaces.get(T1),
            await store.people.roles(ada.id),
        )

    async with site.visitor() as client:
        await site.sign_in(client)
        before = await stands()
        for path, sent in done:
            undo, back = await did(client, path, **sent)
            assert await stands() != before, path
            page = await client.post(undo, data=back, follow_redirects=True)
            assert page.status_code == 200, path
            assert "Undone." in page.text, path
            assert await stands() == before, path


async def test_it_is_not_offered_where_something_is_wiped(site: Site) -> None:
    """What was said, a key's secret: the question before says so, and no button is there after."""
    key = await site.store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef"))
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        number = await talked(site, owner, "bread1234", "How is bread made?", "Flour.")
        assert "cannot be brought back" in (await client.get(f"/conversations/{number}")).text
        said = await client.post(f"/conversations/{number}/forget", follow_redirects=True)
        assert "Forgotten." in said.text
        assert _UNDO.search(said.text) is None
        assert "cannot be brought back" in (await client.get("/providers/openai")).text
        assert "cannot be brought back" in (await client.get(f"/providers/keys/{key.id}")).text
        gone = await client.post(f"/providers/keys/{key.id}/remove", follow_redirects=True)
        assert "is removed" in gone.text
        assert _UNDO.search(gone.text) is None
        for row in await site.store.audit.latest(2):
            refused = await client.post(f"/undo/{row.id}", data={"back": "/"}, follow_redirects=True)
            assert "Nothing was undone" in refused.text or row.person_id is None


async def test_nobody_else_undoes_it(site: Site) -> None:
    """No other admin, no other owner, no member; and from another site's page not even who did it."""
    ada, eve = await an_admin(site, T1, "Ada"), await an_admin(site, T2, "Eve")
    async with site.visitor() as client, site.visitor() as other, site.visitor() as owner:
        await site.sign_in(client, ada.id)
        await site.sign_in(other, eve.id)
        await site.sign_in(owner)
        path, back = await did(client, f"/defaults/model?workspace={T1}", model="demo/story")
        assert (await other.post(path, data=back)).status_code == 404
        assert (await owner.post(path, data=back)).status_code == 404
        async with site.visitor() as member, site.visitor(Sec_Fetch_Site="cross-site") as elsewhere:
            await site.sign_in(member, (await site.someone_else()).id)
            assert (await member.post(path, data=back)).status_code == 403
            elsewhere.cookies = client.cookies
            assert (await elsewhere.post(path, data=back)).status_code == 403
        found = await site.store.settings.get_many([f"place:{T1}"], "model")
        assert found[f"place:{T1}"].value == "demo/story"
        assert (await client.post(path, data=back)).status_code == 303
    assert await site.store.settings.get_many([f"place:{T1}"], "model") == {}


async def test_who_may_no_longer_change_it_may_not_undo_it(site: Site) -> None:
    """The right is asked for anew, thing by thing."""
    ada, store = await an_admin(site, T1, "Ada"), site.store
    agent = await store.agents.put(T1, "pirate", Persona("Ahoy."), None)
    budget = await store.budgets.add(NewBudget("channel", CHANNEL, "month", 5))
    key = await store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef", f"place:{T1}"))
    at = f"?workspace={T1}"
    async with site.visitor() as client:
        await site.sign_in(client, ada.id)
        undos = [
            await did(client, f"/defaults/follow{at}", follow="mentions"),
            await did(client, f"/defaults/access/local{at}&person={ada.id}", local="on"),
            await did(client, f"/defaults/clock{at}", time_zone="Europe/Berlin", first_weekday="6"),
            await did(client, f"/defaults/agents/{agent.id}/remove{at}"),
            await did(client, f"/budgets/{budget.id}/remove{at}"),
            await did(client, f"/providers/keys/{key.id}/disable"),
        ]
        await an_admin(site, T2, "Ada")
        await store.people.grant(ada.id, "admin", T2)
        await store.people.revoke(ada.id, "admin", T1)
        for path, back in undos[:1] + undos[2:]:
            refused = await client.post(path, data=back)
            assert refused.status_code == 403, path
            assert "You may no longer change that" in refused.text
        assert (await client.post(undos[1][0], data=undos[1][1])).status_code == 403
        await store.people.grant(ada.id, "admin", T1)
        for path, back in undos:
            assert "Undone." in (await client.post(path, data=back, follow_redirects=True)).text


async def test_who_is_told_of_the_whole_installation_is_undone_by_an_owner(site: Site) -> None:
    """Not by who was one when they said so."""
    ada = await an_admin(site, T1, "Ada")
    await site.store.people.grant(ada.id, "owner")
    await site.store.people.grant((await site.someone_else()).id, "owner")
    async with site.visitor() as client:
        await site.sign_in(client, ada.id)
        sent = {"place": "C1", "kind-budget": "yes", "wide": "yes"}
        path, back = await did(client, f"/operations/alerts?workspace={T1}", **sent)
        assert await site.store.people.revoke(ada.id, "owner")
        assert (await client.post(path, data=back)).status_code == 403
        found = await site.store.settings.get_many([f"place:{T1}"], ALERTS)
        assert Route.from_json(found[f"place:{T1}"].value).wide


async def test_after_a_while_it_is_too_late(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says so; nothing is changed."""
    async with site.visitor() as client:
        await site.sign_in(client)
        path, back = await did(client, "/defaults/model?workspace=", model="demo/story")
        monkeypatch.setattr("web.pages.undo.WITHIN", timedelta(seconds=-1))
        assert "too long ago" in (await client.post(path, data=back, follow_redirects=True)).text
    assert "installation" in await site.store.settings.get_many(["installation"], "model")


@pytest.mark.parametrize(
    "named", ["0", "x", "1-", "-1", "1--2", "9" * 19, "-".join("1" * 21), "1%27", "1-999999"]
)
async def test_what_names_no_entry_of_ones_own_is_not_found(site: Site, named: str) -> None:
    """Whatever it looks like."""
    async with site.visitor() as client:
        await site.sign_in(client)
        await client.post("/defaults/model?workspace=", data={"model": "demo/story"})
        assert (await client.post(f"/undo/{named}", data={"back": "/"})).status_code == 404


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/budgets", "//evil.example/budgets", "/nowhere", "/budgetsx", "", "/budgets\n"],
)
async def test_it_leads_to_no_place_but_ours(site: Site, back: str) -> None:
    """To the front door then."""
    async with site.visitor() as client:
        await site.sign_in(client)
        path, _ = await did(client, "/defaults/model?workspace=", model="demo/story")
        answer = await client.post(path, data={"back": back})
        assert answer.headers["location"] in ("/", "/budgets")


@pytest.mark.parametrize("undo", ['"><script>', "1/../../sign-out", 7.5, None, ["1"]])
async def test_a_forged_cookie_shows_no_button(site: Site, undo: object) -> None:
    """The sentence is shown, and that is all."""
    forged = urlsafe_b64encode(json.dumps(["good", "Hello there", undo]).encode()).decode()
    async with site.visitor() as client:
        await site.sign_in(client)
        client.cookies.set("said", forged)
        page = (await client.get("/defaults")).text
    assert "Hello there" in page
    assert "/undo/" not in page
