"""What is sent: a request as the Messages API has it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bot.core.message import Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.classify import Complaint
from bot.providers.reductions import Body, Reductions
from bot.providers.rows.forms import Profile

FALLBACK_OUTPUT = 4096  # tokens: the API wants a cap, and every model takes this one
SMALLEST_BUDGET = 1024  # tokens of thinking
BUDGETS: Mapping[str, int] = MappingProxyType({"low": 2048, "medium": 8192, "high": 24_576})

_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ALLOWED = re.compile(r"max_tokens: \d+ > (\d{1,9})")
_OPTIONAL = ("temperature", "thinking", "output_config.effort", "max_tokens")


class MessageReductions(Reductions):
    """What the Messages API may do without. The cap on output must be there, so a refused one becomes lower."""

    def __init__(self) -> None:
        super().__init__(_OPTIONAL)
        self._most: dict[str, int] = {}  # tokens of output by model, as refusals told

    def learns(self, model: str, body: Body, status: int, complaint: Complaint) -> bool:
        """As any wire's, and how much output is allowed."""
        if (found := _ALLOWED.search(complaint.message)) is not None:
            self._most[model] = int(found[1])
        return super().learns(model, body, status, complaint)

    def reduced(self, model: str, body: Body) -> Body:
        """As any wire's."""
        less = super().reduced(model, body)
        if "max_tokens" not in less:
            less = {**less, "max_tokens": min(body["max_tokens"], self._most.get(model, FALLBACK_OUTPUT))}
        if less.get("thinking", {}).get("budget_tokens", 0) >= less["max_tokens"]:
            del less["thinking"]
        return less


def message_body(profile: Profile, request: ChatRequest, most: int | None) -> Body:
    """The JSON body of a streamed request. ``most`` tokens are the cap where the request names none."""
    system = [request.system] if request.system.strip() else []
    system += [said.text for said in request.messages if said.role is Role.SYSTEM and said.text.strip()]
    body: Body = {
        "model": request.model,
        "max_tokens": request.parameters.max_output or most or profile.max_output or FALLBACK_OUTPUT,
        "messages": _messages(request.messages),
        "stream": True,
    }
    if system:
        body["system"] = "\n\n".join(system)
    return body | _thinking(profile, request.parameters, body["max_tokens"])


def _thinking(profile: Profile, parameters: Parameters, max_tokens: int) -> Body:
    """How hard to think, and the temperature where the model takes one beside that."""
    effort = profile.effort(parameters.effort) if profile.thinking else None
    match profile.thinking:
        case "level":
            body = _by_level(effort, always=profile.reasons)
        case "budget":
            body = _by_budget(effort, max_tokens)
        case None:
            body = {}
    if parameters.temperature is not None and profile.sampling.takes(effort if body else None):
        body["temperature"] = min(parameters.temperature, 1.0)
    return body


def _by_level(effort: str | None, *, always: bool) -> Body:
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    if effort is None and not always:
        return {}
    # What it shows of its thoughts unasked depends on the model.
    thinking: Body = {"thinking": {"type": "adaptive", "display": "summarized"}}
    return thinking if effort is None else thinking | {"output_config": {"effort": effort}}


def _by_budget(effort: str | None, max_tokens: int) -> Body:
    """The budget is part of the output, and leaves half of it to the answer."""
    budget = min(BUDGETS.get(effort or "", 0), max_tokens // 2)
    return {"thinking": {"type": "enabled", "budget_tokens": budget}} if budget >= SMALLEST_BUDGET else {}


def _messages(messages: Iterable[ChatMessage]) -> list[Body]:
    """The turns; the API refuses empty texts, and a first turn that is not the person's."""
    turns: list[Body] = []
    for message in messages:
        parts = [] if message.role is Role.SYSTEM else _parts(message)
        if parts:
            role = "assistant" if message.role is Role.ASSISTANT else "user"
            turns.append({"role": role, "content": parts})
    if turns and turns[0]["role"] == "assistant":
        turns.insert(0, {"role": "user", "content": [{"type": "text", "text": "…"}]})
    return turns


def _parts(message: ChatMessage) -> list[Body]:
    parts = [_image(each.media_type, each.data) for each in message.attachments if each.media_type in _IMAGES]
    # A final answer that ends in blanks is refused.
    text = message.text.rstrip() if message.role is Role.ASSISTANT else message.text
    return [*parts, {"type": "text", "text": text}] if text.strip() else parts


def _image(media_type: str, data: bytes) -> dict[str, Any]:
    source = {"type": "base64", "media_type": media_type, "data": b64encode(data).decode("ascii")}
    return {"type": "image", "source": source}
