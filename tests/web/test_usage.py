"""The usage page: whose figures one sees, how one looks closer, and what it is worth for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

from storage.ledger import Charge, NewEntry, Settlement
from storage.store import Store
from tests.web.conftest import Site

DOLLAR = 1_000_000_000
WORKSPACE = "slack:T1"


async def used(store: Store, person_id: int, cost: int | None, **more: object) -> None:
    """Somebody asked something of a model."""
    given = {"place": f"{WORKSPACE}/C1/1.1", "model": "gpt-4.1", "at": datetime.now(UTC)} | more
    place, at = str(given["place"]), given["at"]
    assert isinstance(at, datetime)
    workspace = place.partition("/")[0]
    charge = Charge(workspace, place, person_id, "openai", "Work", at)
    reservation = await store.ledger.reserve(charge, 0, "here")
    entry = NewEntry(
        at=at,
        workspace_id=workspace,
        place=place,
        person_id=person_id,
        provider="openai",
        model=str(given["model"]),
        credential="Work",
        input_tokens=1000,
        output_tokens=200,
        cost=cost,
        latency_ms=2500,
        conversation_id=more.get("conversation_id"),  # type: ignore[arg-type]
    )
    await store.ledger.settle(Settlement(reservation, entry))


async def test_an_empty_page_says_what_to_do_first(site: Site) -> None:
    """Before the first answer there are no charts, but a way to it."""
    async with site.visitor() as client:
        await site.sign_in(client)
        page = (await client.get("/usage")).text
    assert "Nothing was used yet" in page
    assert 'href="/try">Try it' in page
    assert "uplot" not in page


async def test_a_member_sees_their_own_figures_only(site: Site) -> None:
    """Not those of others, by no address; and no figures of people."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada")
    bob = await site.store.people.identify("slack", WORKSPACE, "U2", "Bob")
    await used(site.store, ada.id, 2 * DOLLAR)
    await used(site.store, bob.id, 40 * DOLLAR)
    async with site.visitor() as client:
        await site.sign_in(client, ada.id)
        page = (await client.get("/usage")).text
        assert "$2" in page
        assert "$40" not in page
        assert "People</a>" not in page
        assert "Bob" not in (await client.get("/usage?by=person")).text
        for query in ("workspace=", f"workspace={WORKSPACE}", f"workspace=me&person={bob.id}"):
            assert (await client.get(f"/usage?{query}")).status_code == 403
            assert (await client.get(f"/usage/download?{query}")).status_code == 403


async def test_an_admin_sees_their_workspace_and_nobody_elses(site: Site) -> None:
    """A person who works in two workspaces is counted in each for its own admins."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada")
    await used(site.store, ada.id, 2 * DOLLAR)
    await used(site.store, ada.id, 70 * DOLLAR, place="slack:T2/C9/1.1")
    await site.store.people.grant(ada.id, "admin", WORKSPACE)
    async with site.visitor() as client:
        await site.sign_in(client, ada.id)
        for query in ("", f"?by=person&person={ada.id}", "?by=channel"):
            page = (await client.get(f"/usage{query}")).text
            assert "$2" in page
            assert "$7" not in page
        assert (await client.get("/usage?workspace=slack:T2")).status_code == 403


async def test_an_address_names_nobody_elses_people_and_channels(site: Site) -> None:
    """A number in an address is no way to names that the figures one sees do not have."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada")
    bob = await site.store.people.identify("slack", "slack:T2", "U2", "Roberta")
    await used(site.store, ada.id, 2 * DOLLAR)
    await used(site.store, bob.id, 40 * DOLLAR, place="slack:T2/C9/1.1")
    await site.store.workspaces.note_names("slack:T2/C9", "takeover")
    await site.store.workspaces.note_names(f"{WORKSPACE}/C1", "lunch")
    async with site.visitor() as client:
        await site.sign_in(client, ada.id)
        for query in (f"channel=web:main/{bob.id}", "channel=slack:T2/C9"):
            page = (await client.get(f"/usage?workspace=me&{query}")).text
            assert "Roberta" not in page
            assert "takeover" not in page
        assert "lunch" in (await client.get(f"/usage?workspace=me&channel={WORKSPACE}/C1")).text
        await site.store.people.grant(ada.id, "admin", WORKSPACE)
        for query in (f"person={bob.id}", "channel=slack:T2/C9"):
            page = (await client.get(f"/usage?workspace={WORKSPACE}&{query}")).text
            assert "Roberta" not in page
            assert "takeover" not in page
        assert "Ada</" in (await client.get(f"/usage?workspace={WORKSPACE}&person={ada.id}")).text


async def test_links_lead_deeper_and_back(site: Site) -> None:
    """From a model to who used it, from a person to their days; each step can be taken back."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada")
    bob = await site.store.people.identify("slack", WORKSPACE, "U2", "Bob")
    await used(site.store, ada.id, 1 * DOLLAR)
    await used(site.store, ada.id, 2 * DOLLAR, model="o3")
    await used(site.store, bob.id, 4 * DOLLAR, model="o3")
    async with site.visitor() as client:
        await site.sign_in(client)
        everything = (await client.get("/usage")).text
        model = await client.get(_link(everything, "openai/o3"))
        assert "<b>$6</b>" in model.text
        person = await client.get(_link(model.text, "Ada"))
        assert "<b>$2</b>" in person.text
        assert "Conversations</a>" not in person.text.partition("<main")[2]
        assert 'class="step"' in person.text
        channels = (await client.get("/usage?by=channel")).text
        assert ">C1</span></a>" in channels


async def test_a_span_before_is_compared_as_a_whole(site: Site) -> None:
    """What is over has no projection; the links lead to the span before and after, but not into the future."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada")
    now = datetime.now(UTC)
    last = now.replace(day=1) - timedelta(days=1)
    await used(site.store, ada.id, 3 * DOLLAR, at=last)
    await used(site.store, ada.id, 6 * DOLLAR, at=last.replace(day=1) - timedelta(days=1))
    async with site.visitor() as client:
        await site.sign_in(client)
        this = (await client.get("/usage")).text
        assert "Nothing was used then" in this
        assert "The month after" not in this
        before = (await client.get(f"/usage?day={last:%Y-%m-%d}")).text
    assert f"<b>{last:%B %Y}</b>" in before
    assert "50 % cheaper than the same days of the month before" in before
    assert "at this pace" not in before
    assert "The month after" in before


async def test_charts_have_their_figures_beneath(site: Site) -> None:
    """What is drawn stands in the page as data, and as a table for those who do not see it."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada</script>")
    await used(site.store, ada.id, 2 * DOLLAR)
    async with site.visitor() as client:
        await site.sign_in(client)
        for span, values in (("month", range(28, 32)), ("week", (7,)), ("day", (14,))):
            page = (await client.get(f"/usage?span={span}&by=person")).text
            blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page)
            data = json.loads(blocks[0])
            assert len(data["labels"]) == len(data["values"])
            assert len(data["values"]) in values
            assert sum(data["values"]) == 2
            assert page.count("As a table") == len(blocks) == 2
            assert "Ada</script>" not in page


async def test_lines_are_taken_along_as_files(site: Site) -> None:
    """CSV has exact dollars, JSON nano-dollars; both are of what was looked at."""
    ada = await site.store.people.identify("slack", WORKSPACE, "U1", "Ada")
    await used(site.store, ada.id, 1)
    await used(site.store, ada.id, 2, model="o3")
    async with site.visitor() as client:
        await site.sign_in(client)
        table = await client.get("/usage/download?by=person&model=openai/o3")
        values = await client.get("/usage/download?by=person&model=openai/o3&as=json")
    assert "attachment" in table.headers["content-disposition"]
    [line, total] = csv.DictReader(io.StringIO(table.text))
    assert (line["label"], line["cost_usd"], total["requests"]) == ("Ada", "0.000000002", "1")
    assert values.json()["total"]["cost"] == 2


async def test_what_makes_no_sense_is_said(site: Site) -> None:
    """Addresses that were typed wrong."""
    async with site.visitor() as client:
        await site.sign_in(client)
        for query in ("day=2026-13-01", "day=0001-01-01", "span=year", f"model={'x' * 500}", "channel=%00"):
            assert (await client.get(f"/usage?{query}")).status_code == 400, query
        for query in ("by=nonsense", "person=nobody", "person=²", "by=thread"):
            assert (await client.get(f"/usage?{query}")).status_code == 200, query


def _link(page: str, label: str) -> str:
    """Where a line of the table leads."""
    found = re.search(rf'<a href="([^"]+)">{re.escape(label)}</a>', page)
    assert found, label
    return found[1].replace("&amp;", "&")
