"""Looking after an Ollama: what it has, what its library has, room, names, the list of models."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.calls.keys import Keys
from bot.calls.reach import Reach
from bot.core.errors import AuthenticationFailed, BadInput, Cut, ModelMissing, NetworkFailed
from bot.core.place import Place
from bot.net.guard import Guard
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.ollama.catalogue import Catalogue, Shelf
from bot.providers.ollama.disk import Disk
from bot.providers.ollama.library import Library, Manifest, Unlisted
from bot.providers.ollama.managed import Managed, Reached
from bot.providers.ollama.names import Name
from bot.providers.ollama.progress import Meter
from bot.providers.ollama.server import PullRefused, Server
from bot.providers.ollama.words import amount, span
from bot.providers.registry import Registry
from bot.providers.rows.own import OLLAMA
from bot.providers.wiring import Wiring
from storage.credentials import NewCredential
from storage.store import Store
from tests.fakes.ollama import FakeOllama

MB = 1_000_000
PLACE = Place("web", "main", "general", "t1")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    """A server with a key, and two models in its library. After the test nobody asked for anything unknown."""
    async with FakeOllama(key="ollama-0123456789") as server:
        server.publish("llama3.2:3b", 1 * MB, 2000 * MB)
        server.publish("mannix/smaug:latest", 40 * MB)
        yield server
        assert server.mistakes == []


@pytest.fixture
def server(fake: FakeOllama, http: Http) -> Server:
    """The client, given the address of its OpenAI-compatible side."""
    return Server(f"{fake.url}/v1", fake.key, http)


def managed(fake: FakeOllama, http: Http, *, free: int | None = None, registry: str = "") -> Managed:
    """With so many bytes free; without, it is not known."""

    async def reach(place: Place, person_id: int | None) -> Reached:
        return Reached(fake.url, fake.key)

    folder = Path(__file__).parent if free is not None else Path("/no/such/folder")
    return Managed(http, reach, registry=registry or fake.url, disk=Disk(folder, lambda _: free or 0))


@pytest.mark.parametrize("scope", ["place:slack:T1", "place:slack:T1/C1", "person:1"])
async def test_a_workspaces_own_server_is_guarded(
    store: Store, fake: FakeOllama, http: Http, scope: str
) -> None:
    """Its name may lead elsewhere by now; the installation's own, and one that the owner allows, may be anywhere."""
    guard = Guard()
    async with Http(guard=guard) as outside:
        registry = Registry(CATALOG, {}, http, outside=outside)
        ours = Managed(http, Reach(OLLAMA, Keys(store.credentials, registry), None), outside=outside)
        place = Place("slack", "T1", "C1")
        await store.credentials.add(NewCredential("ollama", "Ours", fake.key, base_url=fake.url))
        assert await (await ours.server(place, 1)).installed() == []
        new = NewCredential("ollama", "Theirs", fake.key, scope, fake.url.replace("127.0.0.1", "localhost"))
        kept = await store.credentials.add(new)
        with pytest.raises(NetworkFailed):
            await (await ours.server(place, 1)).installed()
        near = replace(OLLAMA, base_url=fake.url)
        for address in (new.base_url, None):
            given = replace(await store.credentials.open(kept), base_url=address)
            with pytest.raises(NetworkFailed):
                await Wiring(http, outside, None).bound(near, given).usual.check()
        guard.allow(["localhost"])
        assert await (await ours.server(place, 1)).installed() == []


async def test_what_is_there_is_read(fake: FakeOllama, server: Server) -> None:
    """Installed and loaded models with all they say; a name that is not there is an error."""
    fake.install("llama3.2:3b")
    loaded = {"model": "llama3.2:3b", "size": 5, "size_vram": 4, "expires_at": "2026-11-27T10:00:00.1+01:00"}
    fake.loaded = [loaded | {"context_length": 4096}, {"name": "old:1b"}]
    [model] = await server.installed()
    assert (model.name, model.size, model.family, model.parameters) == (
        "llama3.2:3b",
        2001 * MB,
        "llama",
        "3.2B",
    )
    assert (model.quantisation, model.digest) == ("Q4_K_M", fake.library["llama3.2:3b"].digest)
    assert model.modified_at is not None
    new, old = await server.loaded()
    assert (new.size, new.on_gpu, new.context) == (5, 4, 4096)
    assert (old.name, old.context, old.expires_at) == ("old:1b", None, None)
    details = await server.show("llama3.2:3b")
    assert (details.context, details.can) == (131_072, ("completion", "tools"))
    await server.delete("llama3.2:3b")
    for call in (server.show, server.delete):
        with pytest.raises(ModelMissing):
            await call("llama3.2:3b")


async def test_failures_are_ours(fake: FakeOllama, http: Http) -> None:
    """No server, a wrong key."""
    with pytest.raises(NetworkFailed):
        await Server(NOWHERE, "", http).installed()
    with pytest.raises(AuthenticationFailed):
        await Server(fake.url, "wrong", http).installed()


async def _pulled(server: Server, name: str = "llama3.2:3b") -> Meter:
    meter = Meter()
    async for line in server.pull(name):
        meter.take(line)
    return meter


async def test_a_pull_that_breaks_off_goes_on(fake: FakeOllama, server: Server) -> None:
    """It ends with success or raises Cut; the next one has what came."""
    fake.order(cut=0.5)
    with pytest.raises(Cut):
        await _pulled(server)
    came = sum(fake.came.values())
    assert came >= 1000 * MB
    meter = await _pulled(server)
    assert (meter.done, meter.total) == (2001 * MB, 2001 * MB)
    assert "llama3.2:3b" in fake.installed


@pytest.mark.parametrize(
    ("said", "kind", "say"),
    [
        ("pull model manifest: file does not exist", PullRefused, "has no model of that name"),
        (
            "pull model manifest: 412: this model requires a newer version of Ollama",
            PullRefused,
            "newer version",
        ),
        ("open /x/blobs: no space left on device", PullRefused, "is full"),
        ("something odd", PullRefused, "the log has its words"),
        ("max retries exceeded: dial tcp: lookup registry.ollama.ai: no such host", Cut, "broke off"),
    ],
)
async def test_its_words_are_understood(
    fake: FakeOllama, server: Server, said: str, kind: type[Exception], say: str
) -> None:
    """What passes by itself is Cut; the rest has a sentence without its raw words."""
    fake.order(error=said)
    with pytest.raises(kind) as caught:
        await _pulled(server)
    told = getattr(caught.value, "say", "")
    assert say in told
    assert said not in told
    assert said[:20] in str(caught.value)


async def test_the_library_is_asked(fake: FakeOllama, http: Http) -> None:
    """A manifest with its size and digest; no such model; not known where it is away or another's."""
    library = Library(fake.url, http)
    found = await library.manifest(Name.parse("llama3.2:3b"))
    assert isinstance(found, Manifest)
    assert (found.size, fake.library["llama3.2:3b"].digest in found.digests) == (2001 * MB, True)
    assert isinstance(await library.manifest(Name.parse("mannix/smaug")), Manifest)
    assert await library.manifest(Name.parse("nothing")) == Unlisted()
    assert await library.manifest(Name.parse("hf.co/maker/model:Q4_K_M")) is None
    fake.offline = True
    assert await library.manifest(Name.parse("llama3.2:3b")) is None
    assert await Library(NOWHERE, http).manifest(Name.parse("llama3.2:3b")) is None


async def test_newer_versions_are_seen(fake: FakeOllama, http: Http, server: Server) -> None:
    """By the digest; not known where the library is away."""
    fake.install("llama3.2:3b")
    installed = await server.installed()
    stranger = replace(installed[0], name="hf.co/maker/model:Q4_K_M")
    looked = managed(fake, http)
    assert await looked.newer([*installed, stranger]) == {"llama3.2:3b": False, stranger.name: None}
    fake.publish("llama3.2:3b", 1 * MB, 2100 * MB)
    assert await looked.newer(installed) == {"llama3.2:3b": True}
    fake.offline = True
    assert await looked.newer(installed) == {"llama3.2:3b": None}


async def test_room_is_looked_for_where_it_can_be(fake: FakeOllama, http: Http, server: Server) -> None:
    """What is there needs no room; a gigabyte stays free; elsewhere and without a folder nothing is known."""
    name = Name.parse("llama3.2:3b")
    need = await managed(fake, http, free=3000 * MB).need(server, name)
    assert (need.size, need.missing, need.about, need.free, need.fits) == (
        2001 * MB,
        2001 * MB,
        False,
        3000 * MB,
        False,
    )
    fake.came |= fake.library["llama3.2:3b"].layers
    assert (await managed(fake, http, free=1000 * MB).need(server, name)).fits
    unknown = await managed(fake, http).need(server, name)
    assert (unknown.free, unknown.fits) == (None, True)
    rough = await managed(fake, http, free=1 * MB, registry=NOWHERE).need(server, name)
    assert (rough.size, rough.about, rough.fits) == (2000 * MB, True, False)
    odd = await managed(fake, http, free=1, registry=NOWHERE).need(server, Name.parse("hf.co/a/b"))
    assert (odd.size, odd.fits) == (None, True)
    with pytest.raises(BadInput) as caught:
        await managed(fake, http).need(server, Name.parse("llama3.2:99b"))
    assert "`llama3.2:1b`" in caught.value.say
    assert Disk(Path("/")).free("http://ollama.example:11434") is None
    assert (Disk(Path("/")).free("http://localhost:11434") or 0) > 0


@pytest.mark.parametrize(
    ("written", "full", "short"),
    [
        ("llama3.2", "llama3.2:latest", "llama3.2"),
        ("ollama/qwen3:8b", "qwen3:8b", "qwen3:8b"),
        ("library/qwen3:8b", "qwen3:8b", "qwen3:8b"),
        ("mannix/smaug", "mannix/smaug:latest", "mannix/smaug"),
        ("hf.co/a/B-GGUF:Q4_K_M", "hf.co/a/B-GGUF:Q4_K_M", "hf.co/a/B-GGUF:Q4_K_M"),
    ],
)
def test_names_are_read_as_ollama_lists_them(written: str, full: str, short: str) -> None:
    """Whatever was left out, and with our own prefix."""
    name = Name.parse(written)
    assert (str(name), name.short) == (full, short)


@pytest.mark.parametrize("written", ["", "two words", "a:b:c", "../x", "a/b/c/d", "-x", "x" * 300])
def test_what_is_no_name_is_refused(written: str) -> None:
    """With an example."""
    with pytest.raises(BadInput, match="not a model"):
        Name.parse(written)


def test_a_meter_counts_all_layers_and_its_speed() -> None:
    """Speed is that of late; what was there before the first line is none."""
    clock = [0.0]
    meter = Meter(3000, now=lambda: clock[0])
    meter.take({"status": "pulling manifest"})
    assert (meter.done, meter.total, meter.speed, meter.left) == (0, 0, None, None)
    for second in range(1, 6):
        clock[0] = float(second)
        meter.take({"status": "pulling x", "digest": "a", "total": 2000, "completed": 500 + 100 * second})
    assert (meter.done, meter.total, meter.speed, meter.left) == (1000, 3000, 100.0, 20.0)
    meter.take({"status": "pulling y", "digest": "b", "total": 1500})
    assert meter.total == 3500
    meter.again()
    assert (meter.done, meter.speed) == (0, None)


def test_amounts_and_times_are_said_shortly() -> None:
    """Two digits that mean something."""
    assert [amount(n) for n in (0, 815_000_000, 2_001_000_000, 243_000_000_000)] == [
        "0 bytes",
        "815 MB",
        "2.0 GB",
        "243 GB",
    ]
    assert [span(s) for s in (0.2, 45, 200, 3600, 7900)] == ["1 s", "45 s", "3 min", "1 h", "2 h 12 min"]


async def test_the_bundled_list_is_whole(http: Http) -> None:
    """About sixty models or more, each with what a person needs to choose; every name can be pulled."""
    catalogue = await Shelf(http, None).catalogue()
    assert len(catalogue.entries) >= 60
    assert len({entry.name for entry in catalogue.entries}) == len(catalogue.entries)
    for entry in catalogue.entries:
        assert entry.about.endswith(".")
        assert entry.licence
        assert set(entry.can) <= {"vision", "tools", "thinking", "embedding"}
        for tag in entry.tags:
            assert str(Name.parse(f"{entry.name}:{tag.tag}")) == f"{entry.name}:{tag.tag}"
            assert 10 * MB < tag.size < 500_000 * MB
            assert 500 <= tag.context <= 11_000_000
    assert [entry.name for entry in catalogue.search("llama3.2")][:2] == ["llama3.2", "llama3.2-vision"]
    assert all("embedding" in entry.can for entry in catalogue.search("embedding english"))
    assert catalogue.search("no such thing at all") == []
    assert catalogue.size(Name.parse("llama3.2")) == catalogue.size(Name.parse("llama3.2:3b"))


async def test_a_newer_list_is_fetched_once_a_day(fake: FakeOllama, http: Http) -> None:
    """What is unreadable or older changes nothing."""
    clock = [0.0]
    shelf = Shelf(http, f"{fake.url}/catalogue.json", now=lambda: clock[0])
    bundled = (await shelf.catalogue()).as_of
    assert (await shelf.catalogue()).as_of == bundled
    tags = [{"tag": "1b", "parameters": "1B", "size": 5, "context": 9}]
    row: dict[str, object] = {"name": "new", "about": "New.", "licence": "MIT", "can": [], "source": "here"}
    row["tags"] = tags
    for as_of in ("2020-01-01", "2099-01-01"):
        fake.catalogue = json.dumps({"as_of": as_of, "source": "test", "models": [row]}).encode()
        clock[0] += 100_000
        found = await shelf.catalogue()
    assert (found.as_of, [entry.name for entry in found.entries]) == ("2099-01-01", ["new"])
    fake.catalogue = b"[]"
    clock[0] += 100_000
    assert (await shelf.catalogue()).as_of == "2099-01-01"
    with pytest.raises(ValueError, match="no tags"):
        Catalogue.read(json.dumps({"as_of": "x", "source": "", "models": [row | {"tags": []}]}))
