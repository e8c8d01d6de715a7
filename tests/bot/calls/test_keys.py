"""Which key a call uses: the nearest one of the site, then the environment's; and a change holds from the next call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.calls.call import Caller
from bot.core.errors import NotConfigured
from bot.core.place import Place
from bot.core.provider import ModelId
from bot.jobs import models
from bot.jobs.models import refresh_models
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from bot.providers.resilience import Deadlines
from storage.budgets import Charge
from storage.credentials import NewCredential
from storage.store import Store
from tests.bot.calls.conftest import LUNA, PLACE, Scene
from tests.fakes.provider import ProviderServer

SECRET = "hunter22-the-key-of-the-site"
CHANNEL, HOME = f"place:{PLACE.home.platform}:{PLACE.workspace}/{PLACE.channel}", f"place:{PLACE.home}"


async def keep(scene: Scene, name: str, scope: str = "installation", secret: str = "", **more: str) -> None:
    """Store a key; without a secret one that the server takes."""
    new = NewCredential(
        "openai", name, secret or scene.server.key, scope, **{"base_url": scene.server.url, **more}
    )
    await scene.store.credentials.add(new)


async def credential_of_next_call(scene: Scene) -> str:
    await scene.answer(scene.order(LUNA))
    return (await scene.entries())[-1].credential


@pytest.fixture
async def empty(store: Store) -> AsyncIterator[Scene]:
    """An installation without any key in the environment."""
    async with ProviderServer() as server, Http() as http:
        registry = Registry(CATALOG, {}, http, deadlines=Deadlines(first=5, idle=5))
        yield Scene(store, registry, Caller(store, registry, "p1"), server)


async def test_the_nearest_key_is_used_and_named_in_the_ledger(scene: Scene) -> None:
    """The environment's where the site has none, then ever nearer ones; each from the next call on, and back."""
    assert await credential_of_next_call(scene) == "OPENAI_API_KEY"
    for name, scope in (
        ("Everybody", "installation"),
        ("Team", HOME),
        ("Room", CHANNEL),
        ("Mine", "person:1"),
    ):
        await keep(scene, name, scope)
        assert await credential_of_next_call(scene) == name
    await keep(scene, "Theirs", "person:2")
    assert await credential_of_next_call(scene) == "Mine"
    for name, then in (
        ("Mine", "Room"),
        ("Room", "Team"),
        ("Team", "Everybody"),
        ("Everybody", "OPENAI_API_KEY"),
    ):
        await scene.store.credentials.remove(name)
        assert await credential_of_next_call(scene) == then
    assert await scene.held() == 0


async def test_the_key_itself_is_sent_and_its_change_too(scene: Scene) -> None:
    """With its organisation, to its own server."""
    await keep(scene, "Mine", "person:1", secret="sk-wrong-one-of-a-person")
    error = await scene.failure(scene.order(LUNA))
    assert error.kind == "auth"
    mine = await scene.store.credentials.named("Mine")
    assert mine is not None
    await scene.store.credentials.change(mine.id, scene.server.key)
    assert await credential_of_next_call(scene) == "Mine"
    used = await scene.store.credentials.get(mine.id)
    assert used is not None
    assert used.used_at is not None


async def test_another_process_uses_the_change_in_its_next_call(scene: Scene, store: Store) -> None:
    """Nobody tells it; it runs on."""
    async with Http() as http:
        registry = Registry(CATALOG, {}, http, deadlines=Deadlines(first=5, idle=5))
        other = Scene(store, registry, Caller(store, registry, "p2"), scene.server)
        with pytest.raises(NotConfigured):
            await other.answer(other.order(LUNA))
        await keep(scene, "Everybody")
        assert await credential_of_next_call(other) == "Everybody"
        assert await credential_of_next_call(scene) == "Everybody"
        await store.credentials.remove("Everybody")
        with pytest.raises(NotConfigured):
            await other.answer(other.order(LUNA))
        assert await credential_of_next_call(scene) == "OPENAI_API_KEY"


async def test_a_stored_key_alone_brings_a_provider(empty: Scene) -> None:
    """Its models are there and one of them answers where nobody chose; without it the demo does."""
    assert empty.registry.default().provider == "demo"
    await keep(empty, "Everybody")
    assert await empty.caller.keys.sync()
    assert not await empty.caller.keys.sync()
    assert empty.registry.default().provider == "openai"
    assert empty.registry.credential_name("openai") == "Everybody"
    assert "“Everybody”" in empty.registry.model(LUNA).privacy
    await empty.store.credentials.remove("Everybody")
    assert await empty.caller.keys.sync()
    assert empty.registry.default().provider == "demo"
    assert empty.registry.credential_name("openai") == ""


async def test_a_key_of_some_is_no_key_for_the_others(empty: Scene) -> None:
    """The models can be chosen, but who has no key is told so, and no default comes of it."""
    await keep(empty, "Theirs", "person:2")
    await empty.caller.keys.sync()
    assert empty.registry.find("gpt-6-luna") == LUNA
    assert empty.registry.default().provider == "demo"
    with pytest.raises(NotConfigured) as refused:
        await empty.answer(empty.order(LUNA))
    assert "switchboard keys add openai" in refused.value.say
    await keep(empty, "Mine", "person:1")
    assert await credential_of_next_call(empty) == "Mine"


async def test_the_first_key_of_somebody_works_at_once(empty: Scene) -> None:
    """Before anybody looked at what changed."""
    await keep(empty, "Mine", "person:1")
    assert await credential_of_next_call(empty) == "Mine"


async def test_a_server_without_a_key(empty: Scene) -> None:
    """Its address alone is enough, and the ledger has the credential's name."""
    empty.server.key = ""
    await empty.store.credentials.add(NewCredential("openai", "Box", "", base_url=empty.server.url))
    assert await credential_of_next_call(empty) == "Box"


async def test_a_key_that_does_not_open_refuses_and_no_other_takes_its_place(
    scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture, database_url: str
) -> None:
    """Not even the environment's: somebody chose whose bill it is. The sentence says where to look."""
    await keep(scene, "Everybody")
    (tmp_path / "data" / "secret.key").unlink()
    later = await Store.open(database_url, tmp_path / "data")
    try:
        caller = Caller(later, scene.registry, "p2")
        with caplog.at_level(logging.ERROR):
            await caller.keys.sync()
        assert "credential 1: Everybody does not open" in caplog.text
        other = Scene(later, scene.registry, caller, scene.server)
        with pytest.raises(NotConfigured) as refused:
            await other.answer(other.order(LUNA))
        assert "“Everybody”" in refused.value.say
        assert "switchboard keys check" in refused.value.say
        assert await other.held() == 0
    finally:
        await later.close()


async def test_a_budget_of_a_credential_binds_by_its_name(scene: Scene) -> None:
    """What was reserved counts against the key that is used."""
    await keep(scene, "Mine", "person:1")
    await scene.budget(10**9, "credential", "Mine")
    await scene.answer(scene.order(LUNA))
    charge = Charge("web:main", str(PLACE), 1, "openai", "Mine", scene.now())
    lines = await scene.store.ledger.rooms(charge)
    assert [line.spent > 0 for line in lines if line.scope == "credential"] == [True]


async def test_a_wire_of_somebodys_key_is_kept(scene: Scene) -> None:
    """It remembers what its server does not understand; another version of the key has another."""
    await keep(scene, "Mine", "person:1")
    opened = await scene.caller.keys.applying("openai", PLACE, 1)
    registry = scene.registry
    assert opened is not None
    row, wiring = registry.row("openai"), registry._wiring  # noqa: SLF001 - what is kept
    assert row is not None
    wires = [wiring.bound(row, opened) for _ in range(2)]
    assert wires[0] is wires[1]
    await scene.store.credentials.change(opened.id, SECRET)
    changed = await scene.caller.keys.applying("openai", PLACE, 1)
    assert changed is not None
    assert wiring.bound(row, changed) is not wires[0]


async def test_nobody_elses_key_in_a_direct_message(scene: Scene) -> None:
    """A place without the channel's key widens past it."""
    await keep(scene, "Room", CHANNEL)
    elsewhere = Place(PLACE.platform, PLACE.workspace, "another", "t9")
    assert await scene.caller.keys.applying("openai", elsewhere, 1) is None
    assert await scene.caller.keys.applying("demo", PLACE, 1) is None


async def test_a_change_asks_for_the_models_anew(empty: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting for the quarter of an hour."""
    monkeypatch.setattr(models, "KEYS", 0.01)
    job = asyncio.create_task(refresh_models(empty.registry, empty.caller.keys))
    try:
        await keep(empty, "Everybody")
        async with asyncio.timeout(30):
            while ModelId("openai", "tiny") not in [model.id for model in empty.registry.models()]:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
    finally:
        job.cancel()
