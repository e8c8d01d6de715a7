"""Checks a manifest without Slack: its form, and what its parts must have of one another.

Slack's published schema finds neither unknown scopes and events nor missing addresses; this does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from bot.adapters.slack.setup.form import misshapen
from bot.adapters.slack.setup.scopes import EVENTS, KNOWN_EVENTS, KNOWN_SCOPES

_AGENT_EVENTS = frozenset(event.name for event in EVENTS if event.agent and event.scope)


def check(manifest: object) -> list[str]:
    """What Slack would refuse or what could not work, a sentence each; empty where it is fine."""
    if found := list(misshapen(manifest)):
        return found
    assert isinstance(manifest, dict)
    rules = (_scopes, _events, _agent, _commands, _addresses, _twice, _messages)
    return [sentence for rule in rules for sentence in rule(manifest)]


def check_text(text: str) -> list[str]:
    """The same for a manifest as YAML or JSON."""
    try:
        return check(yaml.safe_load(text))
    except yaml.MarkedYAMLError as error:
        line = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return [f"This is neither YAML nor JSON: {error.problem or 'it cannot be read'}{line}."]
    except yaml.YAMLError:
        return ["This is neither YAML nor JSON: it has characters that cannot be read."]


def _at(manifest: dict[str, Any], path: str, default: Any) -> Any:
    found: Any = manifest
    for key in path.split("."):
        if key not in found:
            return default
        found = found[key]
    return found


def _granted(manifest: dict[str, Any]) -> list[str]:
    scopes = _at(manifest, "oauth_config.scopes", {})
    return [*scopes.get("bot", ()), *scopes.get("bot_optional", ())]


def _subscribed(manifest: dict[str, Any]) -> list[str]:
    found: list[str] = _at(manifest, "settings.event_subscriptions.bot_events", [])
    return found


def _scopes(manifest: dict[str, Any]) -> Iterator[str]:
    if not _granted(manifest):
        yield "oauth_config.scopes.bot asks for no scope, so the bot can do nothing."
    for scope in _granted(manifest):
        if scope == "connections:write":
            yield "connections:write belongs to the app-level token, not into the manifest."
        elif scope not in KNOWN_SCOPES:
            yield f"{scope} is no bot scope that Slack is known to have."


def _events(manifest: dict[str, Any]) -> Iterator[str]:
    granted = _granted(manifest)
    for event in _subscribed(manifest):
        if event not in KNOWN_EVENTS:
            yield f"{event} is no event that Slack is known to have."
        elif (needed := KNOWN_EVENTS[event]) and needed not in granted:
            yield f"The event {event} needs the scope {needed}, which is not asked for."


def _agent(manifest: dict[str, Any]) -> Iterator[str]:
    features, granted = manifest.get("features", {}), _granted(manifest)
    agent = "agent_view" in features
    if agent and "assistant_view" in features:
        yield "An app has features.agent_view or features.assistant_view, not both; agent_view is the newer one."
    if agent and "assistant:write" not in granted:
        yield "features.agent_view needs the scope assistant:write, which is not asked for."
    if "assistant:write" in granted and not agent and "assistant_view" not in features:
        yield "The scope assistant:write is for apps with features.agent_view, which this one has not."
    if not agent and (idle := _AGENT_EVENTS & set(_subscribed(manifest))):
        yield f"{', '.join(sorted(idle))}: only apps with features.agent_view get these events."


def _commands(manifest: dict[str, Any]) -> Iterator[str]:
    for feature in ("slash_commands", "shortcuts"):
        if _at(manifest, f"features.{feature}", []) and "commands" not in _granted(manifest):
            yield f"features.{feature} needs the scope commands, which is not asked for."
    on = _at(manifest, "settings.interactivity.is_enabled", False)
    if _at(manifest, "features.shortcuts", []) and not on:
        yield "features.shortcuts needs settings.interactivity.is_enabled, which is not true."


def _addresses(manifest: dict[str, Any]) -> Iterator[str]:
    """Without Socket Mode Slack has to know where to post."""
    if _at(manifest, "settings.socket_mode_enabled", False):
        return
    missing = [
        f"features.slash_commands[{number}].url"
        for number, command in enumerate(_at(manifest, "features.slash_commands", []), 1)
        if "url" not in command
    ]
    if _subscribed(manifest) and not _at(manifest, "settings.event_subscriptions.request_url", ""):
        missing.append("settings.event_subscriptions.request_url")
    if _at(manifest, "settings.interactivity.is_enabled", False):
        keys = ("request_url", "message_menu_options_url")
        missing += [
            f"settings.interactivity.{key}"
            for key in keys
            if key not in manifest["settings"]["interactivity"]
        ]
    for path in missing:
        yield f"{path} is missing, and without socket_mode_enabled Slack has to know where to post."


def _twice(manifest: dict[str, Any]) -> Iterator[str]:
    features = manifest.get("features", {})
    yield from _repeated("The command", [each["command"] for each in features.get("slash_commands", ())])
    yield from _repeated("The callback_id", [each["callback_id"] for each in features.get("shortcuts", ())])
    yield from _repeated("The scope", _granted(manifest))
    yield from _repeated("The event", _subscribed(manifest))


def _repeated(what: str, names: Sequence[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what} {name} is there {times} times."


def _messages(manifest: dict[str, Any]) -> Iterator[str]:
    """Whether anybody can write to the bot that listens."""
    if not _subscribed(manifest):
        return
    if "bot_user" not in manifest.get("features", {}):
        yield "settings.event_subscriptions.bot_events needs features.bot_user, which is missing."
    home = _at(manifest, "features.app_home", {})
    writable = home.get("messages_tab_enabled") and not home.get("messages_tab_read_only_enabled")
    if "message.im" in _subscribed(manifest) and not writable:
        yield (
            "The event message.im needs features.app_home.messages_tab_enabled: true and "
            "messages_tab_read_only_enabled: false, or nobody can write to the bot."
        )
