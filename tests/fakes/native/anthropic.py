"""Anthropic's Messages API, version 2023-06-01, by its reference."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web

from tests.fakes.native.server import JSON, Refusal, Refused, Turn

_FIELDS = {
    *("model", "max_tokens", "messages", "stream", "system", "temperature", "thinking", "output_config"),
    *(
        "metadata",
        "stop_sequences",
        "tools",
        "tool_choice",
        "top_p",
        "top_k",
        "cache_control",
        "service_tier",
    ),
}
_REFUSALS = {
    "rate": (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    "quota": (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "server": (500, "api_error", "Internal server error"),
    "auth": (401, "authentication_error", "invalid x-api-key"),
    "model": (404, "not_found_error", "model: {model}"),
    "context": (400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
    "content": (400, "invalid_request_error", "Output blocked by content filtering policy"),
    "request": (400, "invalid_request_error", "messages: Field required"),
}


def error(kind: str, message: str, **details: str) -> JSON:
    inner = {"type": kind, "message": message} | ({"details": details} if details else {})
    return {"type": "error", "error": inner, "request_id": "req_011CS"}


def refuse(status: int, kind: str, message: str, **details: str) -> Refused:
    return Refused(status, json.dumps(error(kind, message, **details)).encode())


class AnthropicDialect:
    """The paths, checks, events and refusals."""

    models = (
        "claude-haiku-5-5",
        "claude-sonnet-5-5",
        "claude-haiku-4-5-20251001",
        "claude-sonnet-4-6",
        "claude-2",
    )
    embedders = ()

    def allowed(self, request: web.Request, key: str) -> bool:
        if request.headers.get("anthropic-version") != "2023-06-01":
            raise Refusal(refuse(400, "invalid_request_error", "anthropic-version: header is required"))
        return request.headers.get("x-api-key") == key

    def is_list(self, request: web.Request) -> bool:
        return request.method == "GET" and request.path == "/v1/models"

    def listing(self, request: web.Request, page: int) -> JSON:
        after = request.query.get("after_id")
        start = self.models.index(after) + 1 if after else 0
        shown = self.models[start : start + page]
        data = [
            {
                "type": "model",
                "id": model,
                "display_name": model,
                "created_at": "2026-01-01T00:00:00Z",
                "max_input_tokens": 1_000_000,
                "max_tokens": 64_000,
                "lifecycle": "retired" if model == "claude-2" else "active",
            }
            for model in shown
        ]
        return {
            "data": data,
            "first_id": shown[0],
            "last_id": shown[-1],
            "has_more": start + page < len(self.models),
        }

    def is_embedding(self, request: web.Request) -> bool:
        return False

    def embedded(self, request: web.Request, body: JSON) -> JSON:
        raise NotImplementedError

    def checked(self, request: web.Request, body: JSON) -> tuple[str, str, int | None]:
        if (request.method, request.path) != ("POST", "/v1/messages"):
            raise Refusal(refuse(404, "not_found_error", "Not found"))
        for name in set(body) - _FIELDS:
            raise self._wrong(f"{name}: Extra inputs are not permitted")
        model = body.get("model")
        if model not in self.models:
            raise Refusal(self.refusal("model", str(model)))
        if type(body.get("max_tokens")) is not int or body["max_tokens"] < 1:
            raise self._wrong("max_tokens: Field required")
        self._thinking(model, body)
        return model, self._messages(body), body["max_tokens"]

    def refusal(self, kind: str, model: str) -> Refused:
        status, name, message = _REFUSALS[kind]
        return refuse(status, name, message.format(model=model))

    def opening(self, turn: Turn) -> Iterator[JSON]:
        usage = {
            "input_tokens": turn.given,
            "cache_creation_input_tokens": 2,
            "cache_read_input_tokens": 5,
            "output_tokens": 1,
        }
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": turn.model, "content": []}
        yield {"type": "message_start", "message": {**message, "stop_reason": None, "usage": usage}}
        if turn.thought:
            yield self._block(0, {"type": "thinking", "thinking": "", "signature": ""})
        else:
            yield self._block(0, {"type": "text", "text": ""})
        yield {"type": "ping"}

    def thinking(self, turn: Turn, token: str) -> Iterator[JSON]:
        yield self._delta(0, {"type": "thinking_delta", "thinking": token})

    def saying(self, turn: Turn, token: str) -> Iterator[JSON]:
        if turn.thought and turn.sent == 1:
            yield self._delta(0, {"type": "signature_delta", "signature": "c2ln"})
            yield {"type": "content_block_stop", "index": 0}
            yield self._block(1, {"type": "text", "text": ""})
        yield self._delta(1 if turn.thought else 0, {"type": "text_delta", "text": token})

    def closing(self, turn: Turn) -> Iterator[JSON]:
        yield {"type": "content_block_stop", "index": 1 if turn.thought else 0}
        usage: JSON = {"output_tokens": turn.written}
        if turn.thought:
            usage["output_tokens_details"] = {"thinking_tokens": len(turn.thought)}
        reason = "max_tokens" if turn.capped else "end_turn"
        yield {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
            "usage": usage,
        }
        yield {"type": "message_stop"}

    def broken(self, turn: Turn) -> Iterator[JSON]:
        yield error("api_error", "Internal server error")

    def _thinking(self, model: str, body: JSON) -> None:
        old = fnmatchcase(model, "claude-*-4-*")
        if "temperature" in body and not old:
            raise self._wrong("`temperature` is not supported for this model.")
        thinking, budgeted = body.get("thinking"), "haiku-4-5" in model
        match thinking:
            case None:
                return
            case {"type": "adaptive", **rest} if not budgeted and set(rest) <= {"display"}:
                return
            case {"type": "disabled", **rest} if not rest and model != "claude-sonnet-5-5":
                return
            case {"type": "enabled", "budget_tokens": int(budget), **rest} if budgeted and not rest:
                if 1024 <= budget < body["max_tokens"] and "temperature" not in body:
                    return
        raise self._wrong("thinking: Input tag is not allowed for this model")

    def _messages(self, body: JSON) -> str:
        messages = body.get("messages")
        if not messages or messages[0]["role"] != "user":
            raise self._wrong("messages: first message must use the user role")
        said = ""
        for message in messages:
            if set(message) != {"role", "content"} or message["role"] not in ("user", "assistant"):
                raise self._wrong("messages: Unexpected role. The system prompt is a top-level parameter.")
            texts = [self._part(part) for part in message["content"]]
            if not texts:
                raise self._wrong("messages: content must be non-empty")
            said = "".join(texts)
        return said

    def _part(self, part: JSON) -> str:
        match part:
            case {"type": "text", "text": str(text), **rest} if text.strip() and not rest:
                return text
            case {
                "type": "image",
                "source": {"type": "base64", "media_type": str(kind), "data": data, **more},
                **rest,
            }:
                if kind in ("image/png", "image/jpeg", "image/gif", "image/webp") and not more and not rest:
                    base64.b64decode(data, validate=True)
                    return ""
        raise self._wrong("messages: text content blocks must be non-empty")

    def _wrong(self, message: str) -> Refusal:
        return Refusal(refuse(400, "invalid_request_error", message))

    def _block(self, index: int, block: JSON) -> JSON:
        return {"type": "content_block_start", "index": index, "content_block": block}

    def _delta(self, index: int, delta: dict[str, Any]) -> JSON:
        return {"type": "content_block_delta", "index": index, "delta": delta}
