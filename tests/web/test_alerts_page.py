"""Alerts of a workspace on their page: where they go, which are told, whose business they are."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from bot.commands.command import Desk
from bot.workbench.alerting import ALERT, KINDS, MOST, SETTING, Route
from storage.people import Person
from storage.sendings import SENT, NewSending
from tests.storage.given import said
from tests.web.conftest import Site, listen, serving

WORKSPACE = "slack:T1"
PATH = "/operations/alerts"
AT = {"workspace": WORKSPACE}
ALL = {f"kind-{kind}": "yes" for kind in KINDS}


async def admin(site: Site) -> Person:
    """An admin of the workspace, who has said something there: in a channel, and in private."""
    grace = await site.store.people.identify("slack", WORKSPACE, "U9", "Grace")
    await site.store.people.grant(grace.id, "admin", WORKSPACE)
    for place in ("C1", "D9"):
        await site.store.inbox.receive(said(place=f"{WORKSPACE}/{place}/1.0", key=place, person_id=grace.id))
    return grace


async def kept(site: Site, workspace: str = WORKSPACE) -> Route | None:
    """What is set."""
    scope = f"place:{workspace}"
    found = (await site.store.settings.get_many([scope], SETTING)).get(scope)
    return None if found is None else Route.from_json(found.value)


async def put(site: Site, route: Route, workspace: str = WORKSPACE) -> None:
    """Set it, as a command would."""
    await site.store.settings.set(f"place:{workspace}", SETTING, route.to_json(), None)


async def posted(client: httpx.AsyncClient, form: dict[str, str], what: str = "") -> httpx.Response:
    """Send a form of the page."""
    return await client.post(PATH + what, params=AT, data=form, follow_redirects=True)


@pytest.fixture
async def mailing(site: Site) -> AsyncIterator[Site]:
    """The same site where mail can be sent."""
    tools = site.services.commands.tools
    desk = Desk(site.store, tools.registry, tools.engine, tools.settings, mails=True)
    services, listener = replace(site.services, commands=desk), listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving(services, listener):
        yield replace(site, url=url, services=services)


async def test_a_channel_is_added_and_taken_out(site: Site) -> None:
    """From what the page offers, or by its id; what is not ticked is gone; each change is in the audit."""
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        page = await client.get(PATH, params=AT)
        assert "They go to the owner, in private." in page.text
        assert '<option value="C1">Slack · C1</option>' in page.text
        assert '<option value="D9">you, in private</option>' in page.text
        page = await posted(client, ALL | {"place": "C1"})
        assert "Alerts of Slack · T1 go to one channel from now on." in page.text
        shown = {f"place:{WORKSPACE}/C1": "yes"}
        left = {key: value for key, value in ALL.items() if key != "kind-unpriced"}
        page = await posted(client, left | shown | {"place": f"{WORKSPACE}/D9"})
        assert "go to 2 channels from now on, but for one kind." in page.text
        assert ">D9, in private</span>" in page.text
        assert await kept(site) == Route((f"{WORKSPACE}/C1", f"{WORKSPACE}/D9"), (), ("unpriced",))
        # What somebody else added meanwhile was not on this page, so it stays.
        page = await posted(client, ALL | {f"place:{WORKSPACE}/C1": "no"})
        assert await kept(site) == Route((f"{WORKSPACE}/D9",))
        page = await posted(client, ALL | {f"place:{WORKSPACE}/D9": "no"})
        assert "go to nobody now; webhooks are told all the same" in page.text
        page = await posted(client, {}, "/reset")
        assert "They go to the owner, in private." in page.text
    assert await kept(site) is None
    cleared, changed, *_ = await site.store.audit.latest()
    assert (cleared.action, changed.action, changed.subject) == ("clear", "set", f"place:{WORKSPACE} alerts")
    assert json.loads(changed.before or "")["places"] == [f"{WORKSPACE}/D9"]
    assert json.loads(changed.after or "")["places"] == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("slack:T2/C1", "That is no channel of this workspace"),
        ("general talk", "That is no channel of this workspace"),
        ("https://slack.test/C1", "That is no channel of this workspace"),
        ("D7", "the direct messages of somebody else"),
    ],
)
async def test_a_place_is_the_workspaces_own(site: Site, typed: str, says: str) -> None:
    """Neither another workspace's channel nor somebody's direct messages; what was typed and unticked stays."""
    await put(site, Route((f"{WORKSPACE}/C1",)))
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        page = await posted(client, {"place": typed, f"place:{WORKSPACE}/C1": "no", "kind-key": "yes"})
    assert page.status_code == 422
    assert says in page.text
    assert f'value="{typed}"' in page.text
    assert f'<input type="checkbox" name="place:{WORKSPACE}/C1" value="yes">' in page.text
    assert 'name="kind-key" value="yes" checked' in page.text
    assert 'name="kind-budget" value="yes">' in page.text
    assert await kept(site) == Route((f"{WORKSPACE}/C1",))


async def test_a_list_has_an_end(site: Site) -> None:
    """The eleventh place is refused with what to do, and pushes nobody out."""
    route = Route(tuple(f"{WORKSPACE}/C{number}" for number in range(MOST)))
    await put(site, route)
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        page = await posted(client, ALL | {"place": "C99"})
    assert "10 places at most; untick one first" in page.text
    assert await kept(site) == route


async def test_without_a_mail_server_it_is_said(site: Site) -> None:
    """The settings are named, an address that is there already is marked, and none is added."""
    await put(site, Route(mail=("ops@example.com",)))
    async with site.visitor() as client:
        await site.sign_in(client, (await admin(site)).id)
        page = await client.get(PATH, params=AT)
        assert "No mail can be sent from here." in page.text
        assert "<code>SMTP_URL</code>" in page.text
        assert "no mail server</span>" in page.text
        assert 'name="mail"' not in page.text
        page = await posted(client, ALL | {"mail": "new@example.com"})
        assert page.status_code == 422
        assert "so the address was not added" in page.text
    assert await kept(site) == Route(mail=("ops@example.com",))


async def test_an_address_is_added_and_taken_out(mailing: Site) -> None:
    """Where a mail server is set."""
    async with mailing.visitor() as client:
        await mailing.sign_in(client, (await admin(mailing)).id)
        page = await posted(client, ALL | {"mail": "ops at example"})
        assert "Write an address like ops@example.com." in page.text
        page = await posted(client, ALL | {"mail": "ops@example.com"})
        assert "No mail can be sent" not in page.text
        assert await kept(mailing) == Route(mail=("ops@example.com",))
        await posted(client, ALL | {"mail:ops@example.com": "no", "mail": "two@example.com"})
    assert await kept(mailing) == Route(mail=("two@example.com",))


async def test_the_whole_installation_is_the_owners(site: Site) -> None:
    """An admin sees that it is so and cannot change it; the owner sees where those go."""
    grace = await admin(site)
    await put(site, Route((f"{WORKSPACE}/C1",)))
    keep = ALL | {f"place:{WORKSPACE}/C1": "yes"}
    async with site.visitor() as client, site.visitor() as theirs:
        await site.sign_in(client)
        await site.sign_in(theirs, grace.id)
        await posted(theirs, keep | {"wide": "yes"})
        assert await kept(site) == Route((f"{WORKSPACE}/C1",))
        assert "no workspace is ticked for them" in (await client.get(PATH, params=AT)).text
        page = await posted(client, keep | {"wide": "yes"})
        assert "They go where the alerts of" in page.text
        page = await posted(theirs, keep)
        assert "as an owner has said" in page.text
        assert 'name="wide"' not in page.text
        assert "/operations/alerts/reset" not in page.text
        assert "only an owner takes that back" in (await posted(theirs, {}, "/reset")).text
        assert "/operations/audit" not in page.text
        page = await posted(theirs, keep | {"place": "C2"})
        assert "only an owner adds to where they go" in page.text
        assert await kept(site) == Route((f"{WORKSPACE}/C1",), wide=True)


async def test_another_workspace_is_not_ones_own(site: Site) -> None:
    """403 to an admin of another, 404 where there is none."""
    async with site.visitor() as client, site.visitor() as owners:
        await site.sign_in(client, (await admin(site)).id)
        await site.sign_in(owners)
        for what in ("", "/test", "/reset"):
            answer = await client.post(PATH + what, params={"workspace": "web:main"}, data=ALL)
            assert answer.status_code == 403
            answer = await owners.post(PATH + what, params={"workspace": "slack:T9"}, data=ALL)
            assert answer.status_code == 404
    assert await kept(site, "slack:T9") is None


async def test_a_test_goes_where_alerts_go(site: Site) -> None:
    """It stands among what was told; of others' alerts to the same address an admin sees nothing, the owner all."""
    await put(site, Route((f"{WORKSPACE}/C1",), ("ops@example.com",)))
    of_others = json.dumps({"kind": "budget", "text": "Theirs is spent.", "subject": "slack:T2"})
    other = NewSending(ALERT, "mail:ops@example.com", "budget:1", of_others)
    await site.store.sendings.note(other, SENT, "the mail server took it")
    async with site.visitor() as client, site.visitor() as owners:
        await site.sign_in(client, (await admin(site)).id)
        await site.sign_in(owners)
        page = await posted(client, {}, "/test")
        assert "A test is on its way to 2 places" in page.text
        assert page.text.count("A test: alerts of Slack · T1 come here. Grace asked for it") == 2
        assert "Theirs is spent." not in page.text
        assert "Theirs is spent." in (await owners.get(PATH, params=AT)).text
        await posted(client, ALL | {f"place:{WORKSPACE}/C1": "no", "mail:ops@example.com": "no"})
        page = await posted(client, {}, "/test")
        assert "There is nobody to send a test to" in page.text
    due = {
        one.target
        for one in await site.store.sendings.latest([f"place:{WORKSPACE}/C1", "mail:ops@example.com"])
    }
    assert due == {f"place:{WORKSPACE}/C1", "mail:ops@example.com"}


async def test_tests_come_to_an_end(mailing: Site) -> None:
    """Anybody's address may be entered, so nobody's is filled; another workspace still has its own."""
    grace = await admin(mailing)
    await mailing.store.people.grant(grace.id, "admin", "slack:T2")
    await mailing.store.conversations.start_new("slack:T2/C1/1.0", None)
    for workspace in (WORKSPACE, "slack:T2"):
        await put(mailing, Route(mail=("somebody@example.com",)), workspace)
    async with mailing.visitor() as client:
        await mailing.sign_in(client, grace.id)
        said = [(await posted(client, {}, "/test")).text for _ in range(6)]
        elsewhere = await client.post(f"{PATH}/test?workspace=slack:T2", follow_redirects=True)
    assert ["is on its way" in page for page in said] == [True] * 5 + [False]
    assert "Wait ten minutes" in said[-1]
    assert "is on its way" in elsewhere.text
    assert len(await mailing.store.sendings.latest(["mail:somebody@example.com"])) == 6


async def test_on_the_site_alerts_go_to_a_thread_of_ones_own(site: Site) -> None:
    """By its title; somebody else's cannot be named."""
    at = {"workspace": "web:main"}
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        mine, theirs = f"web:main/{owner.id}/abcdefgh12345678", "web:main/999/abcdefgh12345678"
        await site.store.inbox.receive(said(place=mine, person_id=owner.id))
        page = await client.post(PATH, params=at, data=ALL | {"place": theirs})
        assert (page.status_code, "Choose one of your threads." in page.text) == (422, True)
        page = await client.post(PATH, params=at, data=ALL | {"place": mine}, follow_redirects=True)
        assert "Alerts of This site go to one channel from now on." in page.text
        assert "This site · Owner · " in page.text
    assert await kept(site, "web:main") == Route((mine,))
