"""The doctor's look at Discord: what works is said, what does not is named with its fix, and no secret shows."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.adapters.discord.setup import doctor, invite, permissions
from bot.commands import COMMANDS
from bot.core.check import Check, Outcome
from bot.core.errors import SwitchboardError
from bot.net.http import Http
from tests.fakes.discord.building import INVITED
from tests.fakes.discord.guilds import App
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault

COMMAND = {"type": 1, "description": "Something"}


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        running.app.commands[""] = {
            str(number): {**COMMAND, "name": command.name} for number, command in enumerate(COMMANDS)
        }
        yield running


def settings(discord: FakeDiscord, *more: str) -> DiscordSettings:
    return DiscordSettings((discord.app.token, *more), api_url=f"{discord.world.url}/api/v10")


async def look(given: DiscordSettings, patience: float = 5.0) -> list[Check]:
    """What is found, after a look that no token stands in it."""
    async with Http() as http:
        found = await doctor.checks(given, http, patience=patience)
    assert not [token for token in given.tokens if token in str(found)]
    return list(found)


def wrong(found: list[Check]) -> list[Check]:
    return [check for check in found if check.outcome is not Outcome.OK]


def one(found: list[Check], outcome: Outcome, words: str) -> Check:
    (check,) = [each for each in found if each.outcome is outcome and words in each.found]
    return check


async def test_what_works_is_said(discord: FakeDiscord) -> None:
    """Which bot, its switch, its servers, its commands, the gateway."""
    found = await look(settings(discord))
    assert wrong(found) == []
    said = "\n".join(check.found for check in found)
    assert f"Discord knows the bot as switchboard ({discord.bot.id})" in said
    assert "Message Content is on" in said
    assert f"all {len(permissions.PERMISSIONS)} permissions in 1 server;" in said
    assert f"all {len(COMMANDS)} are in Discord" in said
    assert "everybody can" in said
    assert f"/gw, {discord.gateway.starts} of 1000 starts left today, 1 shard." in said
    assert not discord.unexpected()


@pytest.mark.parametrize("permission", permissions.PERMISSIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("answers", list(Answers))
async def test_a_missing_permission_is_named_with_what_does_not_work(
    discord: FakeDiscord, permission: permissions.Permission, answers: Answers
) -> None:
    """Without the vital ones it has failed, without the others, or those of the other way to answer, works in part."""
    discord.build.change_role(discord.guild.everyone, Can(0))
    discord.build.change_role(discord.build.bot_role(discord.app), Can(INVITED & ~permission.bit))
    other = "Send Messages" if answers is Answers.THREAD else "Send Messages in Threads"
    outcome = Outcome.FAILED if permission.vital and permission.name != other else Outcome.WARNING
    check = one(await look(replace(settings(discord), answers=answers)), outcome, permission.name)
    assert check.subject == "Discord, server Acme"
    assert permission.without in check.found
    assert invite.to_server(discord.app.id) in check.fix


async def test_an_administrator_has_every_permission(discord: FakeDiscord) -> None:
    """Whatever else its role says."""
    discord.build.change_role(discord.guild.everyone, Can(0))
    discord.build.change_role(discord.build.bot_role(discord.app), Can.ADMINISTRATOR)
    assert wrong(await look(settings(discord))) == []


async def test_many_servers_are_not_spoken_of_one_by_one(discord: FakeDiscord) -> None:
    """More than two hundred come in several answers; of those that lack something the first ten have a line."""
    for number in range(211):
        guild = discord.build.guild(f"Server {number}", discord.ada)
        discord.build.change_role(guild.everyone, Can(0), guild=guild)
        discord.build.invite(discord.app, guild, INVITED if number < 200 else Can(0))
    found = await look(settings(discord))
    assert len([check for check in wrong(found) if check.subject.startswith("Discord, server S")]) == 10
    one(found, Outcome.WARNING, "in 1 more servers")
    one(found, Outcome.OK, "permissions in 201 servers")


async def test_a_bot_without_a_server_gets_its_link(discord: FakeDiscord) -> None:
    """The usual thing to forget."""
    discord.build.kick(discord.bot)
    assert (
        invite.to_server(discord.app.id)
        in one(await look(settings(discord)), Outcome.WARNING, "in no server").fix
    )


async def test_a_switch_that_is_off_is_named_with_its_page(discord: FakeDiscord) -> None:
    """Without it nothing works at all."""
    discord.app.switches.clear()
    check = one(await look(settings(discord)), Outcome.FAILED, "Message Content is off")
    assert f"https://discord.com/developers/applications/{discord.app.id}/bot" in check.fix


async def test_a_wrong_token_says_where_the_right_one_is(discord: FakeDiscord) -> None:
    """And the other bot is looked at all the same."""
    discord.book.expect("", "401", times=1)
    found = await look(settings(discord, "not.a.token"))
    one(found, Outcome.OK, "Discord knows the bot as")
    token = one(found, Outcome.FAILED, "Discord does not know it")
    assert token.subject == "Discord, bot token 2"
    assert "Reset Token" in token.fix


async def test_commands_that_are_missing_are_named(discord: FakeDiscord) -> None:
    """Before the first start there are none; the next start brings those of a new version."""
    del discord.app.commands[""]["0"]
    check = one(await look(settings(discord)), Outcome.WARNING, f"/{COMMANDS[0].name}: not in Discord yet")
    assert "start Switchboard" in check.fix
    discord.app.commands.clear()
    one(await look(settings(discord)), Outcome.WARNING, "none is in Discord yet")


@pytest.mark.parametrize(("left", "outcome"), [(0, Outcome.FAILED), (3, Outcome.WARNING)])
async def test_few_starts_are_said(discord: FakeDiscord, left: int, outcome: Outcome) -> None:
    """A program that starts too often is shut out for the rest of the day."""
    discord.gateway.starts = left
    assert "in 24 hours" in one(await look(settings(discord)), outcome, f"{left} of 1000 starts").fix


async def test_two_tokens_of_one_bot_are_said(discord: FakeDiscord) -> None:
    """Both would answer."""
    one(await look(settings(discord, discord.app.token)), Outcome.WARNING, "same bot, switchboard")


async def test_a_pause_that_discord_asks_for_is_no_fault(discord: FakeDiscord) -> None:
    """It is worth another look."""
    discord.order(Fault.BUSY, "get_me")
    assert "in a minute" in one(await look(settings(discord)), Outcome.WARNING, "asks for a pause").fix


async def test_an_answer_that_makes_no_sense_is_a_sentence(discord: FakeDiscord) -> None:
    """The status stands in it."""
    discord.order(Fault.AWAY, "get_gateway")
    assert "discordstatus.com" in one(await look(settings(discord)), Outcome.FAILED, "status 503").fix


async def test_a_discord_that_is_not_there_is_a_sentence() -> None:
    """Nobody listens at the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = await look(DiscordSettings(("a.b.c",), api_url=f"http://127.0.0.1:{port}/api/v10"))
    assert "DISCORD_API_URL" in one(found, Outcome.FAILED, f"127.0.0.1:{port} cannot be reached").fix


async def test_a_discord_that_says_nothing_is_not_waited_for() -> None:
    """It is connected, and that is all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v10"
        found = await look(DiscordSettings(("a.b.c",), api_url=url), patience=0.2)
    one(found, Outcome.FAILED, "Discord did not answer in time")


async def test_nobody_must_be_able_to_install_it_for_themselves(
    discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said how, and is no fault."""
    without = {**discord.app.json, "integration_types_config": {"0": {}}}
    monkeypatch.setattr(App, "json", property(lambda _: without))
    found = await look(settings(discord))
    assert wrong(found) == []
    assert "tick User Install" in one(found, Outcome.OK, "nobody can").fix


async def test_the_links_ask_for_exactly_what_is_needed(discord: FakeDiscord) -> None:
    """For a server the bot with its permissions and commands, for a person the commands alone."""
    text = await invite.links(settings(discord))
    assert text.startswith(f"switchboard ({discord.app.id})\n")
    server, person = (line.strip() for line in text.splitlines() if "https://" in line)
    assert urlsplit(server)._replace(query="").geturl() == "https://discord.com/oauth2/authorize"
    asked = {name: values[0] for name, values in parse_qs(urlsplit(server).query).items()}
    assert asked == {
        "client_id": discord.app.id,
        "integration_type": "0",
        "scope": "bot applications.commands",
        "permissions": str(
            int(
                Can.VIEW_CHANNEL
                | Can.SEND_MESSAGES
                | Can.CREATE_PUBLIC_THREADS
                | Can.SEND_MESSAGES_IN_THREADS
                | Can.READ_MESSAGE_HISTORY
                | Can.ATTACH_FILES
                | Can.ADD_REACTIONS
            )
        ),
    }
    mine = {name: values[0] for name, values in parse_qs(urlsplit(person).query).items()}
    assert mine == {
        "client_id": discord.app.id,
        "integration_type": "1",
        "scope": "applications.commands",
    }
    assert not discord.unexpected()


async def test_links_of_a_token_that_does_not_work_are_a_sentence(discord: FakeDiscord) -> None:
    """Nothing of the token stands in it."""
    discord.book.expect("", "401", times=1)
    with pytest.raises(SwitchboardError) as refused:
        await invite.links(replace(settings(discord), tokens=("not.a.token",)))
    assert refused.value.say == "The token does not work: Discord does not know it."


def test_without_a_token_there_are_no_links() -> None:
    """It is said which setting is missing."""
    with pytest.raises(SwitchboardError) as refused:
        invite.text(DiscordSettings(()))
    assert refused.value.say.startswith("DISCORD_BOT_TOKEN is not set")
