"""Webhooks on their page: entered, tried, removed by owners; a secret is shown once and kept nowhere else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.workbench.alerting import ALERT, KINDS
from storage.sendings import NewSending
from storage.webhooks import NewWebhook
from tests.fakes.receiver import Receiver
from tests.web.conftest import Site

PATH = "/operations/alerts/webhooks"
GOOD = {"name": "ops", "url": "https://example.com/alerts", **{f"kind-{kind}": "yes" for kind in KINDS}}
SECRET = re.compile(r"whsec_[0-9a-f]{48}")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver
        assert not receiver.mistakes


async def test_a_webhook_is_entered_tried_and_removed(site: Site, receiver: Receiver) -> None:
    """Its secret is in one answer, which nobody may store; with it the receiver believes the test."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        assert "No webhook yet" in (await client.get(PATH)).text
        form = {"name": "ops", "url": receiver.url, "private": "yes", "kind-budget": "yes", "kind-key": "yes"}
        added = await client.post(PATH, data=form)
        assert (added.status_code, added.headers["cache-control"]) == (200, "no-store")
        [receiver.secret] = SECRET.findall(added.text)
        assert receiver.secret not in str(added.headers)
        listed = await client.get(PATH)
        assert "Told of: budget, key" in listed.text
        assert "Told nothing yet" in listed.text

        [hook] = await site.store.webhooks.all()
        page = await client.post(f"{PATH}/{hook.id}/test", follow_redirects=True)
        assert "“ops” answered 204: it took the test." in page.text
        assert [one["event"] for one in receiver.told] == ["test"]
        receiver.answers = [500]
        line = await client.post(f"{PATH}/{hook.id}/test", headers={"HX-Request": "true"})
        assert line.text.startswith("<li")
        assert "“ops” did not take the test: answered 500." in line.text
        log = (await client.get(f"{PATH}/{hook.id}")).text
        order = [log.index(words) for words in (">not taken<", "answered 500", ">taken<", "answered 204")]
        assert order == sorted(order)

        page = await client.post(f"{PATH}/{hook.id}/remove", follow_redirects=True)
        assert "its secret is wiped" in page.text
        assert (await client.get(f"{PATH}/{hook.id}")).status_code == 404
        pages = [listed.text, line.text, log, page.text, (await client.get("/operations/audit")).text]
    removed, entered, *_ = await site.store.audit.latest()
    assert (entered.action, entered.person_id, removed.action) == ("add webhook", owner.id, "remove webhook")
    assert f'"url": "{receiver.url}", "private": true, "kinds": "budget,key"' in (removed.before or "")
    assert f'"url": "{receiver.url}", "private": true, "kinds": "budget,key"' in (entered.after or "")
    pages += [str(removed), str(entered)]
    assert not [page for page in pages if SECRET.search(page)]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Write up to 60 characters on one line."),
        ({"name": "o" * 61}, "Write up to 60 characters on one line."),
        ({"name": "OPS"}, "There is a webhook called “OPS” already."),
        ({"url": "ftp://example.com/"}, "Write http:// or https:// and a host"),
        ({"url": "https://u:p@example.com/"}, "without a password in it."),
        ({"url": "https://[::1"}, "Write http:// or https:// and a host"),
        (
            {"url": "http://127.0.0.1/"},
            "not a public address. Tick the box beneath if it is a server of yours.",
        ),
        ({f"kind-{kind}": "" for kind in KINDS}, "Tick at least one."),
    ],
)
async def test_what_is_wrong_stands_at_its_field(site: Site, typed: dict[str, str], says: str) -> None:
    """What was typed stays, and nothing is entered."""
    await site.store.webhooks.add(NewWebhook("ops", "https://example.com/", "whsec_1"))
    form = {**GOOD, "name": "other", "url": "http://192.0.2.1/", "private": ""} | typed
    if typed.keys() & {"name"}:
        form["private"] = "yes"
    async with site.visitor() as client:
        await site.sign_in(client)
        page = await client.post(PATH, data=form)
    assert page.status_code == 422
    assert says in page.text
    assert f'value="{form["url"]}"' in page.text
    assert len(await site.store.webhooks.all()) == 1


async def test_a_webhook_is_changed(site: Site, receiver: Receiver) -> None:
    """It is told elsewhere and of other kinds, and believed by the secret that it had; kinds can be undone."""
    secret = receiver.secret = "whsec_" + 48 * "0"
    hook = await site.store.webhooks.add(NewWebhook("ops", "https://example.com/", secret, kinds=("key",)))
    one = f"{PATH}/{hook.id}"
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        shown = (await client.get(one)).text
        assert 'value="https://example.com/"' in shown
        assert re.findall(r'name="kind-(\w+)" value="yes" checked', shown) == ["key"]
        form = {"url": receiver.url, "kind-budget": "yes"}
        refused = await client.post(one, data=form)
        assert (refused.status_code, await site.store.webhooks.all()) == (422, [hook])
        assert "not a public address. Tick the box beneath" in refused.text
        assert f'value="{receiver.url}"' in refused.text
        assert "Tick at least one." in (await client.post(one, data={"url": "https://example.com/"})).text

        page = await client.post(one, data=form | {"private": "yes"}, follow_redirects=True)
        assert "“ops” is changed; its secret is as it was." in page.text
        [changed] = await site.store.webhooks.all()
        assert (changed.id, changed.name, changed.url) == (hook.id, "ops", receiver.url)
        assert (changed.private, changed.kinds) == (True, "budget")
        assert "it took the test" in (await client.post(f"{one}/test", follow_redirects=True)).text
        entry = (await site.store.audit.latest(1))[0]
        assert (entry.action, entry.person_id) == ("change webhook", owner.id)
        assert "/undo/" not in page.text
        ticked = {"url": receiver.url, "private": "yes", "kind-key": "yes"}
        page = await client.post(one, data=ticked, follow_redirects=True)
        [undo] = re.findall(r'action="(/undo/\d+)"', page.text)
        assert [one.kinds for one in await site.store.webhooks.all()] == ["key"]
        await client.post(undo)
        assert await site.store.webhooks.all() == [changed]
        assert "it took the test" in (await client.post(f"{one}/test", follow_redirects=True)).text
        await site.store.webhooks.remove("ops")
        assert (await client.post(one, data=form)).status_code == 404


async def test_all_kinds_are_those_to_come_too(site: Site) -> None:
    """Where every one is ticked, no list is kept."""
    async with site.visitor() as client:
        await site.sign_in(client)
        await client.post(PATH, data=GOOD | {"private": "yes"})
        assert "Told of every kind of alert" in (await client.get(PATH)).text
    [hook] = await site.store.webhooks.all()
    assert hook.kinds == ""


async def test_what_waits_says_when_it_is_tried_again(site: Site) -> None:
    """An alert that was not taken is not given up."""
    hook = await site.store.webhooks.add(NewWebhook("ops", "https://example.com/", "whsec_1"))
    payload = '{"kind": "budget", "text": "<b>80 %</b>"}'
    await site.store.sendings.enter(NewSending(ALERT, hook.target, "budget:1", payload))
    [entered] = await site.store.sendings.latest([hook.target])
    async with site.visitor() as client:
        await site.sign_in(client)
        assert "on its way" in (await client.get(f"{PATH}/{hook.id}")).text
        claimed = await site.store.sendings.claim(entered.id, "here", entered.due_at)
        assert claimed is not None
        await site.store.sendings.again(claimed, claimed.due_at, "no connection: ConnectFailed")
        log = (await client.get(f"{PATH}/{hook.id}")).text
    assert "not yet taken" in log
    assert "no connection: ConnectFailed" in log
    assert "<small>again <time" in log
    assert "&lt;b&gt;80 %" in log
