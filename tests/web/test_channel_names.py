"""Channels on the pages: by name where one is known, else by an id that looks like one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest

from bot.workbench.alerting import SETTING as ALERTS
from bot.workbench.alerting import Route
from bot.workbench.schedule import Schedule
from storage.budgets import NewBudget
from storage.credentials import NewCredential
from tests.web.conftest import Site
from tests.web.test_usage import DOLLAR, used

T1, KNOWN, BARE, DIRECT = "slack:T1", "slack:T1/C1", "slack:T1/C2", "slack:T1/D9"
PAGES = (
    "/usage?by=channel",
    "/budgets",
    "/digest?workspace=slack:T1",
    "/defaults?workspace=slack:T1",
    "/defaults/access?workspace=slack:T1",
    "/models/one?model=demo/quick",
    "/conversations",
    "/providers/openai",
    "/operations/alerts?workspace=slack:T1",
)


async def _told(site: Site, client: httpx.AsyncClient) -> None:
    """Two channels of a workspace were used, and are told of on every page; one of them has a name."""
    owner, weekly = await site.sign_in(client), Schedule(datetime(2026, 11, 1, tzinfo=UTC))
    for channel in (KNOWN, BARE):
        began = await site.store.conversations.start_new(f"{channel}/1700.1", owner.id)
        assert began.person_id == owner.id
        await used(site.store, owner.id, DOLLAR, place=f"{channel}/1700.1")
        await site.store.budgets.add(NewBudget("channel", channel, "day", DOLLAR))
        key = NewCredential("openai", f"key {channel[-1]}", "sk-0123456789abcdef", f"place:{channel}")
        await site.store.credentials.add(key)
        await site.store.settings.set(f"place:{channel}", "models.denied", ["demo/story"], owner.id)
        await site.store.settings.set(f"place:{channel}", "digest", weekly.to_json(), owner.id)
    route = Route().with_place(KNOWN).with_place(BARE)
    await site.store.settings.set(f"place:{T1}", ALERTS, route.to_json(), owner.id)
    await site.store.workspaces.note_names(KNOWN, "<general>", "Acme & Co")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_shows_the_name_or_a_muted_id(site: Site, path: str) -> None:
    """Escaped, of course; and never the bare id of a channel whose name is known, but in addresses."""
    async with site.visitor() as client:
        await _told(site, client)
        page = (await client.get(path)).text.partition("<main")[2]
    assert "#&lt;general&gt;" in page
    assert "<general>" not in page
    assert re.search(r'<span class="bare" title="[^"]+">C2</span>', page)
    shown = re.sub(r"<[^>]*>", " ", page)
    assert not re.search(r"\bC1\b", shown)


async def test_a_workspace_is_called_by_its_name(site: Site) -> None:
    """In the choice of one, and above its pages."""
    async with site.visitor() as client:
        await _told(site, client)
        channel = (await client.get(f"/defaults?workspace={T1}&channel={KNOWN}")).text
        assert '">Slack, Acme &amp; Co</a>' in channel
        assert "<b>#&lt;general&gt;</b>" in channel
        assert "Slack · Acme &amp; Co" in (await client.get("/budgets")).text


async def test_direct_messages_have_no_name_and_show_no_id(site: Site) -> None:
    """To who took part in them."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        await site.store.conversations.start_new(f"{DIRECT}/1700.1", owner.id)
        page = (await client.get("/conversations")).text
    assert "Slack · direct message" in page
    assert "D9" not in page
