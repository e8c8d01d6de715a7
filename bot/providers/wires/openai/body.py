"""What is sent: a request as chat completions have it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.reductions import Body
from bot.providers.rows.forms import Profile, ProviderRow, Quirks

SWAPS: Mapping[str, str] = {
    "max_completion_tokens": "max_tokens",
    "max_tokens": "max_completion_tokens",
}
OPTIONAL = ("temperature", "reasoning_effort", "reasoning", "thinking", "stream_options", *SWAPS)


def chat_body(row: ProviderRow, request: ChatRequest) -> Body:
    """The JSON body of a streamed request.

    Attachments that are no images are not sent: they are text by the time a request is made.
    """
    quirks, profile = row.quirks, row.profile(request.model)
    system_role = "developer" if quirks.developer_role and profile.reasons else "system"
    messages = [{"role": system_role, "content": request.system}] if request.system else []
    messages += [_message(message, system_role, quirks) for message in request.messages]
    body: Body = {"model": request.model, "messages": messages, "stream": True}
    body |= _stream_options(quirks) | _parameters(quirks, profile, request.parameters)
    return body | dict(quirks.extra) | dict(profile.extra)


def _stream_options(quirks: Quirks) -> Body:
    if not quirks.stream_options:
        return {}
    options = {"include_usage": True}
    if quirks.obfuscation_off:
        options["include_obfuscation"] = False
    return {"stream_options": options}


def _parameters(quirks: Quirks, profile: Profile, parameters: Parameters) -> Body:
    effort = profile.effort(parameters.effort)
    wanted: dict[str, Any] = {
        quirks.max_output_field: parameters.max_output,
        "temperature": parameters.temperature if profile.sampling.takes(effort) else None,
        **_effort(quirks, effort),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _effort(quirks: Quirks, effort: str | None) -> dict[str, Any]:
    if effort is None:
        return {}
    match quirks.effort_form:
        case "field":
            return {"reasoning_effort": effort}
        case "object":
            return {"reasoning": {"effort": effort}}
        case "thinking":
            thinks = effort != "none"
            thinking = {"thinking": {"type": "enabled" if thinks else "disabled"}}
            return {**thinking, "reasoning_effort": effort} if thinks else thinking


def _message(message: ChatMessage, system_role: str, quirks: Quirks) -> Body:
    role = system_role if message.role is Role.SYSTEM else message.role.value
    images = [_image(attachment, quirks) for attachment in message.attachments if attachment.is_image]
    if not images:
        return {"role": role, "content": message.text}
    text = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": role, "content": [*text, *images]}


def _image(attachment: Attachment, quirks: Quirks) -> Body:
    data = b64encode(attachment.data).decode("ascii")
    url = f"data:{attachment.media_type};base64,{data}"
    return {"type": "image_url", "image_url": url if quirks.image_as_text else {"url": url, "detail": "auto"}}
