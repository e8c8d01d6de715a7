"""Endpoints of interactions: the first answer, the message it made, and further ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.discord import exchanges, messages
from tests.fakes.discord.calls import Call
from tests.fakes.discord.components import check_modal
from tests.fakes.discord.drafts import ANSWER, Draft, refer
from tests.fakes.discord.exchanges import FOLLOWUPS, TOKEN_SECONDS, Interaction, Modal
from tests.fakes.discord.messages import Message
from tests.fakes.discord.posting import change, check_unlocked, fresh, post, remove
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import Invalid, Shape, anything, many, maybe, one, text

_choices = many(Shape({"name": text(100), "value": anything}, {"name_localizations": maybe(anything)}), 25)
_callback = Shape({"type": one(*range(1, 10))}, {"data": maybe(anything)})
# Which answers fit which kind of interaction.
_FITS: Mapping[int, tuple[int, ...]] = {
    exchanges.COMMAND: (exchanges.SAY, exchanges.DEFER, exchanges.MODAL),
    exchanges.COMPONENT: (
        exchanges.SAY,
        exchanges.DEFER,
        exchanges.DEFER_UPDATE,
        exchanges.UPDATE,
        exchanges.MODAL,
    ),
    exchanges.COMPLETION: (exchanges.CHOICES,),
    exchanges.SUBMISSION: (exchanges.SAY, exchanges.DEFER, exchanges.DEFER_UPDATE, exchanges.UPDATE),
}


def first(call: Call) -> JSON | None:
    """The answer that has three seconds."""
    asked = call.world.interactions.get(call.path["token"])
    if asked is None or asked.id != call.path["interaction"]:
        raise Refusal(10062)
    if asked.answered is not None:
        raise Refusal(40060)
    if call.now - asked.at > exchanges.ANSWER_SECONDS:
        raise Refusal(10062)
    _callback(call.body, ())
    kind, data = call.body["type"], call.body.get("data") or {}
    without = asked.source is None and kind in (exchanges.DEFER_UPDATE, exchanges.UPDATE)
    if kind not in _FITS[asked.kind] or without:
        code = "INTERACTION_APPLICATION_COMMAND_INVALID_RESPONSE_TYPE"
        raise Invalid(("type",), code, f"{kind} does not answer this interaction")
    _ANSWERS[kind](call, asked, data)
    asked.answered, asked.answered_at = kind, call.now
    call.world.changed()
    if call.query.get("with_response") not in ("1", "true", "True"):
        return None
    return _response(call, asked)


def _say(call: Call, asked: Interaction, data: Any) -> None:
    ANSWER(data, ("data",))
    asked.original = _new(call, asked, data)
    post(call.world, call.events, asked.original)


def _defer(call: Call, asked: Interaction, data: Any) -> None:
    Shape({}, {"flags": one(0, messages.EPHEMERAL)})(data, ("data",))
    message = _blank(call, asked, bool(data.get("flags")))
    message.flags |= messages.LOADING
    asked.original, asked.waiting = message, True
    post(call.world, call.events, message)


def _defer_update(call: Call, asked: Interaction, data: Any) -> None:
    asked.original = asked.source


def _update(call: Call, asked: Interaction, data: Any) -> None:
    assert asked.source is not None
    ANSWER(data, ("data",))
    Draft(call.world, data, call.uploads, answer=True).write(asked.source)
    asked.original = asked.source
    change(call.world, call.events, asked.source)


def _choose(call: Call, asked: Interaction, data: Any) -> None:
    Shape({"choices": _choices})(data, ("data",))
    asked.choices = data["choices"]


def _ask(call: Call, asked: Interaction, data: Any) -> None:
    asked.modal = Modal(asked, check_modal(data))
    call.world.modals[asked.user.id] = asked.modal


_ANSWERS: Mapping[int, Callable[[Call, Interaction, Any], None]] = {
    exchanges.SAY: _say,
    exchanges.DEFER: _defer,
    exchanges.DEFER_UPDATE: _defer_update,
    exchanges.UPDATE: _update,
    exchanges.CHOICES: _choose,
    exchanges.MODAL: _ask,
}


def follow(call: Call) -> JSON:
    """One message more. The first after a deferral takes the place of what was promised."""
    asked = _open(call)
    ANSWER(call.body, ())
    if asked.waiting and asked.original is not None:
        flags = (call.body.get("flags") or 0) & ~messages.EPHEMERAL
        return _change(call, asked, asked.original, {**call.body, "flags": flags})
    if asked.guest and len(asked.followups) >= FOLLOWUPS:
        raise Refusal(40094)
    message = _new(call, asked, call.body)
    if asked.original is not None:
        refer(message, asked.original)
    asked.followups.append(message)
    post(call.world, call.events, message)
    return call.json(message)


def get(call: Call) -> JSON:
    return call.json(_said(call)[1])


def edit(call: Call) -> JSON:
    asked, message = _said(call)
    ANSWER(call.body, ())
    return _change(call, asked, message, call.body)


def delete(call: Call) -> None:
    remove(call.world, call.events, [_said(call)[1]])


def _change(call: Call, asked: Interaction, message: Message, body: JSON) -> JSON:
    if message.channel.archived and not message.to:
        raise Refusal(50083)
    promised = message.thinking
    Draft(call.world, body, call.uploads, answer=True).write(message)
    message.flags &= ~messages.LOADING
    if message is asked.original:
        asked.waiting = False
    change(call.world, call.events, message, edited=not promised)
    return call.json(message)


def _open(call: Call) -> Interaction:
    """The interaction of a token, which lives for fifteen minutes."""
    asked = call.world.interactions.get(call.path["token"])
    if asked is None or asked.app.id != call.path["app"] or call.now - asked.at > TOKEN_SECONDS:
        raise Refusal(50027)
    if asked.answered is None:
        raise Refusal(10015)
    return asked


def _said(call: Call) -> tuple[Interaction, Message]:
    """The message named in the address: the first answer, or one after it."""
    asked, wanted = _open(call), call.path["message"]
    said = [one for one in (asked.original, *asked.followups) if one is not None and not one.deleted]
    for message in said:
        if wanted == message.id or (wanted == "@original" and message is asked.original):
            return asked, message
    raise Refusal(10008)


def _new(call: Call, asked: Interaction, data: JSON) -> Message:
    message = _blank(call, asked, bool((data.get("flags") or 0) & messages.EPHEMERAL))
    Draft(call.world, data, call.uploads, answer=True).write(message)
    return message


def _blank(call: Call, asked: Interaction, whisper: bool) -> Message:
    """A message that answers this interaction, still empty."""
    if asked.guest and asked.channel.locked and asked.channel.archived:
        raise Refusal(50001)
    check_unlocked(asked.channel, asked.app.user)
    command = asked.kind == exchanges.COMMAND
    menu = bool(asked.payload.get("data", {}).get("target_id"))
    kind = (
        (messages.MENU if menu else messages.COMMAND)
        if command and asked.original is None
        else messages.REPLY
    )
    message = fresh(call.world, asked.channel, asked.app.user, kind)
    message.app = asked.app.id
    message.interaction = {
        "id": asked.id,
        "type": asked.kind,
        "user": asked.user.json,
        "authorizing_integration_owners": asked.payload.get("authorizing_integration_owners", {}),
    }
    if asked.source is not None:
        refer(message, asked.source)
    if whisper:
        message.to, message.flags = asked.user.id, messages.EPHEMERAL
    return message


def _response(call: Call, asked: Interaction) -> JSON:
    """What ``with_response`` asks for."""
    about: JSON = {"id": asked.id, "type": asked.kind}
    resource: JSON = {"type": asked.answered}
    message = asked.original
    if message is not None:
        about |= {
            "response_message_id": message.id,
            "response_message_loading": message.thinking,
            "response_message_ephemeral": bool(message.to),
        }
        if asked.answered != exchanges.DEFER_UPDATE:
            resource["message"] = call.json(message)
    return {"interaction": about, "resource": resource}
