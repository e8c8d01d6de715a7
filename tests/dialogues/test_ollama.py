"""An admin looks after Ollama's models in a thread: getting one, with everything that may come in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.house import House, open_house
from tests.fakes.ollama import FakeOllama
from tests.fakes.surface import Kind, Line

MB = 1_000_000


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    """A server without models, and a library with one. After the test nobody asked for anything unknown."""
    async with FakeOllama() as server:
        server.publish("llama3.2:latest", 1 * MB, 1500 * MB, 500 * MB)
        yield server
        assert server.mistakes == []


@pytest.fixture
async def house(database_url: str, tmp_path: Path, ollama: FakeOllama) -> AsyncIterator[House]:
    """A house in whose town ann is an admin, beside that Ollama."""
    async with open_house(database_url, tmp_path) as house:
        house.ollama = ollama
        await house.restart()
        ann = await house.store.people.identify("room", "room:town", "ann", "Ann")
        await house.store.people.grant(ann.id, "admin", "room:town")
        yield house


def shown(house: House) -> list[Line]:
    """The messages in the kitchen that show how tasks stand."""
    return [line for line in house.room.at(house.place("kitchen")) if line.of_task]


async def ended(house: House, words: str) -> Line:
    """Wait until there is one such message, and it says these words at last."""

    def seen() -> bool:
        lines = shown(house)
        return len(lines) == 1 and not lines[0].changes and words in lines[0].view.text

    await house.until(seen, f"a task that ends with {words!r}")
    return shown(house)[0]


async def grown(house: House, words: str) -> Line:
    """Wait until such a message says these words."""
    await house.until(lambda: any(words in line.view.text for line in shown(house)), words)
    return shown(house)[-1]


async def test_a_model_is_got_in_a_thread(house: House, ollama: FakeOllama) -> None:
    """One message grows with a bar and ends complete; the model can be chosen at once, and the overview has it."""
    ollama.order(hold=0.5)
    said = await house.command("kitchen", "/ollama pull llama3.2")
    assert said == "**llama3.2** (2.0 GB) is being got; a message here shows how far it is."
    line = await grown(house, "52 %")
    assert "Getting **llama3.2**: 1.1 GB of 2.0 GB" in line.view.text
    assert [button.label for button in line.view.buttons] == ["Cancel"]
    assert "is under way already" in await house.command("kitchen", "/ollama pull llama3.2:latest")
    ollama.go_on()
    line = await ended(
        house, "**llama3.2** is here (2.0 GB). `/model ollama/llama3.2:latest` lets it answer."
    )
    assert len(line.history) >= 3
    assert ollama.pulls == ["llama3.2:latest"]
    assert "answers here" in await house.command("kitchen", "/model ollama/llama3.2:latest")
    said = await house.command("kitchen", "/ollama")
    assert "has 1 model, 2.0 GB in all. 1,000 GB of its disk are free." in said
    assert "- `llama3.2`: 2.0 GB, llama 3.2B, Q4_K_M, reads 128k, changed" in said
    [row] = await house.store.tasks.newest("ollama pull")
    assert (row.state, row.done, row.total, row.owes) == ("done", 2001 * MB, 2001 * MB, False)
    assert "start ollama pull" in [entry.action for entry in await house.store.audit.latest()]


async def test_a_pull_survives_the_death_of_its_process(house: House, ollama: FakeOllama) -> None:
    """Another process goes on with it, in the same message."""
    ollama.order(hold=0.4)
    await house.command("kitchen", "/ollama pull llama3.2")
    line = await grown(house, "41 %")
    await house.crash()
    await house.until(lambda: ollama.hung_up == 1, "the dead process's connection to close")
    await house.start()
    assert (await ended(house, "is here")).id == line.id
    assert len(ollama.pulls) == 2


@pytest.mark.parametrize(("door", "what"), [("surface.post", "after"), ("tasks.finish", "after")])
async def test_a_death_in_between_shows_nothing_twice(
    house: House, ollama: FakeOllama, door: str, what: str
) -> None:
    """A message that was posted without our hearing so is found; an end that was not shown is shown."""
    await house.command("kitchen", "/model")
    trap = house.trap(door, what)
    trap.number = 1 if door == "tasks.finish" else 2  # the first post is the command's own answer
    await house.command("kitchen", "/ollama pull llama3.2")
    await house.died()
    await house.start()
    await ended(house, "is here")


async def test_a_pull_goes_on_at_a_graceful_restart(house: House, ollama: FakeOllama) -> None:
    """The process that stops lets it go, and the next one takes it up."""
    ollama.order(hold=0.4)
    await house.command("kitchen", "/ollama pull llama3.2")
    line = await grown(house, "41 %")
    await house.restart()
    assert (await ended(house, "is here")).id == line.id


async def test_a_broken_connection_is_made_up_for(house: House, ollama: FakeOllama) -> None:
    """Cut three times, it goes on from where it was; the lost answer of a post shows nothing twice."""
    for part in (0.2, 0.5, 0.8):
        ollama.order(cut=part)
    house.room.order(Kind.LOST, after=1)
    await house.command("kitchen", "/ollama pull llama3.2")
    await ended(house, "is here (2.0 GB)")
    assert len(ollama.pulls) == 4


async def test_what_cannot_be_had_is_said(house: House, ollama: FakeOllama) -> None:
    """Ollama's own words become a sentence, with a way to try again."""
    ollama.order(error="write /models/x: no space left on device")
    await house.command("kitchen", "/ollama pull llama3.2")
    line = await ended(house, "The disk of the Ollama server is full.")
    assert [button.command for button in line.view.buttons] == ["ollama pull llama3.2"]
    assert "Ollama's library has no `nothing`." in await house.command("kitchen", "/ollama pull nothing")
    assert len(ollama.pulls) == 1


async def test_a_pull_is_cancelled_by_its_button(house: House, ollama: FakeOllama) -> None:
    """The connection to Ollama ends, what came is kept, and Go on goes on."""
    ollama.order(hold=0.5)
    await house.command("kitchen", "/ollama pull llama3.2")
    line = await grown(house, "52 %")
    assert "stops" in await house.command("kitchen", f"/{line.view.buttons[0].command}")
    line = await ended(house, "Stopped.")
    await house.until(lambda: ollama.hung_up == 1, "the end of the connection")
    assert [button.label for button in line.view.buttons] == ["Go on"]
    assert await house.command("kitchen", "/ollama stop") == "Nothing is under way."
    await house.command("kitchen", f"/{line.view.buttons[0].command}")
    await grown(house, "is here")


async def test_what_does_not_fit_is_refused_with_numbers(house: House, ollama: FakeOllama) -> None:
    """Nothing is begun; what is on the disk already needs no room."""
    house.free = 2_500 * MB
    await house.restart()
    said = await house.command("kitchen", "/ollama pull llama3.2")
    assert "does not fit: it needs 2.0 GB more, and of the 2.5 GB that are free 1.0 GB stay free." in said
    assert (ollama.pulls, shown(house)) == ([], [])
    [_, large, _] = ollama.library["llama3.2:latest"].layers
    ollama.came[large] = 1500 * MB
    await house.command("kitchen", "/ollama pull llama3.2")
    await ended(house, "is here")


async def test_who_is_no_admin_may_not(house: House, ollama: FakeOllama) -> None:
    """Neither by a word nor by somebody else's button."""
    ollama.order(hold=0.5)
    await house.command("kitchen", "/ollama pull llama3.2")
    line = await grown(house, "52 %")
    for said in (
        "ollama",
        "ollama pull llama3.2",
        "ollama remove --yes llama3.2",
        line.view.buttons[0].command,
    ):
        refused = await house.command("kitchen", f"/{said}", by="bob")
        assert refused.startswith("Only an admin of this workspace may look after Ollama's models.")
    ollama.go_on()
    await ended(house, "is here")


async def test_models_are_renewed_and_removed(house: House, ollama: FakeOllama) -> None:
    """A newer version is seen and got; removing asks once more."""
    ollama.install("llama3.2:latest")
    assert "in its newest version" in await house.command("kitchen", "/ollama pull llama3.2")
    assert await house.command("kitchen", "/ollama update") == "Every model is in its newest version."
    ollama.publish("llama3.2:latest", 1 * MB, 1600 * MB)
    assert "**A newer version is there.**" in await house.command("kitchen", "/ollama")
    assert "is renewed" in await house.command("kitchen", "/ollama update")
    await ended(house, "is the newest version now")
    ollama.offline = True
    assert "is not known" in await house.command("kitchen", "/ollama update")
    assert "Remove **llama3.2** (1.6 GB)" in await house.command("kitchen", "/ollama remove llama3.2")
    assert "llama3.2:latest" in ollama.installed
    assert "is removed" in await house.command("kitchen", "/ollama remove --yes llama3.2")
    assert ollama.installed == {}
    assert "is not on this Ollama" in await house.command("kitchen", "/ollama remove llama3.2")
    assert "remove" in [entry.action for entry in await house.store.audit.latest(5)]
