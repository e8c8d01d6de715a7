"""What is sent: a request as Gemini's API has it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.core.message import Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.classify import Complaint
from bot.providers.reductions import Body, Reductions
from bot.providers.rows.forms import Profile

BUDGETS: Mapping[str, int] = MappingProxyType({"none": 0, "low": 1024, "medium": 8192, "high": 24_576})

_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
_CONFIG = "generationConfig"
_THINKING = f"{_CONFIG}.thinkingConfig"
_OPTIONAL = (
    f"{_CONFIG}.temperature",
    f"{_CONFIG}.maxOutputTokens",
    f"{_THINKING}.thinkingLevel",
    f"{_THINKING}.thinkingBudget",
    f"{_THINKING}.includeThoughts",
    _THINKING,
)
# Refusals name these in words: "Thinking level is not supported for this model."
_IN_WORDS = (
    (re.compile(r"thinking level", re.IGNORECASE), f"{_THINKING}.thinkingLevel"),
    (re.compile(r"thinking budget", re.IGNORECASE), f"{_THINKING}.thinkingBudget"),
    (re.compile(r"thinking|include_thoughts", re.IGNORECASE), _THINKING),
)


class ContentReductions(Reductions):
    """What Gemini's API may do without."""

    def __init__(self) -> None:
        super().__init__(_OPTIONAL)

    def named(self, body: Body, complaint: Complaint) -> str | None:
        """As any wire's, and by words."""
        if found := super().named(body, complaint):
            return found if "include" not in found else _THINKING
        thinking = body.get(_CONFIG, {}).get("thinkingConfig", {})
        for pattern, path in _IN_WORDS:
            there = thinking if path == _THINKING else path.rpartition(".")[2] in thinking
            if there and pattern.search(complaint.message):
                return path
        return None


def content_body(profile: Profile, request: ChatRequest) -> Body:
    """The JSON body of a request; the model is in its address."""
    body: Body = {"contents": _contents(request.messages)}
    system = [request.system] if request.system.strip() else []
    system += [said.text for said in request.messages if said.role is Role.SYSTEM and said.text.strip()]
    if system:
        body["systemInstruction"] = {"parts": [{"text": text} for text in system]}
    config = _config(profile, request.parameters)
    return body | {_CONFIG: config} if config else body


def _config(profile: Profile, parameters: Parameters) -> Body:
    effort = profile.effort(parameters.effort) if profile.thinking else None
    config: Body = {}
    if parameters.max_output is not None:
        config["maxOutputTokens"] = parameters.max_output
    if parameters.temperature is not None and profile.sampling.takes(effort):
        config["temperature"] = parameters.temperature
    if profile.thinking is not None:
        config["thinkingConfig"] = _thinking(profile, effort)
    return config


def _thinking(profile: Profile, effort: str | None) -> Body:
    """Ask to be shown the thoughts, as far as there are any."""
    if effort is None:
        return {"includeThoughts": True}
    if profile.thinking == "level":
        return {"includeThoughts": True, "thinkingLevel": effort.upper()}
    return {"includeThoughts": effort != "none", "thinkingBudget": BUDGETS.get(effort, BUDGETS["medium"])}


def _contents(messages: Iterable[ChatMessage]) -> list[Body]:
    """The turns; one without parts is refused."""
    turns = []
    for message in messages:
        parts = [] if message.role is Role.SYSTEM else _parts(message)
        if parts:
            turns.append({"role": "model" if message.role is Role.ASSISTANT else "user", "parts": parts})
    return turns


def _parts(message: ChatMessage) -> list[Body]:
    parts: list[Body] = [{"text": message.text}] if message.text else []
    for each in message.attachments:
        if each.media_type in _IMAGES:
            data = b64encode(each.data).decode("ascii")
            parts.append({"inlineData": {"mimeType": each.media_type, "data": data}})
        elif each.is_image:
            parts.append({"text": f"(The image {each.name} is of a kind that you cannot look at.)"})
    return parts
