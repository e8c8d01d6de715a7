"""Cohere's API: chat and embeddings of version 2, models of version 1, by its reference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from tests.fakes.native.server import JSON, Refusal, Refused, Turn, vector

_FIELDS = {
    *("model", "messages", "stream", "max_tokens", "temperature", "thinking", "tools", "documents", "seed"),
    *("citation_options", "response_format", "safety_mode", "stop_sequences", "p", "k", "logprobs"),
}
_REFUSALS = {
    "rate": (429, "You are past the per minute request limit, please wait and try again later."),
    "quota": (402, "Please add or update your payment method at https://dashboard.cohere.com/billing"),
    "overloaded": (503, "The service is temporarily unavailable."),
    "server": (500, "internal server error, this has been reported to our developers"),
    "auth": (401, "invalid api token"),
    "model": (404, "model '{model}' not found, make sure the correct model ID was used."),
    "context": (400, "too many tokens: size limit exceeded by 1024 tokens. Try using shorter inputs."),
    "request": (400, "invalid request: message must be at least 1 token long."),
}


def refuse(status: int, message: str) -> Refused:
    return Refused(status, json.dumps({"id": "5b1c", "message": message}).encode())


class CohereDialect:
    """The paths, checks, events and refusals."""

    models = (
        "command-r7b-12-2024",
        "command-a-03-2025",
        "command-a-reasoning-08-2025",
        "command-r-plus-04-2024",
    )
    embedders = ("embed-v4.0",)

    def allowed(self, request: web.Request, key: str) -> bool:
        return request.headers.get("Authorization") == f"Bearer {key}"

    def is_list(self, request: web.Request) -> bool:
        return request.method == "GET" and request.path == "/v1/models"

    def listing(self, request: web.Request, page: int) -> JSON:
        assert request.query["endpoint"] == "chat"
        start = int(request.query.get("page_token", "0"))
        entries = [
            {
                "name": name,
                "endpoints": ["chat"],
                "context_length": 128_000,
                "is_deprecated": "04-2024" in name,
            }
            for name in self.models[start : start + page]
        ]
        more = {"next_page_token": str(start + page)} if start + page < len(self.models) else {}
        return {"models": entries} | more

    def is_embedding(self, request: web.Request) -> bool:
        return (request.method, request.path) == ("POST", "/v2/embed")

    def embedded(self, request: web.Request, body: JSON) -> JSON:
        assert set(body) == {"model", "texts", "input_type", "embedding_types"}
        if body["model"] not in self.embedders:
            raise Refusal(self.refusal("model", body["model"]))
        if len(body["texts"]) > 96:
            raise Refusal(refuse(400, "invalid request: total number of texts must be at most 96"))
        billed = {"input_tokens": sum(len(text.split()) for text in body["texts"])}
        vectors = [vector(text) for text in body["texts"]]
        return {
            "id": "e",
            "texts": body["texts"],
            "embeddings": {"float": vectors},
            "meta": {"billed_units": billed},
        }

    def checked(self, request: web.Request, body: JSON) -> tuple[str, str, int | None]:
        if (request.method, request.path) != ("POST", "/v2/chat"):
            raise Refusal(refuse(404, "Not found"))
        for name in set(body) - _FIELDS:
            raise Refusal(
                refuse(400, f"invalid request: unknown field: parameter '{name}' is not a valid field")
            )
        if body.get("model") not in self.models:
            raise Refusal(self.refusal("model", str(body.get("model"))))
        if "thinking" in body and "reasoning" not in body["model"]:
            raise Refusal(refuse(400, "invalid request: thinking is not supported by this model"))
        return body["model"], self._messages(body), body.get("max_tokens")

    def refusal(self, kind: str, model: str) -> Refused:
        if kind == "content":
            end = {"type": "message-end", "delta": {"finish_reason": "ERROR_TOXIC"}}
            return Refused(
                200, f"event: message-end\ndata: {json.dumps(end)}\n\n".encode(), "text/event-stream"
            )
        status, message = _REFUSALS[kind]
        return refuse(status, message.format(model=model))

    def opening(self, turn: Turn) -> Iterator[JSON]:
        message: JSON = {
            "role": "assistant",
            "content": [],
            "tool_plan": "",
            "tool_calls": [],
            "citations": [],
        }
        yield {"type": "message-start", "id": "m", "delta": {"message": message}}
        yield self._content("content-start", 0, "thinking" if turn.thought else "text", "", with_type=True)

    def thinking(self, turn: Turn, token: str) -> Iterator[JSON]:
        yield self._content("content-delta", 0, "thinking", token)

    def saying(self, turn: Turn, token: str) -> Iterator[JSON]:
        if turn.thought and turn.sent == 1:
            yield {"type": "content-end", "index": 0}
            yield self._content("content-start", 1, "text", "", with_type=True)
        yield self._content("content-delta", 1 if turn.thought else 0, "text", token)

    def closing(self, turn: Turn) -> Iterator[JSON]:
        yield {"type": "content-end", "index": 0}
        usage = {
            "billed_units": {"input_tokens": turn.given, "output_tokens": turn.written},
            "tokens": {"input_tokens": turn.given + 490, "output_tokens": turn.written + 2},
            "cached_tokens": 0,
        }
        reason = "MAX_TOKENS" if turn.capped else "COMPLETE"
        yield {"type": "message-end", "id": "m", "delta": {"finish_reason": reason, "usage": usage}}

    def broken(self, turn: Turn) -> Iterator[JSON]:
        delta = {"finish_reason": "ERROR", "error": "the generation failed on our side"}
        yield {"type": "message-end", "id": "m", "delta": delta}

    def _content(self, kind: str, index: int, name: str, text: str, *, with_type: bool = False) -> JSON:
        content: JSON = {name: text} | ({"type": name} if with_type else {})
        return {"type": kind, "index": index, "delta": {"message": {"content": content}}}

    def _messages(self, body: JSON) -> str:
        said = ""
        for message in body["messages"]:
            if set(message) != {"role", "content"} or message["role"] not in ("system", "user", "assistant"):
                raise Refusal(refuse(400, "invalid request: invalid role"))
            content: Any = message["content"]
            if isinstance(content, list):
                content = "".join(part["text"] for part in content if part["type"] == "text")
            if message["role"] == "user":
                said = content
        return said
