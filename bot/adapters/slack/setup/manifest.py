"""The app's manifest: what a workspace's admin pastes into Slack, made from the commands and from `scopes`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from bot.adapters.slack.settings import POST_PATH
from bot.adapters.slack.setup.prompts import PROMPTS
from bot.adapters.slack.setup.scopes import EVENTS, SCOPES, events, scopes
from bot.commands import COMMANDS
from bot.commands.grammar import Command

Json = dict[str, Any]

NAME = "Switchboard"

_DESCRIPTION = "Language models in your threads, with what they cost in sight."
_ABOUT = (
    "Mention it in a channel, and a language model answers in a thread; write to it directly, and it answers there. "
    "A thread is a conversation with a model of its own, the reply grows while the model writes, and beneath it "
    "stands which model it was and what it cost."
)
_COLOUR = "#1f2937"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the menu of a message."""

    callback_id: str
    name: str
    description: str


SHORTCUTS = (
    Shortcut("switch_model", "Choose the model", "Choose which model answers in this thread"),
    Shortcut(
        "retry_message", "Answer again", "Get another answer to this question, perhaps by another model"
    ),
    Shortcut("fork_message", "Fork from here", "Go on in a new thread with all that was said up to here"),
)


def manifest(*, name: str = NAME, prefix: str = "", agent: bool = False, url: str = "") -> Json:
    """The manifest as Slack reads it. With ``url``, the public address, Slack posts there; else Socket Mode."""
    post = f"{url.rstrip('/')}{POST_PATH}" if url else ""
    features: Json = {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "slash_commands": [_slash(command, prefix, post) for command in COMMANDS],
        "shortcuts": [_shortcut(shortcut) for shortcut in SHORTCUTS],
    }
    if agent:
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        features["agent_view"] = {"agent_description": _DESCRIPTION, "suggested_prompts": prompts}
    return {
        "display_information": {
            "name": name,
            "description": _DESCRIPTION,
            "long_description": _ABOUT,
            "background_color": _COLOUR,
        },
        "features": features,
        "oauth_config": {"scopes": {"bot": [scope.name for scope in scopes(agent=agent)]}},
        "settings": _settings(agent=agent, post=post),
    }


def _settings(*, agent: bool, post: str) -> Json:
    at = {"request_url": post} if post else {}
    options = {"message_menu_options_url": post} if post else {}
    return {
        "event_subscriptions": {**at, "bot_events": [event.name for event in events(agent=agent)]},
        "interactivity": {"is_enabled": True, **at, **options},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not post,
        "token_rotation_enabled": False,
    }


def _slash(command: Command, prefix: str, post: str) -> Json:
    found: Json = {"command": f"/{prefix}{command.name}", "description": _sentence(command.summary)}
    if hint := command.usage.partition(" ")[2]:
        found["usage_hint"] = hint
    return {**found, "should_escape": False, **({"url": post} if post else {})}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _shortcut(shortcut: Shortcut) -> Json:
    return {
        "name": shortcut.name,
        "callback_id": shortcut.callback_id,
        "description": shortcut.description,
        "type": "message",
    }


# ---- as text

_HEAD = """# The Slack app of Switchboard, made by `switchboard manifest slack`. Paste all of it at https://api.slack.com/apps
# under Create New App, From a manifest; docs/slack.md leads through the rest."""
_NOTES = {
    "token_rotation_enabled": "a token that rotates would end after twelve hours, and cannot be turned back",
    "messages_tab_read_only_enabled": "people can write to it",
    "socket_mode_enabled": "whether Slack is called, or calls",
}


def text(manifest: Json) -> str:
    """YAML with a word on each scope and event: why it is asked for."""
    body = yaml.safe_dump(manifest, sort_keys=False, width=110, allow_unicode=True)
    return "\n".join([_HEAD, "", *_explained(body.splitlines())]) + "\n"


def _explained(lines: Sequence[str]) -> list[str]:
    why = {**{each.name: each.why for each in SCOPES}, **{each.name: each.why for each in EVENTS}, **_NOTES}
    found = []
    for line in lines:
        match = re.fullmatch(r"\s+(?:- ([\w.:]+)|(\w+): \w+)", line)
        note = why.get(match[1] or match[2]) if match else None
        found.append(f"{line}  # {note}" if note else line)
    return found
