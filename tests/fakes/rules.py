"""What OpenAI's reference allows in a chat completions request, and how it refuses the rest.

Written from the reference, not from our code, so that the two cannot agree on the same mistake.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]


class Refusal(Exception):
    """A refusal as the API gives it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the server. One that ``reasons`` refuses ``max_tokens`` and a temperature."""

    id: str
    reasons: bool = False
    window: int = 1_000_000
    embeds: bool = False


def _whole(low: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= low


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: type(value) in (int, float) and low <= value <= high


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in kinds


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


_CHAT: Mapping[str, Callable[[Any], bool]] = {
    "model": _is(str),
    "messages": lambda value: isinstance(value, list) and bool(value),
    "stream": _is(bool),
    "stream_options": _is(dict),
    "max_completion_tokens": _whole(1),
    "max_tokens": _whole(1),
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "n": _whole(1),
    "stop": _is(str, list),
    "seed": _is(int),
    "store": _is(bool),
    "user": _is(str),
    "tools": _is(list),
    "tool_choice": _is(str, dict),
    "response_format": _is(dict),
    "reasoning_effort": _one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
}
_STREAM_OPTIONS = {"include_usage", "include_obfuscation"}
_ROLES = {"developer", "system", "user", "assistant", "tool"}
_MESSAGE = {"role", "content", "name", "tool_calls", "tool_call_id", "refusal"}
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,(.+)", re.DOTALL)
_EMBED: Mapping[str, Callable[[Any], bool]] = {
    "model": _is(str),
    "input": lambda value: isinstance(value, list) and 0 < len(value) <= 2048 and all(map(_is(str), value)),
    "encoding_format": _one_of("float"),
    "dimensions": _whole(1),
    "user": _is(str),
}


# What a refusal answers: status, type, code, message. From the reference's table of errors.
REFUSALS: Mapping[str, tuple[int, str, str | None, str]] = {
    "rate": (429, "requests", "rate_limit_exceeded", "Rate limit reached for {model} on requests per min."),
    "quota": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
    "overloaded": (503, "service_unavailable", "server_is_overloaded", "The engine is overloaded."),
    "server": (500, "server_error", None, "The server had an error while processing your request."),
    "auth": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    "model": (404, "invalid_request_error", "model_not_found", "The model `{model}` does not exist."),
    "context": (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is smaller than your messages.",
    ),
    "content": (400, "invalid_request_error", "content_policy_violation", "Your request was rejected."),
    "request": (400, "invalid_request_error", None, "Something about the request is invalid."),
}


def refusal(fail: str, model: str, retry_after: float | None = None) -> Refusal:
    """The refusal of a kind, for a model."""
    status, kind, code, message = REFUSALS[fail]
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Refusal(status, message.format(model=model), kind=kind, code=code, headers=headers)


def check_chat(body: JSON, model: Model) -> None:
    """Raise the Refusal that the request deserves."""
    _check(body, _CHAT, ("model", "messages"))
    if "max_tokens" in body and "max_completion_tokens" in body:
        raise Refusal(
            400, "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        )
    if "stream_options" in body:
        _check_stream_options(body)
    if model.reasons:
        _check_reasoning(body)
    for place, message in enumerate(body["messages"]):
        _check_message(message, f"messages[{place}]")


def check_embeddings(body: JSON) -> None:
    """Raise the Refusal that the request deserves."""
    _check(body, _EMBED, ("model", "input"))


def _check(body: JSON, table: Mapping[str, Callable[[Any], bool]], required: tuple[str, ...]) -> None:
    for name in required:
        if name not in body:
            raise Refusal(400, f"Missing required parameter: '{name}'.", param=name)
    for name, value in body.items():
        if name not in table:
            raise Refusal(400, f"Unrecognized request argument supplied: {name}", param=name)
        if not table[name](value):
            raise Refusal(400, f"Invalid value for '{name}'.", code="invalid_type", param=name)


def _check_stream_options(body: JSON) -> None:
    if not body.get("stream"):
        raise Refusal(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    for name, value in body["stream_options"].items():
        if name not in _STREAM_OPTIONS or type(value) is not bool:
            param = f"stream_options.{name}"
            raise Refusal(400, f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)


def _check_reasoning(body: JSON) -> None:
    if "max_tokens" in body:
        raise Refusal(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            code="unsupported_parameter",
            param="max_tokens",
        )
    if body.get("temperature", 1) != 1 and body.get("reasoning_effort") != "none":
        raise Refusal(
            400,
            "Unsupported value: 'temperature' does not support this value with this model.",
            code="unsupported_value",
            param="temperature",
        )


def _check_message(message: Any, where: str) -> None:
    if not isinstance(message, dict) or message.get("role") not in _ROLES or set(message) - _MESSAGE:
        raise Refusal(400, f"Invalid '{where}'.", param=where)
    content = message.get("content")
    if isinstance(content, list) and content:
        for part in content:
            _check_part(part, message["role"], where)
    elif not isinstance(content, str):
        raise Refusal(
            400, f"Invalid type for '{where}.content'.", code="invalid_type", param=f"{where}.content"
        )


def _check_part(part: Any, role: str, where: str) -> None:
    match part:
        case {"type": "text", "text": str(), **rest} if not rest:
            return
        case {"type": "image_url", "image_url": {"url": str(url), **options}, **rest} if (
            not rest and role == "user"
        ):
            if set(options) <= {"detail"} and _is_image(url):
                return
    raise Refusal(400, f"Invalid '{where}.content'.", code="invalid_value", param=f"{where}.content")


def _is_image(url: str) -> bool:
    found = _DATA_URL.fullmatch(url)
    try:
        return bool(found and base64.b64decode(found[1], validate=True))
    except binascii.Error:
        return False
