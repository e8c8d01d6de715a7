"""Ollama's models on the site: installed with their progress in sight, renewed, removed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import httpx
import pytest

from bot.calls.keys import Keys
from bot.calls.reach import Reach
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.presence import Presence
from bot.jobs.pulls import Pulls
from bot.jobs.tasks import TaskRunner
from bot.net.http import Http
from bot.providers.ollama.managed import Managed
from bot.providers.ollama.orders import PULL
from bot.providers.rows.own import OLLAMA
from storage.store import Store
from tests.fakes.ollama import FakeOllama
from tests.web.conftest import Site, listen, serving
from web.services import Services

PATIENCE = 20.0  # seconds
PATH = "/models/ollama"
SMALL, LARGE = "llama3.2:latest", "qwen3:8b"


@dataclass
class Kitchen:
    """An owner's browser, at a site whose tasks are done, beside an Ollama."""

    ollama: FakeOllama
    client: httpx.AsyncClient
    store: Store

    async def said(self, act: str, **fields: str) -> str:
        """Send a form and read the page that comes of it."""
        return (await self.client.post(f"{PATH}/{act}", data=fields, follow_redirects=True)).text

    async def shows(self, true: Callable[[str], bool]) -> str:
        """Ask how far it is, as the page does, until that is so."""
        until = time.monotonic() + PATIENCE
        while not true(shown := (await self.client.get(f"{PATH}/progress")).text):
            assert time.monotonic() < until, shown
            await asyncio.sleep(0.05)
        return shown


@pytest.fixture
async def kitchen(site: Site, store: Store) -> AsyncIterator[Kitchen]:
    """Ollama has one model, and its library two."""
    async with FakeOllama() as ollama, Http() as http:
        ollama.publish(SMALL, 2_000_000, 1_000)
        ollama.publish(LARGE, 5_000_000, 1_000)
        ollama.install(SMALL)
        desk, registry = site.services.models, site.services.models.registry
        reach = Reach(OLLAMA, _keys(site), None)
        managed = Managed(http, reach, registry=ollama.url)
        given = {name: getattr(site.services, name) for name in Services.__slots__}
        services = Services(**given | {"models": replace(desk, ollama=managed)})
        delivery = Delivery()
        presence = Presence(store, "test", slots=delivery.open_slots, alone=True)
        kinds = {PULL: Pulls(managed, registry.refresh, pause=0.01).kind}
        surfaces = {site.surface.platform: site.surface}
        runner = TaskRunner(
            store.tasks, desk.tasks, presence, delivery, surfaces, kinds, look=0.05, pace=0.01
        )
        work, listener = asyncio.create_task(runner.run()), listen()
        here = Site(f"http://127.0.0.1:{listener.getsockname()[1]}", store, site.surface, services)
        async with serving(services, listener), here.visitor() as client:
            await here.sign_in(client)
            yield Kitchen(ollama, client, store)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert ollama.mistakes == []


def _keys(site: Site) -> Keys:
    return Keys(site.store.credentials, site.services.models.registry)


async def connect(kitchen: Kitchen) -> None:
    """Say where Ollama is."""
    form = {"name": "Ollama here", "base_url": kitchen.ollama.url, "allow": "yes"}
    assert (await kitchen.client.post("/providers/ollama/keys", data=form)).status_code == 303


async def test_a_model_is_installed_with_its_progress_in_sight(kitchen: Kitchen) -> None:
    """How far it is is asked each second, survives a reload, and what came is there when it is done."""
    assert "No Ollama is connected" in (await kitchen.client.get(PATH)).text
    await connect(kitchen)
    page = (await kitchen.client.get(PATH)).text
    assert "llama3.2" in page
    assert "qwen3:8b" in page
    kitchen.ollama.order(hold=0.5)
    assert "qwen3:8b, 5.0 MB is on its way" in await kitchen.said("pull", name=LARGE)
    half = await kitchen.shows(lambda shown: "2.8 MB of 5.0 MB" in shown)
    assert 'hx-trigger="load delay:1s"' in half
    assert "<progress" in half
    assert "2.8 MB of 5.0 MB" in (await kitchen.client.get(PATH)).text
    assert "is under way already" in await kitchen.said("pull", name="qwen3:8b")
    kitchen.ollama.go_on()
    done = await kitchen.shows(lambda shown: ">done<" in shown)
    assert "delay:1s" not in done
    assert "qwen3:8b" in (await kitchen.client.get(f"{PATH}/installed")).text
    assert "in its newest version" in await kitchen.said("pull", name=LARGE)
    (task,) = await kitchen.store.tasks.newest(PULL)
    assert task.place is None


async def test_a_pull_is_stopped_and_goes_on(kitchen: Kitchen) -> None:
    """What came is kept; the button beneath goes on from there."""
    await connect(kitchen)
    kitchen.ollama.order(hold=0.5)
    await kitchen.said("pull", name=LARGE)
    await kitchen.shows(lambda shown: "2.8 MB of" in shown)
    (task,) = await kitchen.store.tasks.open_of(PULL)
    assert "stops. What came is kept" in await kitchen.said("stop", id=str(task.id))
    stopped = await kitchen.shows(lambda shown: ">stopped<" in shown)
    assert "Go on</button>" in stopped
    assert "That is over already." in await kitchen.said("stop", id=str(task.id))
    await kitchen.said("pull", name=LARGE)
    await kitchen.shows(lambda shown: ">done<" in shown)


async def test_models_are_renewed_and_removed(kitchen: Kitchen) -> None:
    """What is newer is marked; what is removed is gone, and the audit knows who did it."""
    await connect(kitchen)
    kitchen.ollama.publish(SMALL, 3_000_000)
    assert "newer version" in (await kitchen.client.get(f"{PATH}/installed")).text
    assert "is on its way" in await kitchen.said("update", name=SMALL)
    await kitchen.shows(lambda shown: ">done<" in shown)
    assert "newer version" not in (await kitchen.client.get(f"{PATH}/installed")).text
    assert "llama3.2 is removed" in await kitchen.said("remove", name=SMALL)
    assert kitchen.ollama.installed == {}
    assert "is not on this Ollama" in await kitchen.said("remove", name=SMALL)
    assert (await kitchen.client.post(f"{PATH}/update", data={"name": SMALL})).status_code == 404
    assert any(row.subject == f"ollama:{SMALL}" for row in await kitchen.store.audit.latest())


async def test_what_cannot_be_got_says_why(kitchen: Kitchen) -> None:
    """A name that is none, and one that the library does not have."""
    await connect(kitchen)
    assert "is no name of a model" in await kitchen.said("pull", name="what is this")
    assert "library has no" in await kitchen.said("pull", name="nothing-like-it")
    assert "Nothing in the list has" in (await kitchen.client.get(f"{PATH}?q=zzzz")).text
    assert "coder" in (await kitchen.client.get(f"{PATH}?q=code")).text
