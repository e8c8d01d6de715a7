"""Models on the site: searched, looked at, priced, entered by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from bot.core.provider import ModelId
from storage.credentials import NewCredential
from storage.people import Person
from tests.fakes.provider import ProviderServer
from tests.web.conftest import Site

LUNA, OLDER = "openai/gpt-6-luna", "openai/gpt-4.1"
T1 = "slack:T1"


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """An owner's browser, at a site with a key of OpenAI's."""
    async with ProviderServer() as provider, site.visitor() as visitor:
        await site.sign_in(visitor)
        new = NewCredential("openai", "Work", provider.key, base_url=provider.url)
        await site.store.credentials.add(new)
        await site.services.models.sync()
        await site.services.models.registry.refresh()
        yield visitor


async def said(client: httpx.AsyncClient, path: str, **fields: str) -> str:
    """Send a form and read the page that comes of it."""
    return (await client.post(path, data=fields, follow_redirects=True)).text


async def admin(site: Site) -> Person:
    """An admin of one workspace."""
    person = await site.someone_else()
    await site.store.people.grant(person.id, "admin", T1)
    return person


async def test_models_are_found_by_words_and_filters(client: httpx.AsyncClient) -> None:
    """By provider, with what they cost; a filter that is none says so and keeps what was typed."""
    page = (await client.get("/models")).text
    assert "gpt-6-luna" in page
    assert "demo" in page
    found = (await client.get("/models?q=luna&provider=openai")).text
    assert "gpt-6-luna" in found
    assert "gpt-4.1</a>" not in found
    assert "No model fits" in (await client.get("/models?q=nothing-like-it")).text
    wrong = (await client.get("/models?q=window%3E%3Dmuch")).text
    assert "is no filter here" in wrong
    assert 'value="window&gt;=much"' in wrong
    one = (await client.get(f"/models/one?model={OLDER}")).text
    assert "As told by" in one
    assert "Make it the default" in one
    assert (await client.get("/models/one?model=nobody/nothing")).status_code == 404


async def test_a_model_says_who_may_use_it_and_leads_to_where_that_is_changed(
    site: Site, client: httpx.AsyncClient
) -> None:
    """Every level that has rules, by its name; an admin sees their own workspace's, and what binds it from above."""
    assert "no rule stands against any model" in (await client.get(f"/models/one?model={LUNA}")).text
    await site.store.conversations.start_new(f"{T1}/C1/1700.1", None)
    await site.store.conversations.start_new("slack:T2/C7/1700.1", None)
    ada = await site.store.people.identify("slack", T1, "U1", "Ada")
    for scope, key, value in (
        ("installation", "models.denied", ["demo/*"]),
        (f"place:{T1}/C1", "models.local_only", True),
        ("place:slack:T2", "models.denied", [LUNA]),
        (f"person:{ada.id}", "models.allowed", [OLDER]),
    ):
        await site.store.settings.set(scope, key, value, None)
    page = unescape((await client.get(f"/models/one?model={LUNA}")).text)
    assert "only local models may</span>" in page
    for link in (
        "?workspace=",
        "?workspace=slack%3AT1&channel=slack%3AT1%2FC1",
        "?workspace=slack%3AT2",
        f"?workspace=&person={ada.id}",
    ):
        assert f'"/defaults/access{link}"' in page
        assert (await client.get(f"/defaults/access{link}")).status_code == 200
    assert page.count('<span class="trouble">') == 3
    async with site.visitor() as visitor:
        await site.sign_in(visitor, (await admin(site)).id)
        seen = unescape((await visitor.get(f"/models/one?model={LUNA}")).text)
        assert "slack:T2" not in seen
        assert "T2" not in seen
        assert ">Everywhere</th>" in seen
        assert f"?workspace=slack%3AT1&person={ada.id}" in seen
        assert '"/defaults/access?workspace="' not in seen


async def test_a_model_becomes_the_default_from_its_own_page(site: Site, client: httpx.AsyncClient) -> None:
    """The button leads to the page of defaults; what rules keep away is refused there; the list tells of both."""
    page = await said(client, "/defaults/model?workspace=", model=OLDER)
    assert f"{OLDER} answers from the next message on" in page
    await said(client, "/defaults/access/pattern?workspace=", act="deny", pattern=LUNA)
    assert "may not be used" in await said(client, "/defaults/model?workspace=", model=LUNA)
    listed = (await client.get("/models")).text
    assert "not allowed" in listed
    assert 'href="/defaults/access?workspace="' in listed
    assert 'href="/defaults?workspace="' in listed
    assert "Make it the default" not in (await client.get(f"/models/one?model={OLDER}")).text
    async with site.visitor() as visitor:
        await site.sign_in(visitor, (await admin(site)).id)
        assert "Prices and your own" not in (await visitor.get("/models")).text


@pytest.mark.parametrize("path", ["/models/defaults", "/models/rules"])
async def test_what_is_set_under_defaults_is_set_nowhere_else(client: httpx.AsyncClient, path: str) -> None:
    """One thing has one place."""
    assert (await client.get(path)).status_code == 404


async def test_prices_and_models_that_owners_know_better(site: Site, client: httpx.AsyncClient) -> None:
    """They hold at once, and are taken back by a button."""
    registry = site.services.models.registry
    wrong = await client.post("/models/prices", data={"model": OLDER, "input": "much", "output": "1"})
    assert "is no amount" in wrong.text
    assert 'value="much"' in wrong.text
    made = await said(client, "/models/prices", model=OLDER, input="1.5", output="6", note="negotiated")
    assert f"{OLDER} costs $1.50 in, $6 out per million from the next question on" in made
    assert "in force" in made
    source = registry.model(ModelId.parse(OLDER)).source("rates")
    assert source is not None
    assert source.name.startswith("override")
    (price,) = await site.store.price_overrides.all()
    assert "Take back" in (await client.get(f"/models/one?model={OLDER}")).text
    assert "Taken back" in await said(client, f"/models/prices/{price.id}/remove")
    half = await client.post("/models/own", data={"model": "openai/ft:ours", "price_in": "1"})
    assert "A price is both" in half.text
    own = await said(
        client,
        "/models/own",
        model="openai/ft:ours",
        window="128k",
        price_in="1",
        price_out="2",
        can_tools="yes",
    )
    assert "openai/ft:ours is entered" in own
    assert registry.model(ModelId.parse("openai/ft:ours")).window == 128_000
    assert "There is no provider" in await said(client, "/models/own", model="nobody/ours")
    assert "is removed" in await said(client, "/models/own/remove", model="openai/ft:ours")
