"""What a doctor can find out about Discord from outside: tokens, the switch, permissions, commands, the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.adapters.discord.setup import invite
from bot.adapters.discord.setup.asking import Asker, NotTold
from bot.adapters.discord.setup.permissions import MESSAGE_CONTENT, PERMISSIONS, missing
from bot.commands import COMMANDS
from bot.core.check import Check, failed, ok, warning
from bot.net.http import Http

PATIENCE = 8.0  # seconds for all of it
_APPLICATIONS = "https://discord.com/developers/applications"
_MOST = 10  # servers that are spoken of one by one
_FEW = 20  # starts of a session: fewer are few
_SLASH = 1
_TO_PEOPLE = "1"
_TOKEN = f"choose Reset Token on the page Bot of your application at {_APPLICATIONS}"
_NETWORK = "look at the network of this machine and at DISCORD_API_URL"

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Bot:
    """What Discord said of one bot."""

    me: Told
    application: Told
    servers: Sequence[Told]
    commands: Sequence[Told]
    gateway: Told

    @property
    def id(self) -> str:
        return str(self.application["id"])

    @property
    def name(self) -> str:
        return str(self.me.get("global_name") or self.me.get("username") or self.me["id"])


async def checks(settings: DiscordSettings, http: Http, *, patience: float = PATIENCE) -> tuple[Check, ...]:
    """Everything about Discord, a line each. Asks all at once and never raises; no line holds a secret."""
    numbered = enumerate(settings.tokens, 1)
    looks = [_look(number, Asker(http, settings, token), patience) for number, token in numbered]
    looked = await asyncio.gather(*looks)
    found = [check for _, some in looked for check in some]
    return (*found, *_twice([bot for bot, _ in looked if bot is not None]))


async def _look(number: int, asker: Asker, patience: float) -> tuple[_Bot | None, list[Check]]:
    subject = f"Discord, bot token {number}"
    try:
        async with asyncio.timeout(patience):
            bot = await _asked(asker)
    except TimeoutError:
        return None, [failed(subject, "Discord did not answer in time.", _NETWORK)]
    except NotTold as error:
        return None, [_trouble(subject, error)]
    known = ok(subject, f"Discord knows the bot as {bot.name} ({bot.me['id']}).")
    answers = asker.settings.answers
    return bot, [known, _content(bot), *_servers(bot, answers), _commands(bot), _people(bot), _gateway(bot)]


async def _asked(asker: Asker) -> _Bot:
    """All that one bot is told. A token that does not work is asked about once, not five times."""
    me = await asker.ask("/users/@me")
    application, servers, gateway = await asyncio.gather(
        asker.application(), asker.servers(), asker.ask("/gateway/bot")
    )
    return _Bot(
        me, application, servers, await asker.ask(f"/applications/{application['id']}/commands"), gateway
    )


def _trouble(subject: str, error: NotTold) -> Check:
    if error.status == 401:
        return failed(subject, error.say, f"{_TOKEN}, and put the new one into DISCORD_BOT_TOKEN")
    if error.status == 429:
        return warning(subject, error.say, "try again in a minute")
    if error.status:
        return failed(subject, error.say, "try again in a minute; then look at discordstatus.com")
    return failed(subject, error.say, _NETWORK)


def _content(bot: _Bot) -> Check:
    subject = f"Discord, intents of {bot.name}"
    if int(bot.application.get("flags") or 0) & MESSAGE_CONTENT:
        return ok(subject, "Message Content is on.")
    return failed(
        subject,
        "Message Content is off, so Discord does not let the bot connect.",
        f"switch on Message Content Intent under Privileged Gateway Intents at {_APPLICATIONS}/{bot.id}/bot",
    )


def _servers(bot: _Bot, answers: Answers) -> Iterator[Check]:
    """A line for each server in which something is missing, and one for all the others."""
    subject = f"Discord, servers of {bot.name}"
    if not bot.servers:
        yield warning(subject, "it is in no server yet.", f"open {invite.to_server(bot.id)}")
        return
    lacking = [(one, missing(int(one.get("permissions") or 0))) for one in bot.servers]
    ill = [(str(one.get("name") or one["id"]), some) for one, some in lacking if some]
    for name, some in ill[:_MOST]:
        without = "; ".join(f"{each.name} ({each.without})" for each in some)
        vital = any(each.vital and not _spared(each.name, answers) for each in some)
        fix = f"open {invite.to_server(bot.id)} again, or give these to its role in the server's settings"
        yield (failed if vital else warning)(f"Discord, server {name}", f"missing: {without}.", fix)
    if len(ill) > _MOST:
        found = f"something is missing in {len(ill) - _MOST} more servers."
        yield warning(subject, found, "mend those above first")
    if well := len(lacking) - len(ill):
        count = "1 server" if well == 1 else f"{well} servers"
        yield ok(
            subject, f"it has all {len(PERMISSIONS)} permissions in {count}; channels may say otherwise."
        )


def _spared(name: str, answers: Answers) -> bool:
    """Whether this way of answering gets along without it."""
    return name == ("Send Messages" if answers is Answers.THREAD else "Send Messages in Threads")


def _commands(bot: _Bot) -> Check:
    subject = f"Discord, commands of {bot.name}"
    there = {str(one.get("name")) for one in bot.commands if one.get("type", _SLASH) == _SLASH}
    lacking = [f"/{command.name}" for command in COMMANDS if command.name not in there]
    if not lacking:
        return ok(subject, f"all {len(COMMANDS)} are in Discord.")
    found = "none is in Discord yet." if not there else f"{', '.join(lacking)}: not in Discord yet."
    return warning(subject, found, "start Switchboard: it tells Discord of them by itself")


def _people(bot: _Bot) -> Check:
    subject = f"Discord, installing {bot.name} for oneself"
    if _TO_PEOPLE in (bot.application.get("integration_types_config") or {}):
        return ok(subject, "everybody can.")
    fix = f"tick User Install under Installation at {_APPLICATIONS}/{bot.id}/installation, if people should"
    return ok(subject, "nobody can: it comes into servers only.", fix)


def _gateway(bot: _Bot) -> Check:
    subject = f"Discord, gateway of {bot.name}"
    limit = bot.gateway.get("session_start_limit") or {}
    left, of = int(limit.get("remaining") or 0), int(limit.get("total") or 0)
    shards = int(bot.gateway.get("shards") or 1)
    said = f"{bot.gateway.get('url')}, {left} of {of} starts left today, {shards} shard{'s' * (shards != 1)}."
    if left < _FEW:
        hours = int(limit.get("reset_after") or 0) / 3_600_000
        fix = f"find out what starts it so often; the count begins anew in {hours:.0f} hours"
        return (warning if left else failed)(subject, said, fix)
    return ok(subject, said)


def _twice(bots: Sequence[_Bot]) -> Iterator[Check]:
    seen = set[str]()
    for bot in bots:
        if bot.id in seen:
            fix = "leave one of them out of DISCORD_BOT_TOKEN"
            yield warning("Discord, bots", f"two tokens are of the same bot, {bot.name}.", fix)
        seen.add(bot.id)
