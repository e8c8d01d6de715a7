"""The form of a manifest as Slack's own schema has it: its keys, their kinds and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A string of ``least`` to ``most`` characters. ``pattern`` is searched; ``form`` says it in words."""

    most: int = 1_000_000
    least: int = 0
    pattern: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""


@dataclass(frozen=True, slots=True)
class Listed:
    """At most so many of one kind."""

    of: Rule
    most: int


@dataclass(frozen=True, slots=True)
class Keys:
    """These keys and no other; ``must`` names those that have to be there."""

    of: Mapping[str, Rule] = field(default_factory=dict)
    must: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anything:
    """A part that is nothing to us."""


Rule = Text | Flag | Whole | Listed | Keys | Anything

_FLAG, _URL = Flag(), Text(pattern=r"^https://", form="an address that begins https://")
_EVENTS, _SCOPES = Listed(Text(), 100), Listed(Text(), 255)
_PROMPTS = Listed(Keys({"title": Text(least=1), "message": Text(least=1)}, ("title", "message")), 4)
_COMMAND = Text(32, pattern=r"^/[^\sA-Z/]+$", form="a / and then lower case without spaces")

FORM = Keys(
    {
        "_metadata": Keys({"major_version": Whole(), "minor_version": Whole()}),
        "display_information": Keys(
            {
                "name": Text(35, 1),
                "description": Text(140),
                "long_description": Text(4000, 175),
                "background_color": Text(
                    pattern=r"^#([0-9a-fA-F]{3}){1,2}$", form="a colour like #1f2937 between quotes"
                ),
            },
            ("name",),
        ),
        "features": Keys(
            {
                "app_home": Keys(
                    {
                        "home_tab_enabled": _FLAG,
                        "messages_tab_enabled": _FLAG,
                        "messages_tab_read_only_enabled": _FLAG,
                    }
                ),
                "agent_view": Keys(
                    {"agent_description": Text(300, 1), "suggested_prompts": _PROMPTS}, ("agent_description",)
                ),
                "assistant_view": Keys(
                    {"assistant_description": Text(300, 1), "suggested_prompts": _PROMPTS},
                    ("assistant_description",),
                ),
                "bot_user": Keys({"display_name": Text(80, 1), "always_online": _FLAG}, ("display_name",)),
                "shortcuts": Listed(
                    Keys(
                        {
                            "name": Text(24, 1),
                            "callback_id": Text(255, 1),
                            "description": Text(150, 1),
                            "type": Text(pattern="^(message|global)$", form="message or global"),
                        },
                        ("name", "callback_id", "description", "type"),
                    ),
                    10,
                ),
                "slash_commands": Listed(
                    Keys(
                        {
                            "command": _COMMAND,
                            "description": Text(2000, 1),
                            "usage_hint": Text(1000),
                            "should_escape": _FLAG,
                            "url": _URL,
                        },
                        ("command", "description"),
                    ),
                    50,
                ),
                "unfurl_domains": Listed(Text(), 5),
                "code_channels": Anything(),
                "workflow_steps": Anything(),
            }
        ),
        "oauth_config": Keys(
            {
                "redirect_urls": Listed(_URL, 1000),
                "scopes": Keys(
                    {"bot": _SCOPES, "user": _SCOPES, "bot_optional": _SCOPES, "user_optional": _SCOPES}
                ),
                "pkce_enabled": _FLAG,
                "token_management_enabled": _FLAG,
            }
        ),
        "settings": Keys(
            {
                "allowed_ip_address_ranges": Listed(Text(), 10),
                "event_subscriptions": Keys(
                    {
                        "request_url": _URL,
                        "bot_events": _EVENTS,
                        "user_events": _EVENTS,
                        "metadata_subscriptions": Anything(),
                    }
                ),
                "incoming_webhooks": Keys({"incoming_webhooks_enabled": _FLAG}),
                "interactivity": Keys(
                    {"is_enabled": _FLAG, "request_url": _URL, "message_menu_options_url": _URL},
                    ("is_enabled",),
                ),
                "function_runtime": Text(),
                "hermes_app_type": Text(),
                "is_hosted": _FLAG,
                "org_deploy_enabled": _FLAG,
                "siws_links": Anything(),
                "socket_mode_enabled": _FLAG,
                "token_rotation_enabled": _FLAG,
            }
        ),
        "functions": Anything(),
        "datastores": Anything(),
        "event_types": Anything(),
        "external_auth_providers": Anything(),
        "outgoing_domains": Anything(),
        "types": Anything(),
        "workflows": Anything(),
    },
    ("display_information",),
)


def misshapen(value: object, rule: Rule = FORM, at: str = "") -> Iterator[str]:
    """A sentence for each place where a value is not of the form; ``at`` is its path."""
    match rule:
        case Keys():
            yield from _keys(value, rule, at)
        case Listed():
            yield from _listed(value, rule, at)
        case Text():
            yield from _text(value, rule, at)
        case Flag() if not isinstance(value, bool):
            yield f"{at} is true or false, not {value!r}."
        case Whole() if not isinstance(value, int):
            yield f"{at} is a whole number, not {value!r}."
        case _:
            pass


def _keys(value: object, rule: Keys, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at or 'A manifest'} has keys and values, and here it has none."
        return
    for key in rule.must:
        if key not in value:
            yield f"{_below(at, key)} is missing."
    for key, inner in value.items():
        if key in rule.of:
            yield from misshapen(inner, rule.of[key], _below(at, key))
        else:
            yield f"{_below(at, key)} is no key that Slack knows; there are {', '.join(rule.of)}."


def _listed(value: object, rule: Listed, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at} is a list, and here it is none."
        return
    if len(value) > rule.most:
        yield f"{at} has {len(value)} entries; Slack takes {rule.most}."
    for number, inner in enumerate(value, 1):
        yield from misshapen(inner, rule.of, f"{at}[{number}]")


def _text(value: object, rule: Text, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{at} is a text, not {value!r}; quotes make it one."
        return
    if len(value) > rule.most:
        yield f"{at} has {len(value)} characters; Slack takes {rule.most}."
    if len(value) < rule.least:
        yield f"{at} has {len(value)} characters; Slack wants at least {rule.least}."
    if rule.pattern and not re.search(rule.pattern, value):
        yield f"{at} is {value!r}, and should be {rule.form}."


def _below(at: str, key: object) -> str:
    return f"{at}.{key}" if at else str(key)
