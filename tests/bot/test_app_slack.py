"""The program itself, connected to Slack as it is started: one answer by socket, one by signed HTTP, and its health."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.slack.server import FakeSlack
from tests.test_project import ENVIRONMENT
from tests.test_readme import started

LINK = re.compile(rb"(http://127\.0\.0\.1:\d+)/\s")


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace whose bot is in a channel."""
    async with FakeSlack(agent=True) as server:
        server.general.members.add(server.bot.bot.id)
        yield server
        assert server.unexpected() == []


def settings(slack: FakeSlack, folder: Path, **more: str) -> dict[str, str]:
    """What the program is started with: no key for any provider, so that the demo answers."""
    given = {"PORT": "0", "SWITCHBOARD_DATA": str(folder), "SLACK_API_URL": slack.api_url}
    return {**ENVIRONMENT, **given, "SLACK_BOT_TOKEN": slack.bot.token, **more}


async def health(url: str) -> dict[str, str]:
    """What the program says of its parts."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        parts: dict[str, str] = json.loads(await answer.text())["parts"]
        return parts


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_the_program_answers_in_slack(slack: FakeSlack, tmp_path: Path, way: str) -> None:
    """From a mention to the finished answer in its thread; SIGINT ends it within its time."""
    by = {
        "socket": {"SLACK_APP_TOKEN": slack.app.app_token},
        "http": {"SLACK_SIGNING_SECRET": slack.app.signing_secret},
    }
    environment = settings(slack, tmp_path / "data", **by[way])
    async with started(sys.executable, "-m", "bot", "run", **environment) as process:
        assert process.stdout is not None
        while not (link := LINK.search(await process.stdout.readline())):
            assert not process.stdout.at_eof(), "it ended without a link"
        url = link[1].decode()
        await _says(url, "ok")
        if way == "http":
            await slack.deliver_to(f"{url}/slack/events")
        asked = slack.mention("ada", "general", "Hello there.")
        await slack.until(lambda: _finished(slack, asked.ts))
        await _says(url, "ok")
    assert process.returncode == 0


async def test_a_token_that_slack_does_not_know(slack: FakeSlack, tmp_path: Path) -> None:
    """Hinders nothing but Slack: the site is there, and its health names the setting."""
    slack.book.expect("auth.test", "invalid_auth")
    more = {"SLACK_BOT_TOKEN": "xoxb-1-2-wrong", "SLACK_APP_TOKEN": slack.app.app_token}
    async with started(sys.executable, "-m", "bot", "run", **settings(slack, tmp_path, **more)) as process:
        assert process.stdout is not None
        while not (link := LINK.search(await process.stdout.readline())):
            assert not process.stdout.at_eof(), "it ended without a link"
        url = link[1].decode()
        said = await _says(url, "SLACK_BOT_TOKEN")
        assert said["database"] == "ok"


async def _says(url: str, words: str) -> dict[str, str]:
    """Wait until the health of Slack has these words."""
    async with asyncio.timeout(20):
        while words not in (parts := await health(url)).get("slack", ""):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return parts


def _finished(slack: FakeSlack, ts: str) -> bool:
    answers = slack.thread("general", ts)[1:]
    return bool(answers) and "Retry" in json.dumps(answers[-1].blocks)
