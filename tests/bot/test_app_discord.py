"""The program itself, connected to Discord as it is started: one answer in its thread, and its health."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.discord.messages import Message
from tests.fakes.discord.server import FakeDiscord
from tests.test_project import ENVIRONMENT
from tests.test_readme import started

LINK = re.compile(rb"(http://127\.0\.0\.1:\d+)/\s")
RUN = (sys.executable, "-m", "bot", "run")


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    """A server with our bot in it."""
    async with FakeDiscord() as server:
        yield server
        assert server.unexpected() == []


def settings(fake: FakeDiscord, folder: Path, **more: str) -> dict[str, str]:
    """What the program is started with: no key for any provider, so that the demo answers."""
    given = {"PORT": "0", "SWITCHBOARD_DATA": str(folder), "DISCORD_API_URL": f"{fake.world.url}/api/v10"}
    return {**ENVIRONMENT, **given, "DISCORD_BOT_TOKEN": fake.app.token, **more}


async def test_the_program_answers_in_discord(fake: FakeDiscord, tmp_path: Path) -> None:
    """From a mention to the finished answer in its thread; what is said while it is away is answered too."""
    environment = settings(fake, tmp_path / "data")
    async with started(*RUN, **environment) as process:
        url = await _url(process)
        await _says(url, "ok")
        asked = fake.mention("ada", "general", "Hello there.")
        await fake.until(lambda: _finished(fake, asked), 20)
        await _says(url, "ok")
    assert process.returncode == 0
    missed = fake.mention("grace", "general", "Is anybody there?")
    async with started(*RUN, **environment) as process:
        await fake.until(lambda: _finished(fake, missed), 20)
    assert len(fake.thread(asked)) == 1


async def test_a_token_that_discord_does_not_know(fake: FakeDiscord, tmp_path: Path) -> None:
    """Hinders nothing but Discord: the site is there, and its health names the setting."""
    fake.book.expect("get_me", "401")
    wrong = fake.app.token[:-1] + ("x" if fake.app.token[-1] != "x" else "y")
    async with started(*RUN, **settings(fake, tmp_path, DISCORD_BOT_TOKEN=wrong)) as process:
        said = await _says(await _url(process), "DISCORD_BOT_TOKEN")
        assert said["database"] == "ok"


async def _url(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    while not (link := LINK.search(await process.stdout.readline())):
        assert not process.stdout.at_eof(), "it ended without a link"
    return link[1].decode()


async def _says(url: str, words: str) -> dict[str, str]:
    """Wait until the health of Discord has these words."""
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{url}/readyz") as answer:
                parts: dict[str, str] = json.loads(await answer.text())["parts"]
            if words in parts.get("discord", ""):
                return parts
            await asyncio.sleep(0.05)


def _finished(fake: FakeDiscord, asked: Message) -> bool:
    if asked.thread is None:
        return False
    answers = fake.thread(asked)
    return bool(answers) and "Retry" in json.dumps(answers[-1].components)
