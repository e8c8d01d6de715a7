"""What is sent: a request as Responses has it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.reductions import Body
from bot.providers.rows.forms import Profile, ProviderRow

OPTIONAL = ("temperature", "reasoning.effort", "reasoning.summary", "reasoning", "stream_options")


def response_body(row: ProviderRow, request: ChatRequest) -> Body:
    """The JSON body of a streamed request. It is never stored.

    Attachments that are no images are not sent: they are text by the time a request is made.
    """
    profile = row.profile(request.model)
    body: Body = {
        "model": request.model,
        "input": [_message(message) for message in request.messages],
        "stream": True,
        "store": False,
    }
    if request.system:
        body["instructions"] = request.system
    if row.quirks.obfuscation_off:
        body["stream_options"] = {"include_obfuscation": False}
    return body | _parameters(profile, request.parameters) | dict(profile.extra)


def _parameters(profile: Profile, parameters: Parameters) -> Body:
    effort = profile.effort(parameters.effort)
    reasoning: dict[str, Any] = {"summary": "auto"} if profile.reasons and effort != "none" else {}
    if effort is not None:
        reasoning["effort"] = effort
    wanted: dict[str, Any] = {
        "max_output_tokens": parameters.max_output,
        "temperature": parameters.temperature if profile.sampling.takes(effort) else None,
        "reasoning": reasoning or None,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _message(message: ChatMessage) -> Body:
    if message.role is Role.ASSISTANT:
        return {"role": "assistant", "content": [{"type": "output_text", "text": message.text}]}
    role = "developer" if message.role is Role.SYSTEM else "user"
    images = [_image(attachment) for attachment in message.attachments if attachment.is_image]
    text = [{"type": "input_text", "text": message.text}] if message.text or not images else []
    return {"role": role, "content": [*text, *images]}


def _image(attachment: Attachment) -> Body:
    data = b64encode(attachment.data).decode("ascii")
    url = f"data:{attachment.media_type};base64,{data}"
    return {"type": "input_image", "image_url": url, "detail": "auto"}
