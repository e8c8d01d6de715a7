"""What is sent: a request as Ollama has it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.providers.reductions import Body
from bot.providers.rows.forms import Profile, ProviderRow

KEEP_ALIVE = "30m"  # how long a model stays loaded after its last answer
WINDOW = 32_768  # tokens of context that are asked for where the model's window is not known
_LEVELS = ("low", "medium", "high")

OPTIONAL = ("options.temperature", "options.num_ctx", "think", "keep_alive", "truncate", "shift")


def chat_body(row: ProviderRow, request: ChatRequest) -> Body:
    """The JSON body of a streamed request.

    Without a context length of ours Ollama takes a small one and silently drops the beginning of what is longer.
    """
    profile = row.profile(request.model)
    system = [{"role": "system", "content": request.system}] if request.system else []
    body: Body = {
        "model": request.model,
        "messages": [*system, *map(_message, request.messages)],
        "stream": True,
        "truncate": False,
        "shift": False,
        "keep_alive": KEEP_ALIVE,
        "options": _options(profile, request.parameters),
    }
    if (think := _think(profile, request.parameters.effort)) is not None:
        body["think"] = think
    return body | dict(row.quirks.extra) | dict(profile.extra)


def _options(profile: Profile, parameters: Parameters) -> dict[str, Any]:
    wanted = {
        "num_ctx": profile.window or WINDOW,
        "num_predict": parameters.max_output,
        "temperature": parameters.temperature,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _think(profile: Profile, effort: str | None) -> bool | str | None:
    """Whether to think, and how hard for the models that have levels; None leaves it to the model."""
    if effort is None:
        return None
    sent = profile.effort(effort)
    if sent in (None, "none"):
        return False if effort == "none" else None
    return sent if profile.efforts and sent in _LEVELS else True


def _message(message: ChatMessage) -> Body:
    images = [b64encode(each.data).decode("ascii") for each in message.attachments if each.is_image]
    said: Body = {"role": message.role.value, "content": message.text}
    return {**said, "images": images} if images else said
