"""What is sent: a request as the gateway has it. A model's id is its provider's name, a slash and the model."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from bot.core.message import Attachment
from bot.core.provider import ChatMessage, ChatRequest
from bot.providers.reductions import Body
from bot.providers.rows.forms import Profile

OPTIONAL = ("featureOptions.temperature", "featureOptions.reasoningEffort", "featureOptions.maxTokens")


def generate_body(profile: Profile, request: ChatRequest) -> Body:
    """The JSON body of a streamed request; what shapes the answer is only there where it was asked for."""
    provider, _, model = request.model.partition("/")
    given = request.parameters
    effort = profile.effort(given.effort)
    options: dict[str, Any] = {"streaming": True, "json": False}
    wanted = {
        "maxTokens": given.max_output,
        "temperature": given.temperature if profile.sampling.takes(effort) else None,
        "reasoningEffort": effort,
    }
    return {
        "provider": provider,
        "model": model,
        "feature": "llm",
        "subfeature": "chat",
        "featureOptions": options | {name: value for name, value in wanted.items() if value is not None},
        "input": {
            "messages": [_message(message) for message in request.messages],
            "systemPrompt": request.system,
            "tools": [],
        },
    }


def _message(message: ChatMessage) -> Body:
    images = [_image(attachment) for attachment in message.attachments if attachment.is_image]
    if not images:
        return {"role": message.role.value, "content": message.text}
    text = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": message.role.value, "content": [*text, *images]}


def _image(attachment: Attachment) -> Body:
    data = b64encode(attachment.data).decode("ascii")
    url = f"data:{attachment.media_type};base64,{data}"
    return {"type": "image", "image": url, "mediaType": attachment.media_type}
