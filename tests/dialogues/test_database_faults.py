"""The database is away, or takes a write and its answer is lost: at each write of one answer."""

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from tests.chaos.launch import POINTS
from tests.databases import ask
from tests.fakes.house import House
from tests.fakes.provider import answer_for
from tests.fakes.surface import BROKEN_OFF

_BREAK = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
WRITES = [step for step in POINTS if not step.startswith("surface")]


@pytest.mark.parametrize("what", ["lost", "down"])
@pytest.mark.parametrize("step", WRITES)
async def test_a_write_fails(house: House, step: str, what: str) -> None:
    """Applied and its answer lost, or not applied at all: the question has one complete answer, billed once, soon."""
    house.provider.script(text="word " * 60, speed=300)
    house.trap(step, what)
    await house.say("kitchen", "What is for dinner?")
    assert (await house.answered("kitchen")).outcome == "complete"


async def test_any_write_is_applied_and_its_answer_lost(house: House) -> None:
    """The n-th write of an answer over two messages, whichever it is."""
    text = " ".join(f"word{n}" for n in range(300))
    for number in range(1, 25):
        house.provider.script(text=text)
        trap = house.trap("", "lost", number)
        await house.say(f"thread{number}", f"Question {number}.")
        assert (await house.answered(f"thread{number}")).outcome == "complete"
        trap.sprung = True  # it may have had less than that many writes


async def test_the_database_is_away_in_the_middle(house: House) -> None:
    """What grows goes on as soon as the database is back; what is said meanwhile is taken then."""
    house.order_trouble()
    house.provider.script(text="word " * 300, speed=300, holds=(20,))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 20)
    house.process.gate.away = True
    house.provider.go_on()
    saying = house.later(house.say("cellar", "And what is for dinner?"))
    await house.provider.all_closed()
    house.process.gate.away = False
    await saying
    assert (await house.answered("cellar")).text == answer_for("And what is for dinner?")
    assert (await house.answered("kitchen")).outcome == "complete"


async def test_the_database_is_away_for_long(house: House) -> None:
    """An answer that could not be kept for too long is ended where it was kept, with a way on."""
    house.order_trouble()
    house.patience = 0.2
    await house.restart()
    house.provider.script(text="word " * 5000, speed=40)
    house.order("kitchen", "broken")
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 20)
    house.process.gate.away = True
    await house.provider.all_closed()
    house.process.gate.away = False
    shown = await house.answered("kitchen")
    assert shown.text.startswith("word word")
    assert "was interrupted" in shown.text
    assert shown.labels == BROKEN_OFF


async def test_the_database_lets_go_of_everybody(house: House, database_url: str) -> None:
    """PostgreSQL restarts, or another program keeps SQLite's file to itself: the answer goes on afterwards."""
    house.provider.script(text="word " * 200, speed=300, holds=(20, 80, 140))
    await house.say("kitchen", "Tell me a story.")
    for _ in range(3):
        await house.grows("kitchen", 20)
        house.provider.go_on()
        if database_url.startswith("postgres"):
            await ask(database_url, _BREAK)
        else:
            await asyncio.to_thread(_keep, database_url.removeprefix("sqlite:///"))
    assert (await house.answered("kitchen")).outcome == "complete"


def _keep(file: str) -> None:
    """Keep the file for a moment, as a backup program might."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(0.2)
        connection.rollback()
