"""The window in which a model is chosen. Everything it needs to know stands in it. All pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.slack.commands.spots import Spot
from bot.adapters.slack.outgoing.render import clipped
from bot.adapters.slack.workspaces import Workspaces
from bot.commands.models import DEFAULT, TAKE_BACK, why
from bot.commands.offers import Offer
from bot.commands.scopes import CHANNEL, ME, NEXT
from bot.conversation.settings import Choice
from bot.core.place import Place

JSON = dict[str, Any]

PICKER = "pick_model"  # the window's callback id
SELECT, BLOCK = "pick:model", "model"
SCOPE, SCOPES = "pick:scope", "scope"
_OPTIONS = _GROUPS = 100
_TEXT, _VALUE, _WHY, _ERROR = 75, 150, 300, 300
_BACK: JSON = {
    "text": {"type": "plain_text", "text": "Default"},
    "value": DEFAULT,
    "description": {"type": "plain_text", "text": TAKE_BACK},
}


@dataclass(frozen=True, slots=True)
class Target:
    """What the window is about. ``url`` is where the answer goes, "" where it is posted instead.

    ``home``: it was opened from the app's own page, and is about what holds for the person.
    """

    spot: Spot
    url: str = ""
    home: bool = False


def window(target: Target, choice: Choice) -> JSON:
    """The view: which model answers and why, and the choice among all."""
    about = why(choice, in_conversation=target.spot.in_conversation)
    select: JSON = {
        "type": "external_select",
        "action_id": SELECT,
        "min_query_length": 0,
        "focus_on_load": True,
        "placeholder": _plain("Type part of a name"),
    }
    if len(str(choice.model)) <= _VALUE:
        select["initial_option"] = _option(str(choice.model), str(choice.model))
    asks = not (target.home or target.spot.in_conversation)
    return {
        "type": "modal",
        "callback_id": PICKER,
        "title": _plain("Choose the model"),
        "submit": _plain("Switch"),
        "close": _plain("Cancel"),
        "private_metadata": _packed(target),
        "blocks": [
            {"type": "context", "elements": [_plain(clipped(about, _WHY))]},
            {"type": "input", "block_id": BLOCK, "label": _plain("Model"), "element": select},
            *([_scopes(direct=target.spot.direct)] if asks else []),
        ],
    }


def offered(offers: Sequence[Offer], typed: str) -> list[JSON]:
    """The groups that the select offers: a provider's models each, in the order they come.

    Slack disables no option: what is not set up stands in the last group, and says how when it is chosen.
    """
    groups: dict[str, list[JSON]] = {}
    if DEFAULT.startswith(typed.lower()):
        groups["This place"] = [_BACK]
    for offer in offers:
        group = groups.setdefault(offer.group, [])
        if len(offer.value) <= _VALUE and len(group) < _OPTIONS:
            group.append(_option(offer.label, offer.value, offer.about))
    filled = [(name, group) for name, group in groups.items() if group]
    return [{"label": _plain(clipped(name, _TEXT)), "options": group} for name, group in filled[:_GROUPS]]


def chosen(view: Mapping[str, Any], target: Target) -> str:
    """What was chosen, as a line."""
    model, scope = _selected(view, BLOCK, SELECT), ME if target.home else _selected(view, SCOPES, SCOPE)
    return " ".join(filter(None, ["/model", model, f"scope:{scope}" if scope else ""]))


def error(say: str) -> JSON:
    """The answer to a submission that keeps the window open and says why."""
    return {
        "response_action": "errors",
        "errors": {BLOCK: clipped(say.replace("`", "").replace("*", ""), _ERROR)},
    }


def unpacked(metadata: str, workspaces: Workspaces) -> Target | None:
    """What a window of ours is about, None where its workspace is not connected any more."""
    data = json.loads(metadata)
    place = Place.parse(data["place"])
    workspace = workspaces.get(place.workspace)
    if workspace is None:
        return None
    spot = Spot(
        workspace,
        data["user"],
        place,
        place if data["threaded"] else replace(place, thread=""),
        in_conversation=data["in"],
        direct=data["direct"],
    )
    return Target(spot, data["url"], data.get("home", False))


def _packed(target: Target) -> str:
    spot = target.spot
    return json.dumps(
        {
            "place": str(spot.place),
            "user": spot.user,
            "threaded": spot.aside == spot.place,
            "in": spot.in_conversation,
            "direct": spot.direct,
            "url": target.url,
            "home": target.home,
        }
    )


def _selected(view: Mapping[str, Any], block: str, action: str) -> str:
    option = view["state"]["values"].get(block, {}).get(action, {}).get("selected_option") or {}
    return str(option.get("value", ""))


def _scopes(*, direct: bool) -> JSON:
    """What a choice outside of conversations shall hold for: at first the person, who needs nobody's leave."""
    here = "These direct messages" if direct else "This channel (for admins)"
    options = [
        _option(here, CHANNEL),
        _option("Me, everywhere", ME),
        _option("The next thread I start here", NEXT),
    ]
    select = {"type": "static_select", "action_id": SCOPE, "options": options, "initial_option": options[1]}
    return {"type": "input", "block_id": SCOPES, "label": _plain("For"), "element": select}


def _option(label: str, value: str, about: str = "") -> JSON:
    found = {"text": _plain(clipped(label, _TEXT)), "value": value}
    return {**found, "description": _plain(clipped(about, _TEXT))} if about else found


def _plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}
