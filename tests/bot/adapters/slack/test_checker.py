"""The manifest's checker: a good one is taken, and each way to break it is found in words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.adapters.slack.setup.checker import check, check_text
from bot.adapters.slack.setup.manifest import manifest, text

GONE = object()
Path_ = tuple[str | int, ...]
COMMANDS = ("features", "slash_commands")
SHORTCUTS = ("features", "shortcuts")
BOT = ("oauth_config", "scopes", "bot")
EVENTS = ("settings", "event_subscriptions", "bot_events")


def good() -> dict[str, Any]:
    """By HTTP and with the agent view, so that every part is there."""
    return json.loads(json.dumps(manifest(agent=True, url="https://chat.example.com")))  # type: ignore[no-any-return]


def broken(path: Path_, value: object) -> dict[str, Any]:
    """A good one with one thing changed, or taken out with GONE. A callable gets what was there."""
    made: Any = good()
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value(inner[path[-1]]) if callable(value) else value
    return made  # type: ignore[no-any-return]


def without(name: str) -> Any:
    return lambda names: [each for each in names if each != name]


def more(*entries: object) -> Any:
    return lambda there: [*there, *entries]


def test_the_good_one_is_good() -> None:
    """Otherwise the tests below would show nothing."""
    assert check(good()) == []


BROKEN: list[tuple[Path_, object, str]] = [
    (("display_information",), GONE, "display_information is missing"),
    (("display_information", "name"), "N" * 36, "name has 36 characters; Slack takes 35"),
    (("display_information", "name"), 7, "name is a text, not 7"),
    (("display_information", "description"), "D" * 141, "description has 141 characters; Slack takes 140"),
    (("display_information", "long_description"), "short", "wants at least 175"),
    (("display_information", "long_description"), "L" * 4001, "Slack takes 4000"),
    (("display_information", "background_color"), "blue", "a colour like"),
    (("display_information", "colour"), "#fff", "display_information.colour is no key that Slack knows"),
    (("_metadata",), {"major_version": "2"}, "_metadata.major_version is a whole number"),
    (("extras",), {}, "extras is no key"),
    (("features",), [], "features has keys and values"),
    (("features", "bot_user", "display_name"), "B" * 81, "Slack takes 80"),
    (("features", "bot_user", "always_online"), "yes", "always_online is true or false"),
    (("features", "bot_user"), GONE, "needs features.bot_user"),
    (COMMANDS, "/model", "slash_commands is a list"),
    (
        COMMANDS,
        lambda there: [{**there[0], "command": f"/c{n}"} for n in range(51)],
        "51 entries; Slack takes 50",
    ),
    ((*COMMANDS, 0, "command"), "model", "should be a / and then lower case"),
    ((*COMMANDS, 0, "command"), "/Model", "should be a / and then lower case"),
    ((*COMMANDS, 0, "command"), "/my model", "should be a / and then lower case"),
    ((*COMMANDS, 0, "command"), "/" + "m" * 32, "33 characters; Slack takes 32"),
    ((*COMMANDS, 0, "description"), GONE, "slash_commands[1].description is missing"),
    ((*COMMANDS, 0, "description"), "D" * 2001, "Slack takes 2000"),
    ((*COMMANDS, 0, "usage_hint"), "U" * 1001, "Slack takes 1000"),
    ((*COMMANDS, 1, "command"), "/model", "The command /model is there 2 times"),
    ((*COMMANDS, 0, "url"), GONE, "slash_commands[1].url is missing, and without socket_mode_enabled"),
    ((*COMMANDS, 0, "url"), "http://chat.example.com", "begins https://"),
    (SHORTCUTS, lambda there: [{**there[0], "callback_id": str(n)} for n in range(11)], "Slack takes 10"),
    ((*SHORTCUTS, 0, "name"), "N" * 25, "Slack takes 24"),
    ((*SHORTCUTS, 0, "callback_id"), "C" * 256, "Slack takes 255"),
    ((*SHORTCUTS, 0, "description"), "D" * 151, "Slack takes 150"),
    ((*SHORTCUTS, 0, "type"), "thread", "message or global"),
    ((*SHORTCUTS, 0, "callback_id"), "retry_message", "The callback_id retry_message is there 2 times"),
    (("features", "agent_view", "agent_description"), "A" * 301, "Slack takes 300"),
    (("features", "agent_view", "suggested_prompts"), lambda there: there * 2, "Slack takes 4"),
    (("features", "agent_view", "suggested_prompts", 0, "message"), GONE, "message is missing"),
    (("features", "assistant_view"), {"assistant_description": "A"}, "not both"),
    (("features", "agent_view"), GONE, "assistant:write is for apps with features.agent_view"),
    (
        ("features", "agent_view"),
        GONE,
        "agent_session_stopped, agent_session_title_changed: only apps",
    ),
    (BOT, without("assistant:write"), "features.agent_view needs the scope assistant:write"),
    (BOT, without("commands"), "features.slash_commands needs the scope commands"),
    (BOT, without("commands"), "features.shortcuts needs the scope commands"),
    (BOT, without("im:history"), "The event message.im needs the scope im:history"),
    (BOT, [], "asks for no scope"),
    (BOT, more("chat:writes"), "chat:writes is no bot scope"),
    (BOT, more("connections:write"), "belongs to the app-level token"),
    (BOT, more("chat:write"), "The scope chat:write is there 2 times"),
    (BOT, lambda _: [f"s{n}" for n in range(256)], "256 entries; Slack takes 255"),
    (EVENTS, more("message.dm"), "message.dm is no event"),
    (EVENTS, more("app_mention"), "The event app_mention is there 2 times"),
    (EVENTS, more("pin_added"), "pin_added needs the scope pins:read"),
    (EVENTS, lambda _: [f"e{n}" for n in range(101)], "Slack takes 100"),
    (("settings", "event_subscriptions", "request_url"), GONE, "event_subscriptions.request_url is missing"),
    (("settings", "interactivity", "request_url"), GONE, "interactivity.request_url is missing"),
    (("settings", "interactivity", "message_menu_options_url"), GONE, "message_menu_options_url is missing"),
    (("settings", "interactivity", "is_enabled"), False, "features.shortcuts needs settings.interactivity"),
    (("settings", "interactivity", "is_enabled"), GONE, "interactivity.is_enabled is missing"),
    (("settings", "socket_mode"), True, "settings.socket_mode is no key"),
    (("oauth_config", "redirect_urls"), ["https://x"] * 1001, "Slack takes 1000"),
    (("features", "app_home", "messages_tab_enabled"), False, "nobody can write to the bot"),
    (("features", "app_home", "messages_tab_read_only_enabled"), True, "nobody can write to the bot"),
]


@pytest.mark.parametrize(("path", "value", "words"), BROKEN, ids=[f"{p[-1]}-{w[:30]}" for p, _, w in BROKEN])
def test_what_is_broken_is_said(path: Path_, value: object, words: str) -> None:
    """One change to a good manifest, one sentence about it."""
    said = check(broken(path, value))
    assert any(words in sentence for sentence in said), said
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in said)


def test_by_socket_mode_no_address_is_missing() -> None:
    """The same without a single address."""
    assert check(manifest()) == []


def test_an_optional_scope_serves_an_event_too() -> None:
    """Slack lets an admin refuse some scopes."""
    made = broken(BOT, without("mpim:history"))
    made["oauth_config"]["scopes"]["bot_optional"] = ["mpim:history"]
    assert check(made) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a: [", "neither YAML nor JSON: .* at line 1"),
        ("\x00", "characters that cannot be read"),
        ("", "A manifest has keys and values"),
        ("- 1", "A manifest has keys and values"),
    ],
)
def test_what_is_no_manifest_at_all_is_said(written: str, words: str) -> None:
    """A sentence, not an exception."""
    (said,) = check_text(written)
    assert re.search(words, said), said


def test_yaml_and_json_are_read() -> None:
    """As Slack's page takes both."""
    assert check_text(text(manifest())) == []
    assert check_text(json.dumps(manifest())) == []
