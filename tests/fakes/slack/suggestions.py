"""What an app may answer when an external select asks it for options."""

from __future__ import annotations

from tests.fakes.slack.elements import option, option_group
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.shapes import Invalid, many


def check_suggestions(said: JSON) -> list[JSON]:
    """The options, those of groups too. Raises the Refusal of what Slack would not show."""
    try:
        if set(said) == {"options"}:
            many(option, 100, 0)(said["options"], "/options")
            return list(said["options"])
        if set(said) == {"option_groups"}:
            many(option_group, 100, 0)(said["option_groups"], "/option_groups")
            return [one for group in said["option_groups"] for one in group["options"]]
    except Invalid as invalid:
        raise Refusal("invalid_options", f"[ERROR] {invalid}") from None
    raise Refusal("invalid_options", f"neither options nor option_groups alone: {', '.join(said)}")
