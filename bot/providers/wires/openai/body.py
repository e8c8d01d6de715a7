"""What is sent: a request as chat completions have it, and again without what was not understood."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.catalog import Profile, ProviderRow, Sampling
from bot.providers.classify import Complaint

Body = dict[str, Any]

_SWAPS: Mapping[str, str] = {
    "max_completion_tokens": "max_tokens",
    "max_tokens": "max_completion_tokens",
}
_OPTIONAL = ("temperature", "reasoning_effort", "stream_options", *_SWAPS)
_NAMED = re.compile("|".join(_OPTIONAL))


def chat_body(row: ProviderRow, request: ChatRequest, without: Collection[str] = ()) -> Body:
    """The JSON body of a streamed request. ``without`` names fields that the server does not understand.

    Attachments that are no images are not sent: they are text by the time a request is made.
    """
    profile = row.profile(request.model)
    system_role = "developer" if row.quirks.developer_role and profile.reasons else "system"
    messages = [{"role": system_role, "content": request.system}] if request.system else []
    messages += [_message(message, system_role) for message in request.messages]
    body: Body = {"model": request.model, "messages": messages, "stream": True}
    body |= _stream_options(row) | _parameters(row, profile, request.parameters)
    return _reduced(body, without)


def not_understood(body: Body, complaint: Complaint) -> str | None:
    """The optional field of the body that a refusal (400 or 422) names, or None."""
    for text in (complaint.param, complaint.message):
        for found in _NAMED.finditer(text):
            if found[0] in body:
                return found[0]
    return None


def _reduced(body: Body, without: Collection[str]) -> Body:
    """The body without these fields; the cap on output keeps its number under its other name."""
    for name in without:
        value = body.pop(name, None)
        other = _SWAPS.get(name)
        if value is not None and other is not None and other not in without:
            body[other] = value
    return body


def _stream_options(row: ProviderRow) -> Body:
    options = {"include_usage": True}
    if row.quirks.obfuscation_off:
        options["include_obfuscation"] = False
    return {"stream_options": options}


def _parameters(row: ProviderRow, profile: Profile, parameters: Parameters) -> Body:
    wanted = {
        row.quirks.max_output_field: parameters.max_output,
        "reasoning_effort": parameters.effort,
        "temperature": parameters.temperature if _takes_temperature(profile, parameters.effort) else None,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _takes_temperature(profile: Profile, effort: str | None) -> bool:
    match profile.sampling:
        case Sampling.ALWAYS:
            return True
        case Sampling.WITHOUT_EFFORT:
            return effort in (None, "none")
        case Sampling.EFFORT_NONE:
            return effort == "none"
        case Sampling.NEVER:
            return False


def _message(message: ChatMessage, system_role: str) -> Body:
    role = system_role if message.role is Role.SYSTEM else message.role.value
    images = [_image(attachment) for attachment in message.attachments if attachment.is_image]
    if not images:
        return {"role": role, "content": message.text}
    text = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": role, "content": [*text, *images]}


def _image(attachment: Attachment) -> Body:
    data = b64encode(attachment.data).decode("ascii")
    url = f"data:{attachment.media_type};base64,{data}"
    return {"type": "image_url", "image_url": {"url": url, "detail": "auto"}}
