"""What is sent: a request as Cohere's chat has it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.reductions import Body
from bot.providers.rows.forms import Profile

BUDGETS: Mapping[str, int] = MappingProxyType({"low": 1024, "medium": 8192, "high": 24_576})
OPTIONAL = ("temperature", "max_tokens", "thinking.token_budget", "thinking")


def chat_body(profile: Profile, request: ChatRequest) -> Body:
    """The JSON body of a streamed request."""
    messages: list[Body] = [{"role": "system", "content": request.system}] if request.system else []
    messages += [_message(said) for said in request.messages if said.text or _images(said)]
    body: Body = {"model": request.model, "messages": messages, "stream": True}
    return body | _parameters(profile, request.parameters)


def _parameters(profile: Profile, parameters: Parameters) -> Body:
    effort = profile.effort(parameters.effort) if profile.thinking else None
    takes = profile.sampling.takes(effort)
    wanted = {
        "max_tokens": parameters.max_output,
        "temperature": min(parameters.temperature, 1.0)
        if parameters.temperature is not None and takes
        else None,
        "thinking": _thinking(effort, parameters.max_output),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _thinking(effort: str | None, max_output: int | None) -> Body | None:
    """Thinking is part of the output, and leaves half of it to the answer."""
    if effort is None:
        return None
    if effort == "none":
        return {"type": "disabled"}
    budget = BUDGETS.get(effort, BUDGETS["medium"])
    return {
        "type": "enabled",
        "token_budget": budget if max_output is None else max(1, min(budget, max_output // 2)),
    }


def _images(message: ChatMessage) -> list[Body]:
    return [_image(attachment) for attachment in message.attachments if attachment.is_image]


def _message(message: ChatMessage) -> Body:
    images = _images(message) if message.role is Role.USER else []
    if not images:
        return {"role": message.role.value, "content": message.text}
    text = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": message.role.value, "content": [*text, *images]}


def _image(attachment: Attachment) -> Body:
    data = b64encode(attachment.data).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:{attachment.media_type};base64,{data}"}}
