"""What an interaction leaves open: a trigger for a modal, a URL to respond to, the views on a screen."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.slack.messages import Message, actions_of
from tests.fakes.slack.refusals import JSON

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS, RESPONSE_USES = 1800.0, 5


@dataclass
class Trigger:
    """Opens one view, within three seconds."""

    app: str
    user: str
    at: float
    used: bool = False


@dataclass
class Response:
    """A ``response_url``: five uses in thirty minutes. ``message`` is where the click was, if on one."""

    app: str
    team: str
    channel: str
    user: str
    at: float
    message: Message | None = None
    uses: int = 0


@dataclass(eq=False)
class View:
    """A modal on somebody's screen, or a person's home tab."""

    id: str
    app: str
    user: str
    given: JSON
    hash: str
    root: str
    previous: str | None = None
    open: bool = True
    values: dict[str, dict[str, JSON]] = field(default_factory=dict)
    errors: JSON = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(self.given.get("title", {}).get("text", ""))

    @property
    def inputs(self) -> set[str]:
        """The block ids that an error can stand at."""
        return {block["block_id"] for block in self.given["blocks"] if block["type"] == "input"}

    @property
    def actions(self) -> dict[str, JSON]:
        """Every element a person can use, by its action_id."""
        return actions_of(self.given["blocks"])
