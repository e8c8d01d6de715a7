"""What docs/discord.md promises a newcomer, with the real program against a stand-in for Discord."""

import asyncio
import json
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.adapters.discord.setup import invite
from bot.adapters.discord.setup.permissions import bits
from bot.commands import COMMANDS
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.test_project import BIN, ENVIRONMENT


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


@asynccontextmanager
async def started(discord: FakeDiscord, folder: Path, *words: str) -> AsyncIterator[Process]:
    """`switchboard WORDS` in an empty folder, with the token of the app."""
    given = {
        "DISCORD_BOT_TOKEN": discord.app.token,
        "DISCORD_API_URL": f"{discord.world.url}/api/v10",
        "SWITCHBOARD_DATA": str(folder / "data"),
        "PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        BIN / "switchboard",
        *words,
        cwd=folder,
        env=ENVIRONMENT | given,
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


async def ended(discord: FakeDiscord, process: Process) -> tuple[int | None, str, str]:
    """Exit code, what it printed, what it complained of; the token is in neither."""
    async with asyncio.timeout(30):
        printed, complaints = await process.communicate()
    assert discord.app.token.encode() not in printed + complaints
    return process.returncode, printed.decode(), complaints.decode()


async def said(discord: FakeDiscord, folder: Path, *words: str) -> tuple[int | None, str, str]:
    """`switchboard WORDS`, to its end."""
    async with started(discord, folder, *words) as process:
        return await ended(discord, process)


async def answered(discord: FakeDiscord, asked: Message, number: int, words: str) -> None:
    """Wait until so many messages stand in the thread at a message, the last of them complete and with these words."""

    def complete() -> bool:
        shown = discord.thread(asked) if asked.thread else []
        return len(shown) == number and words in shown[-1].shown and "Retry" in str(shown[-1].components)

    await discord.until(complete, 20)


async def test_a_bot_with_a_token_is_answered(discord: FakeDiscord, tmp_path: Path) -> None:
    """A mention opens a thread, a follow-up needs none, commands are there; the doctor is content meanwhile."""
    async with started(discord, tmp_path, "run") as program:
        await discord.connected()
        asked = discord.mention("ada", "general", "repeat: hello, newcomer")
        await answered(discord, asked, 1, "hello, newcomer")
        discord.say("ada", asked.thread or "", "repeat: and once more")
        await answered(discord, asked, 3, "and once more")
        chosen = await discord.command("ada", asked.thread or "", "model", model="demo/thorough")
        assert "**demo/thorough**" in chosen.shown
        code, report, complaints = await said(discord, tmp_path, "doctor", "--json")
        program.send_signal(signal.SIGINT)
        stopped, _, logged = await ended(discord, program)
    assert (code, complaints) == (0, "")
    assert all(check["outcome"] == "ok" for check in json.loads(report)["checks"])
    assert stopped == 0
    assert "Traceback" not in logged
    assert not discord.unexpected()


async def test_the_links_of_the_token_are_printed(discord: FakeDiscord, tmp_path: Path) -> None:
    """Of the bot that the token is of."""
    code, printed, complaints = await said(discord, tmp_path, "invite", "discord")
    assert (code, complaints) == (0, "")
    assert invite.to_server(discord.app.id) in printed
    assert invite.to_person(discord.app.id) in printed
    assert not discord.unexpected()


async def test_the_doctor_is_content_with_who_came_by_the_link(discord: FakeDiscord, tmp_path: Path) -> None:
    """The permissions of the link are those that it looks for, where nobody else grants any."""
    discord.build.change_role(discord.guild.everyone, Can(0))
    discord.build.kick(discord.bot)
    discord.build.invite(discord.app, permissions=Can(bits()))
    offered = {each.name: {"type": 1, "name": each.name, "description": each.summary} for each in COMMANDS}
    discord.app.commands[""] = offered
    code, printed, complaints = await said(discord, tmp_path, "doctor", "--json")
    assert (code, complaints) == (0, "")
    assert all(check["outcome"] == "ok" for check in json.loads(printed)["checks"])
    assert not discord.unexpected()
