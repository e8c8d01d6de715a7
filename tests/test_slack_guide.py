"""What docs/slack.md promises a newcomer: an app made from manifest.yml, two tokens, `switchboard run`, an answer."""

import asyncio
import json
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.slack.settings import POST_PATH
from tests.fakes.refused import Misuse
from tests.fakes.slack.server import FakeSlack
from tests.test_project import BIN, ENVIRONMENT, ROOT


def app_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """An app as Slack makes it of a manifest."""
    features, settings = manifest["features"], manifest["settings"]
    return {
        "events": settings["event_subscriptions"]["bot_events"],
        "commands": [each["command"] for each in features["slash_commands"]],
        "shortcuts": {each["callback_id"]: each["type"] for each in features["shortcuts"]},
        "agent": "agent_view" in features,
        "home_tab": features["app_home"]["home_tab_enabled"],
    }


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    async with FakeSlack(**app_of(manifest)) as running:
        running.bot.scopes = frozenset(manifest["oauth_config"]["scopes"]["bot"])
        yield running


@asynccontextmanager
async def started(*words: str, folder: Path, **environment: str) -> AsyncIterator[Process]:
    """`switchboard WORDS` in an empty folder."""
    process = await asyncio.create_subprocess_exec(
        BIN / "switchboard",
        *words,
        cwd=folder,
        env=ENVIRONMENT | environment | {"SWITCHBOARD_DATA": str(folder / "data")},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def talk(slack: FakeSlack) -> None:
    """Invite the bot, mention it, wait for its answer and its greeting."""
    slack.invite(slack.bot.bot, "general", by="ada")
    asked = slack.mention("ada", "general", "repeat: hello, newcomer")

    def answered() -> bool:
        said = slack.thread("general", asked.ts)
        return [m.user for m in said] == [slack.ada.id, slack.bot.bot.id] and "newcomer" in said[-1].text

    await slack.until(answered, 20)
    await slack.until(lambda: slack.whispers("ada"))


async def stopped(slack: FakeSlack, program: Process, *secrets: str) -> None:
    """It ends well, and neither it nor Slack has anything to complain about."""
    program.send_signal(signal.SIGINT)
    printed, logged = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode == 0
    assert not [secret for secret in secrets if secret.encode() in printed + logged]
    assert b"Traceback" not in logged
    assert not slack.unexpected()


async def test_an_app_made_from_the_manifest_is_answered(slack: FakeSlack, tmp_path: Path) -> None:
    """Invited and mentioned it answers in a thread; the doctor is content meanwhile; nothing shows a secret."""
    tokens = {"SLACK_BOT_TOKEN": slack.bot.token, "SLACK_APP_TOKEN": slack.app.app_token}
    given = {**tokens, "SLACK_API_URL": slack.api_url, "PORT": "0"}
    async with started("run", folder=tmp_path, **given) as program:
        await slack.until(lambda: len(slack.sockets.open()) == 2, 20)
        await talk(slack)
        async with started("doctor", "--json", folder=tmp_path, **given) as doctor:
            report, complaints = await doctor.communicate()
        await stopped(slack, program, *tokens.values())
    assert (doctor.returncode, complaints) == (0, b"")
    assert all(check["outcome"] == "ok" for check in json.loads(report)["checks"])
    assert not [token for token in tokens.values() if token.encode() in report]


async def test_an_app_that_slack_posts_to_is_answered(slack: FakeSlack, tmp_path: Path) -> None:
    """With a signing secret in the app token's place; Slack tries the address before it uses it."""
    tokens = {"SLACK_BOT_TOKEN": slack.bot.token, "SLACK_SIGNING_SECRET": slack.app.signing_secret}
    given = {**tokens, "SLACK_API_URL": slack.api_url, "PORT": "0"}
    async with started("run", folder=tmp_path, **given) as program:
        assert program.stdout is not None
        found = re.search(rb"http://[^/]+", await asyncio.wait_for(program.stdout.readline(), 60))
        assert found, "it says where it is"
        address = f"{found[0].decode()}{POST_PATH}"
        async with asyncio.timeout(20):
            while not await verified(slack, address):
                pass  # Slack's own page has a button for that
        await talk(slack)
        await stopped(slack, program, *tokens.values())


async def verified(slack: FakeSlack, address: str) -> bool:
    """Whether the address answers Slack's challenge by now."""
    try:
        await slack.deliver_to(address, options_url=address)
    except Misuse:
        return False
    return True
