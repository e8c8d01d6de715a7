"""The chat platforms' edges, each made once there are tokens, with its surface among the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import SlackSettings
from bot.commands.command import Desk
from bot.config import Config
from bot.conversation.answer import Parts
from bot.conversation.engine import Engine
from bot.core.surface import Surface
from bot.platforms import Connection, discord_settings, slack_settings

if TYPE_CHECKING:
    from bot.adapters.discord.edge import DiscordEdge
    from bot.adapters.slack.edge import SlackEdge

SlackConnection: TypeAlias = "Connection[SlackSettings, SlackEdge]"
DiscordConnection: TypeAlias = "Connection[DiscordSettings, DiscordEdge]"


@dataclass(frozen=True, slots=True)
class Heart:
    """What every edge hands on to: the heart's parts, its engine and its commands. ``surfaces`` learns of new ones."""

    parts: Parts
    surfaces: dict[str, Surface]
    engine: Engine
    desk: Desk


def slack_connection(config: Config, heart: Heart) -> SlackConnection:
    """Slack, by the tokens of the environment and of the site."""
    return Connection(
        partial(slack_settings, heart.parts.store, config.slack),
        partial(_slack, heart),
        lambda edge, settings: edge.use(settings),
    )


def discord_connection(config: Config, heart: Heart) -> DiscordConnection:
    """Discord, by the tokens of the environment and of the site."""
    return Connection(
        partial(discord_settings, heart.parts.store, config.discord),
        partial(_discord, heart),
        lambda edge, settings: edge.use(settings),
    )


def _slack(heart: Heart, settings: SlackSettings) -> SlackEdge:
    # Imported here: Slack's libraries take their time and memory only where it is connected.
    from bot.adapters.slack.edge import SlackEdge  # noqa: PLC0415
    from bot.adapters.slack.outgoing.surface import SlackSurface  # noqa: PLC0415
    from bot.adapters.slack.workspaces import Workspaces  # noqa: PLC0415

    workspaces = Workspaces()
    surface = SlackSurface(workspaces, settings, heart.parts.presence.share)
    heart.surfaces[surface.platform] = surface
    return SlackEdge(
        settings,
        store=heart.parts.store,
        engine=heart.engine,
        desk=heart.desk,
        delivery=heart.parts.delivery,
        surface=surface,
        workspaces=workspaces,
        widening=heart.parts.settings,
    )


def _discord(heart: Heart, settings: DiscordSettings) -> DiscordEdge:
    # Imported here as Slack's is.
    from bot.adapters.discord.bots import Bots  # noqa: PLC0415
    from bot.adapters.discord.commands.commands import DiscordCommands  # noqa: PLC0415
    from bot.adapters.discord.edge import DiscordEdge  # noqa: PLC0415
    from bot.adapters.discord.outgoing.surface import DiscordSurface  # noqa: PLC0415

    bots = Bots()
    surface = DiscordSurface(bots, settings)
    heart.surfaces[surface.platform] = surface
    return DiscordEdge(
        settings,
        store=heart.parts.store,
        engine=heart.engine,
        desk=heart.desk,
        surface=surface,
        bots=bots,
        widening=heart.parts.settings,
        commands=DiscordCommands(heart.desk, heart.parts.delivery, surface, heart.parts.store),
    )


async def posted(
    slack: SlackConnection, headers: Mapping[str, str], body: bytes
) -> tuple[int, Mapping[str, str], bytes]:
    """Slack posts only to an app that has a secret to sign with."""
    settings = slack.settings
    if slack.edge is None or settings is None or not any(app.signing_secret for app in settings.apps):
        return 404, {}, b""
    return await slack.edge.post_in(headers, body)
