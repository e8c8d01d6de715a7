"""What a row of Slack's method reference says: arguments, scopes, tier and errors of one method.

Written from Slack's reference, not from our code, so that the two cannot agree on the same mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from tests.fakes.slack.limits import Tier


class Kind(Enum):
    """The form of an argument."""

    TEXT = "a string"
    FLAG = "a boolean"
    WHOLE = "a whole number"
    TS = "a timestamp"
    LIST = "an array"
    OBJECT = "an object"


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument. ``least`` and ``most`` bound a text's characters, a number, or an array's items."""

    kind: Kind = Kind.TEXT
    required: bool = False
    most: int | None = None
    least: int = 0
    only: frozenset[str] = frozenset()
    error: str = "invalid_arguments"  # what a value out of bounds is refused with


@dataclass(frozen=True, slots=True)
class Method:
    """One method. ``scopes``: any of them will do; by-channel ones are checked where the channel is known."""

    name: str
    tier: Tier
    args: Mapping[str, Arg]
    errors: frozenset[str]
    scopes: tuple[str, ...] = ()
    caller: str = "bot"  # or "app", or "any"
    json: bool = True
    customizes: frozenset[str] = field(default_factory=frozenset)  # arguments that need chat:write.customize


# Errors that every method may answer with (the common part of each reference page).
COMMON = frozenset(
    {
        "account_inactive",
        "fatal_error",
        "internal_error",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_auth",
        "invalid_form_data",
        "invalid_json",
        "invalid_post_type",
        "method_deprecated",
        "missing_post_type",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "token_expired",
        "token_revoked",
        "unknown_method",
    }
)

text = Arg()
flag = Arg(Kind.FLAG)
must = Arg(required=True)
ts = Arg(Kind.TS, required=True)
thread = Arg(Kind.TS)
array = Arg(Kind.LIST)
CUSTOM: Mapping[str, Arg] = {"icon_emoji": text, "icon_url": text, "username": Arg(most=200)}


def row(
    name: str,
    tier: Tier,
    scopes: str = "",
    *,
    args: Mapping[str, Arg],
    errors: set[str] | frozenset[str] = frozenset(),
    caller: str = "bot",
    json: bool = True,
) -> Method:
    """A row; what every method shares is filled in."""
    custom = frozenset(set(args) & set(CUSTOM))
    return Method(name, tier, args, COMMON | errors, tuple(scopes.split()), caller, json, custom)
