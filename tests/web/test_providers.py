"""Providers and keys on the site: entered, tried, replaced, disabled, removed; a secret is never shown."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from storage.credentials import NewCredential
from tests.fakes.provider import ProviderServer
from tests.web.conftest import Site

OTHER = "sk-other-fedcba9876543210"


@pytest.fixture
async def provider() -> AsyncIterator[ProviderServer]:
    """A server that speaks OpenAI's protocol."""
    async with ProviderServer() as server:
        yield server


async def said(client: httpx.AsyncClient, path: str, **fields: str) -> str:
    """Send a form and read the page that comes of it."""
    return (await client.post(path, data=fields, follow_redirects=True)).text


async def test_a_key_is_added_tried_replaced_and_removed(site: Site, provider: ProviderServer) -> None:
    """What each step has shown stands above the page; what holds holds at once; no page has the secret."""
    async with site.visitor() as client:
        await site.sign_in(client)
        assert "Nobody but the demo answers yet" in (await client.get("/providers")).text
        form = {"name": "Work", "secret": provider.key, "base_url": provider.url}
        refused = await client.post("/providers/openai/keys", data=form)
        assert refused.status_code == 422
        assert "which is not a public address" in refused.text
        assert 'value="Work"' in refused.text
        assert provider.key not in refused.text
        made = await said(client, "/providers/openai/keys", **form, allow="yes")
        assert "“Work” is stored. OpenAI answers by “Work”" in made
        assert site.services.models.registry.is_set_up("openai")
        assert provider.key not in made
        assert provider.key[-4:] in made
        (key,) = await site.store.credentials.all()
        one = f"/providers/keys/{key.id}"
        wrong = await said(client, f"{one}/replace", new_secret=OTHER)
        assert "OpenAI rejected the key by “Work”" in wrong
        assert "rejected" in await said(client, f"{one}/test")
        again = await said(client, f"{one}/replace", new_secret=provider.key)
        assert "“Work” has its new key. OpenAI answers" in again
        assert "kept, and not used" in await said(client, f"{one}/disable")
        assert not site.services.models.registry.is_set_up("openai")
        assert "from the next question on" in await said(client, f"{one}/enable")
        assert site.services.models.registry.is_set_up("openai")
        pages = [(await client.get(path)).text for path in ("/providers", "/providers/openai", one)]
        assert not any(provider.key in page or OTHER in page for page in pages)
        assert "“Work” is removed" in await said(client, f"{one}/remove")
        assert (await client.get(one)).status_code == 404
    told = " ".join(f"{row.action} {row.before} {row.after}" for row in await site.store.audit.latest())
    for action in ("add", "change", "disable", "enable", "remove"):
        assert f"{action} credential" in told
    assert provider.key not in told


async def test_a_stored_key_is_not_sent_to_another_server(site: Site, provider: ProviderServer) -> None:
    """Who changes where a key is sent types it again; its name and organisation change without."""
    async with site.visitor() as client, ProviderServer() as thief:
        await site.sign_in(client)
        form = {"name": "Work", "secret": provider.key, "base_url": provider.url, "allow": "yes"}
        await said(client, "/providers/openai/keys", **form)
        (key,) = await site.store.credentials.all()
        one = f"/providers/keys/{key.id}"
        renamed = await said(client, one, name="Team", base_url=provider.url, organisation="org-1")
        assert "“Team” is changed. OpenAI answers" in renamed
        refused = await client.post(one, data={"name": "Team", "base_url": thief.url})
        assert refused.status_code == 422
        assert "type the key again" in refused.text
        (kept,) = await site.store.credentials.all()
        assert (kept.name, kept.base_url, kept.organisation) == ("Team", provider.url, "org-1")
        moved = await said(client, one, name="Team", base_url=thief.url, secret=thief.key)
        assert "“Team” is changed. OpenAI answers" in moved


async def test_a_field_that_is_wrong_says_so(site: Site) -> None:
    """Each at its place, and what was typed stays."""
    async with site.visitor() as client:
        await site.sign_in(client)
        await site.store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef"))
        for fields, words in (
            ({"name": "", "secret": "sk-x"}, "Give the key a name"),
            ({"name": "Fine", "secret": "sk x"}, "a space or a special character"),
            ({"name": "Fine", "secret": ""}, "Paste the key here."),
            ({"name": "Work", "secret": "sk-y"}, "There is a credential “Work” already"),
            ({"name": "OPENAI_API_KEY", "secret": "sk-z"}, "the name of a setting"),
            ({"name": "Fine", "secret": "sk-z", "base_url": "ftp://x"}, "Write http:// or https://"),
        ):
            page = await client.post("/providers/openai/keys", data=fields)
            assert page.status_code == 422
            assert words in page.text
        assert (await client.get("/providers/nobody")).status_code == 404
        assert (await client.get("/providers/demo")).status_code == 404


async def test_a_server_of_ones_own(site: Site, provider: ProviderServer) -> None:
    """It is entered with its host allowed, and removed with its keys."""
    provider.key = ""
    async with site.visitor() as client:
        await site.sign_in(client)
        form = {"name": "Our vLLM", "base_url": provider.url, "keyless": "yes"}
        assert "Tick the box beneath" in await said(client, "/providers/own/new", **form)
        made = await said(client, "/providers/own/new", **form, allow="yes")
        assert "Our vLLM is entered. Our vLLM answers" in made
        assert any(model.id.provider == "our-vllm" for model in site.services.models.registry.models())
        taken = await said(client, "/providers/own/new", **form, slug="openai")
        assert "Switchboard knows already" in taken
        assert "<code>127.0.0.1</code>" in (await client.get("/providers")).text
        assert "no longer allowed" in await said(client, "/providers/own/hosts", remove="127.0.0.1")
        assert "may be connected to now" in await said(client, "/providers/own/hosts", host="10.0.0.0/8")
        assert "Write a host name" in await said(client, "/providers/own/hosts", host="what is this")
        assert "Our vLLM is removed." in await said(client, "/providers/our-vllm/remove")
        assert (await client.post("/providers/openai/remove")).status_code == 404


async def test_an_admin_sees_their_workspace_s_keys_alone(site: Site) -> None:
    """Others' are not found, the installation's neither; and which hosts are allowed is for owners to say."""
    admin = await site.someone_else()
    await site.store.people.grant(admin.id, "admin", "slack:T1")
    made = {
        scope: await site.store.credentials.add(NewCredential("openai", scope, "sk-0123456789abcdef", scope))
        for scope in ("installation", "place:slack:T1", "place:slack:T1/C1", "place:slack:T2")
    }
    async with site.visitor() as client:
        await site.sign_in(client, admin.id)
        page = (await client.get("/providers/openai")).text
        assert "place:slack:T1/C1" in page
        assert "place:slack:T2" not in page
        assert ">installation<" not in page
        for scope, key in made.items():
            status = 200 if "T1" in scope else 404
            assert (await client.get(f"/providers/keys/{key.id}")).status_code == status
            if status == 404:
                for act in ("", "/replace", "/test", "/disable", "/enable", "/remove"):
                    sent = await client.post(f"/providers/keys/{key.id}{act}", data={"name": "x"})
                    assert sent.status_code == 404
        assert (await client.get("/providers?workspace=slack:T2")).status_code == 403
        assert (await client.get("/providers?workspace=")).status_code == 403
        form = {
            "name": "Ours",
            "secret": "sk-abcdef0123456789",
            "base_url": "http://127.0.0.1:9/v1",
            "allow": "yes",
        }
        refused = await client.post("/providers/openai/keys?workspace=slack:T1", data=form)
        assert "An owner can allow its host" in refused.text
        del form["base_url"]
        wrong = await client.post("/providers/openai/keys", data={**form, "channel": "no channel"})
        assert "like C0456; its link ends with it" in wrong.text
    assert [one.name for one in await site.store.credentials.all() if one.name == "Ours"] == []
