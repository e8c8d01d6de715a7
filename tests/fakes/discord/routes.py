"""The addresses of the API, and who handles each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.discord import answers, places, registry, talk, threads
from tests.fakes.discord.calls import Call
from tests.fakes.discord.refusals import Plain


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. ``name`` is what orders and the book call it; ``bucket`` whose limit it shares.

    ``token``: the address holds its own key, so it needs no Authorization and no limit of all calls applies.
    """

    method: str
    path: str
    name: str
    handler: Callable[[Call], Any]
    bucket: str = ""
    token: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        object.__setattr__(self, "pattern", re.compile(pattern))


_MESSAGE = "/channels/{channel}/messages/{message}"
_ANSWER = "/webhooks/{app}/{token}/messages/{message}"
_OWN = f"{_MESSAGE}/reactions/{{emoji}}/@me"


def _commands(place: str, prefix: str) -> tuple[Route, ...]:
    all_, one = f"{prefix}/commands", f"{prefix}/commands/{{command}}"
    return (
        Route("GET", all_, f"get_{place}_commands", registry.listed),
        Route("PUT", all_, f"overwrite_{place}_commands", registry.overwrite),
        Route("POST", all_, f"create_{place}_command", registry.create),
        Route("GET", one, f"get_{place}_command", registry.one),
        Route("PATCH", one, f"edit_{place}_command", registry.edit),
        Route("DELETE", one, f"delete_{place}_command", registry.delete),
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "/users/@me", "get_me", places.me),
    Route("GET", "/users/@me/guilds", "get_my_guilds", places.guilds),
    Route("DELETE", "/users/@me/guilds/{guild}", "leave_guild", places.leave_guild),
    Route("POST", "/users/@me/channels", "create_dm", places.open_dm),
    Route("GET", "/users/{user}", "get_user", places.user),
    Route("GET", "/oauth2/applications/@me", "get_application", places.application),
    Route("GET", "/applications/@me", "get_application", places.application),
    Route("GET", "/gateway/bot", "get_gateway", places.gateway),
    Route("GET", "/channels/{channel}", "get_channel", places.channel),
    Route("PATCH", "/channels/{channel}", "edit_channel", places.edit),
    Route("DELETE", "/channels/{channel}", "delete_channel", places.delete),
    Route("GET", "/channels/{channel}/messages", "get_messages", talk.history),
    Route("POST", "/channels/{channel}/messages", "create_message", talk.create),
    Route("POST", "/channels/{channel}/messages/bulk-delete", "delete_messages", talk.delete_many),
    Route("GET", _MESSAGE, "get_message", talk.get),
    Route("PATCH", _MESSAGE, "edit_message", talk.edit),
    Route("DELETE", _MESSAGE, "delete_message", talk.delete),
    Route("PUT", _OWN, "create_reaction", talk.react, "react"),
    Route("DELETE", _OWN, "delete_reaction", talk.unreact, "react"),
    Route("GET", f"{_MESSAGE}/reactions/{{emoji}}", "get_reactions", talk.reactors),
    Route("POST", "/channels/{channel}/typing", "typing", talk.typing),
    Route("POST", f"{_MESSAGE}/threads", "create_thread", threads.from_message),
    Route("POST", "/channels/{channel}/threads", "create_free_thread", threads.free),
    Route("GET", "/channels/{channel}/threads/archived/public", "get_archived_threads", threads.archived),
    Route("PUT", "/channels/{channel}/thread-members/@me", "join_thread", threads.enter),
    Route("DELETE", "/channels/{channel}/thread-members/@me", "leave_thread", threads.leave),
    Route("GET", "/guilds/{guild}", "get_guild", places.guild),
    Route("GET", "/guilds/{guild}/channels", "get_channels", places.guild_channels),
    Route("GET", "/guilds/{guild}/roles", "get_roles", places.roles),
    Route("GET", "/guilds/{guild}/members", "get_members", places.members),
    Route("GET", "/guilds/{guild}/members/{user}", "get_member", places.member),
    Route("GET", "/guilds/{guild}/threads/active", "get_active_threads", threads.active),
    *_commands("global", "/applications/{app}"),
    *_commands("guild", "/applications/{app}/guilds/{guild}"),
    Route(
        "POST",
        "/interactions/{interaction}/{token}/callback",
        "answer",
        answers.first,
        token=True,
    ),
    Route("POST", "/webhooks/{app}/{token}", "create_followup", answers.follow, token=True),
    Route("GET", _ANSWER, "get_answer", answers.get, token=True),
    Route("PATCH", _ANSWER, "edit_answer", answers.edit, token=True),
    Route("DELETE", _ANSWER, "delete_answer", answers.delete, token=True),
)


def find(method: str, raw_path: str) -> tuple[Route, Mapping[str, str]]:
    """The endpoint of an address as it came over the wire, with the ids in it."""
    fits = False
    for route in ROUTES:
        found = route.pattern.fullmatch(raw_path)
        if found is not None:
            if route.method == method:
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
            fits = True
    raise Plain(405 if fits else 404)
