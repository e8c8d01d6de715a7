"""Where somebody gives an order in Slack: what it is about, and who may see the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.adapters.slack.commands.admins import is_admin
from bot.adapters.slack.incoming.addressed import PLATFORM, key_of, place_at
from bot.adapters.slack.workspaces import Workspace
from bot.commands.orders import Order
from bot.core.place import Place

Body = Mapping[str, Any]
Ack = Callable[..., Awaitable[Any]]

STRANGER = "This workspace is not connected to Switchboard any more; whoever runs it can connect it again."


@dataclass(frozen=True, slots=True)
class Spot:
    """One person at one place. ``aside`` is where only that person is answered; ``direct``: in a direct message.

    ``in_conversation`` is false in a channel whose threads are the conversations.
    """

    workspace: Workspace
    user: str
    place: Place
    aside: Place
    in_conversation: bool
    direct: bool


def spot_of_message(workspace: Workspace, user: str, place: Place, *, threaded: bool) -> Spot:
    """Where somebody wrote. What only they see of a thread shows only where a thread is."""
    direct = is_direct(place.channel)
    aside = place if threaded or direct else replace(place, thread="")
    return Spot(workspace, user, place, aside, in_conversation=True, direct=direct)


def spot_of_channel(workspace: Workspace, user: str, channel: str) -> Spot:
    """Where a slash command is given: never in a thread."""
    place, direct = Place(PLATFORM, workspace.team, channel), is_direct(channel)
    flat = direct and not workspace.agent
    return Spot(workspace, user, place, place, in_conversation=flat, direct=direct)


def spot_of_click(workspace: Workspace, body: Body) -> Spot:
    """Where a button stands: in a thread, or in the flat conversation of a direct message."""
    channel, user = str(body["channel"]["id"]), str(body["user"]["id"])
    container, message = body.get("container") or {}, body.get("message") or {}
    thread = str(container.get("thread_ts") or message.get("thread_ts") or "")
    if not thread:
        return spot_of_channel(workspace, user, channel)
    return _in_thread(workspace, user, channel, str(container.get("message_ts") or ""), thread)


def spot_of_shortcut(workspace: Workspace, body: Body) -> Spot:
    """The conversation that a message belongs to, its root as well as its replies."""
    message, channel = body["message"], str(body["channel"]["id"])
    thread = str(message.get("thread_ts") or "")
    return _in_thread(workspace, str(body["user"]["id"]), channel, str(message["ts"]), thread)


def _in_thread(workspace: Workspace, user: str, channel: str, ts: str, thread: str) -> Spot:
    place = place_at(workspace, channel, ts, thread, direct=is_direct(channel))
    return spot_of_message(workspace, user, place, threaded=bool(thread))


def is_direct(channel: str) -> bool:
    """Whether it is a direct message."""
    return channel.startswith("D")


def order_at(spot: Spot, key: str, about: str = "") -> Order:
    """The person's order as every platform has them; ``about`` names a message, as in ``Asked``."""
    return Order(
        spot.place,
        spot.user,
        key,
        in_conversation=spot.in_conversation,
        shared=not spot.direct,
        platform_admin=partial(is_admin, spot.workspace, spot.user),
        about=about,
    )


def name_of(spot: Spot, message: Mapping[str, Any]) -> str:
    """A message of the spot's channel as ``Said.in_reply_to`` names it."""
    workspace, ts = spot.workspace, str(message["ts"])
    ours = message.get("user") == workspace.bot_user or message.get("bot_id") == workspace.bot
    return ts if ours else key_of(spot.place.channel, ts)
