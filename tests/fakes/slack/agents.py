"""Statuses, suggested prompts and agent sessions."""

from __future__ import annotations

from tests.fakes.slack.calls import Call
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.sessions import STATES, Session, Status
from tests.fakes.slack.shapes import Invalid, Shape, many, text
from tests.fakes.slack.workspace import Channel

_check_prompts = many(Shape({"title": text(255), "message": text(4000)}), 4)
_check_loading = many(text(200), 10)


def set_status(call: Call) -> JSON:
    channel = call.channel("channel_id")
    thread = call.thread(channel, error="invalid_thread_ts")
    loading = call.get("loading_messages", [])
    if loading:
        _check(_check_loading, loading, "/loading_messages")
    key = (call.by.app.id, channel.id, thread)
    if call.args["status"]:
        call.world.statuses[key] = Status(call.args["status"], call.world.clock.now(), tuple(loading))
    else:
        call.world.statuses.pop(key, None)
    call.world.changed()
    return {}


def set_suggested_prompts(call: Call) -> JSON:
    channel = call.channel("channel_id")
    if channel.kind != "im":
        raise Refusal("channel_not_found")
    call.thread(channel, error="invalid_thread_ts")
    _check(_check_prompts, call.args["prompts"], "/prompts")
    if not (call.by.app.agent and call.get("thread_ts")):
        # With agent_view a call that names a thread succeeds and does nothing (reported).
        call.world.prompts[call.by.app.id, channel.id] = list(call.args["prompts"])
        call.world.changed()
    return {}


def set_session_status(call: Call) -> JSON:
    channel, thread = _session_place(call)
    if call.args["status"] not in STATES:
        raise Refusal("invalid_status")
    initiator = call.get("initiator_user_id", "")
    if initiator and initiator not in channel.members:
        raise Refusal("user_not_found")
    known = (call.by.app.id, channel.id, thread) in call.world.sessions
    session = session_of(call, channel, thread)
    if not known:
        session.title, session.initiator = call.get("title", ""), initiator
    session.status = call.args["status"]
    call.world.changed()
    body = {"status": session.status, "agent_status": session.status, "title": session.title}
    if "agent_session_stopped" not in call.by.app.events:
        body["warning"] = "missing_agent_session_stopped_event_subscription"
    return body


def rename_session(call: Call) -> JSON:
    channel, thread = _session_place(call)
    session = call.world.sessions.get((call.by.app.id, channel.id, thread))
    if session is None:
        raise Refusal("session_not_found")
    session.title = call.args["title"]
    call.world.changed()
    return {"title": session.title}


def session_of(call: Call, channel: Channel, thread: str) -> Session:
    """The caller's session in a thread, begun if there is none."""
    key = (call.by.app.id, channel.id, thread)
    return call.world.sessions.setdefault(key, Session(*key, "active"))


def _session_place(call: Call) -> tuple[Channel, str]:
    if not call.by.app.agent:
        raise Refusal("not_authorized")
    channel = call.channel("channel_id")
    if call.by.bot.id not in channel.members:
        raise Refusal("not_authorized")
    if not call.get("thread_ts"):
        raise Refusal("thread_ts_required")
    return channel, call.thread(channel, error="invalid_arguments")


def _check(check: object, value: object, where: str) -> None:
    try:
        check(value, where)  # type: ignore[operator]
    except Invalid as invalid:
        raise Refusal("invalid_arguments", f"[ERROR] {invalid}") from None
