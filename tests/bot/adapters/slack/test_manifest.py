"""The manifest: made from the commands and the scopes, taken by Slack, and explained."""

from __future__ import annotations

import re

import pytest
import yaml

from bot.adapters.slack.commands.shortcuts import FORK, RETRY, SWITCH
from bot.adapters.slack.settings import POST_PATH
from bot.adapters.slack.setup import scopes
from bot.adapters.slack.setup.checker import check
from bot.adapters.slack.setup.manifest import SHORTCUTS, manifest, text
from bot.commands import COMMANDS
from tests.fakes.slack.events import EVENTS
from tests.fakes.slack.workspace import SCOPES

AGENT_SCOPES = {"assistant:write"}
HTTP = "https://chat.example.com"


@pytest.mark.parametrize("agent", [False, True])
@pytest.mark.parametrize("url", ["", HTTP, f"{HTTP}/"])
@pytest.mark.parametrize("prefix", ["", "switchboard-abcd"])
def test_every_manifest_is_one_that_slack_takes(agent: bool, url: str, prefix: str) -> None:
    """With the agent view or without, by Socket Mode or HTTP, with the longest prefix or none."""
    assert check(manifest(agent=agent, url=url, prefix=prefix, name="N" * 35)) == []


def test_it_asks_for_nothing_that_slack_does_not_have() -> None:
    """Scopes, events, and what each event needs, are as Slack's own reference has them."""
    made = manifest(agent=True)
    assert set(made["oauth_config"]["scopes"]["bot"]) <= SCOPES
    for event in scopes.EVENTS:
        assert EVENTS[event.name] == event.scope
    assert SCOPES <= scopes.KNOWN_SCOPES
    assert dict(EVENTS).items() <= scopes.KNOWN_EVENTS.items()


def test_the_agent_view_is_optional() -> None:
    """Only with it are its scope, its events and its prompts there."""
    plain, agent = manifest(), manifest(agent=True)
    assert "agent_view" not in plain["features"]
    assert 1 <= len(agent["features"]["agent_view"]["suggested_prompts"]) <= 4
    granted = [set(made["oauth_config"]["scopes"]["bot"]) for made in (plain, agent)]
    assert granted[1] - granted[0] == AGENT_SCOPES
    heard = [set(made["settings"]["event_subscriptions"]["bot_events"]) for made in (plain, agent)]
    assert "agent_session_stopped" in heard[1] - heard[0]
    assert heard[0] < heard[1]


def test_every_command_is_a_slash_command() -> None:
    """Under its name after the prefix, with its summary and its options."""
    made = {each["command"]: each for each in manifest(prefix="sb-")["features"]["slash_commands"]}
    assert list(made) == [f"/sb-{command.name}" for command in COMMANDS]
    for command in COMMANDS:
        slash = made[f"/sb-{command.name}"]
        assert slash["description"].lower() == command.summary.lower()
        assert f"/{command.name} {slash.get('usage_hint', '')}".strip() == command.usage


def test_shortcuts_are_in_the_menu_of_a_message() -> None:
    """For threads, where Slack allows no slash command."""
    made = manifest()["features"]["shortcuts"]
    assert [(each["callback_id"], each["type"]) for each in made] == [
        (shortcut.callback_id, "message") for shortcut in SHORTCUTS
    ]
    assert {each["callback_id"] for each in made} == {SWITCH, RETRY, FORK}, "somebody listens to each"


def test_socket_mode_needs_no_address_and_http_names_one_everywhere() -> None:
    """Menus included, which over HTTP have an address of their own."""
    assert "http" not in str(manifest())
    assert manifest()["settings"]["socket_mode_enabled"] is True
    made = manifest(url=HTTP)
    assert made["settings"]["socket_mode_enabled"] is False
    assert set(re.findall(r"https://[^'\"]+", str(made))) == {f"{HTTP}{POST_PATH}"}
    assert str(made).count(HTTP) == len(COMMANDS) + 3


def test_people_can_write_to_it_and_its_token_stays() -> None:
    """The settings that would make it deaf or mute stand as they must."""
    made = manifest()
    assert made["features"]["app_home"]["messages_tab_enabled"]
    assert not made["features"]["app_home"]["messages_tab_read_only_enabled"]
    assert made["features"]["bot_user"]["always_online"]
    assert not made["settings"]["token_rotation_enabled"]
    assert not made["settings"]["org_deploy_enabled"]


@pytest.mark.parametrize("agent", [False, True])
def test_the_text_explains_every_scope_and_event_and_says_the_same(agent: bool) -> None:
    """An admin reads why before granting anything."""
    made = manifest(agent=agent, url=HTTP, name="Bot: the #1")
    written = text(made)
    assert yaml.safe_load(written) == made
    explained = [(scope.name, scope.why) for scope in scopes.scopes(agent=agent)]
    explained += [(event.name, event.why) for event in scopes.events(agent=agent)]
    for name, why in explained:
        assert f"- {name}  # {why}\n" in written


def test_what_is_missing_is_known() -> None:
    """The doctor asks for what was not granted."""
    granted = {scope.name for scope in scopes.SCOPES} - {"files:read", "assistant:write"}
    assert [scope.name for scope in scopes.missing(granted, agent=False)] == ["files:read"]
    assert [scope.name for scope in scopes.missing(granted, agent=True)] == ["files:read", "assistant:write"]
