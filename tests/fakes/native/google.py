"""Gemini's own API, v1beta, by its reference."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from tests.fakes.native.server import JSON, Refusal, Refused, Turn, vector

_PATH = re.compile(r"/v1beta/models/([\w.-]+):(\w+)")
_FIELDS = {
    *("contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig"),
    *("cachedContent", "continuationToken"),
}
_CONFIG = {"maxOutputTokens", "temperature", "topP", "topK", "thinkingConfig", "stopSequences", "seed"}
_TYPE = "type.googleapis.com/google.rpc."
_REFUSALS = {
    "quota": (402, "RESOURCE_EXHAUSTED", "Payment required."),
    "overloaded": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "server": (500, "INTERNAL", "An internal error has occurred."),
    "model": (404, "NOT_FOUND", "models/{model} is not found for API version v1beta."),
    "context": (
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    "request": (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
}
_QUOTA = "You exceeded your current quota, please check your plan and billing details."


def refuse(status: int, name: str, message: str, details: list[JSON] | None = None) -> Refused:
    error: JSON = {"code": status, "message": message, "status": name}
    return Refused(status, json.dumps({"error": error | ({"details": details} if details else {})}).encode())


def exhausted(quota: str, delay: str = "14s") -> Refused:
    violations = [{"quotaMetric": "generate_content_requests", "quotaId": quota, "quotaValue": "5"}]
    details: list[JSON] = [
        {"@type": f"{_TYPE}QuotaFailure", "violations": violations},
        {"@type": f"{_TYPE}Help", "links": [{"url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]},
        {"@type": f"{_TYPE}RetryInfo", "retryDelay": delay},
    ]
    return refuse(429, "RESOURCE_EXHAUSTED", _QUOTA, details)


class GoogleDialect:
    """The paths, checks, chunks and refusals."""

    models = ("gemini-3.8-flash", "gemini-2.5-flash", "gemma-4-31b-it", "gemini-4-argon")
    embedders = ("gemini-embedding-001",)

    def allowed(self, request: web.Request, key: str) -> bool:
        assert "key" not in request.query, "the key is in the address"
        return request.headers.get("x-goog-api-key") == key

    def is_list(self, request: web.Request) -> bool:
        return request.method == "GET" and request.path == "/v1beta/models"

    def listing(self, request: web.Request, page: int) -> JSON:
        everything = (*self.embedders, *self.models)
        start = int(request.query.get("pageToken", "0"))
        entries = [
            {
                "name": f"models/{name}",
                "displayName": name,
                "inputTokenLimit": 1_048_576,
                "supportedGenerationMethods": ["embedContent"]
                if name in self.embedders
                else ["generateContent", "countTokens"],
            }
            for name in everything[start : start + page]
        ]
        more = {"nextPageToken": str(start + page)} if start + page < len(everything) else {}
        return {"models": entries} | more

    def is_embedding(self, request: web.Request) -> bool:
        return request.path.endswith(":batchEmbedContents")

    def embedded(self, request: web.Request, body: JSON) -> JSON:
        found = _PATH.fullmatch(request.path)
        if found is None or found[1] not in self.embedders:
            raise Refusal(self.refusal("model", "?"))
        asked = body["requests"]
        if len(asked) > 100:
            raise self._wrong("at most 100 requests can be in one batch")
        assert all(each["model"] == f"models/{found[1]}" for each in asked)
        texts = [each["content"]["parts"][0]["text"] for each in asked]
        return {"embeddings": [{"values": vector(text)} for text in texts]}

    def checked(self, request: web.Request, body: JSON) -> tuple[str, str, int | None]:
        found = _PATH.fullmatch(request.path)
        if found is None or found[1] not in self.models:
            raise Refusal(self.refusal("model", found[1] if found else request.path))
        assert (found[2], request.query_string) == ("streamGenerateContent", "alt=sse")
        for name in set(body) - _FIELDS:
            raise self._wrong(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
        config = body.get("generationConfig", {})
        for name in set(config) - _CONFIG:
            raise self._wrong(f"Unknown name {name}")
        self._thinking(found[1], config.get("thinkingConfig"))
        return found[1], self._contents(body), config.get("maxOutputTokens")

    def refusal(self, kind: str, model: str) -> Refused:
        if kind == "rate":
            return exhausted("GenerateRequestsPerMinutePerProjectPerModel-FreeTier")
        if kind == "auth":
            reason = {"@type": f"{_TYPE}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
            return refuse(400, "INVALID_ARGUMENT", "Please pass a valid one.", [reason])
        if kind == "content":
            blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 7}}
            return Refused(200, f"data: {json.dumps(blocked)}\n\n".encode(), "text/event-stream")
        status, name, message = _REFUSALS[kind]
        return refuse(status, name, message.format(model=model))

    def opening(self, turn: Turn) -> Iterator[JSON]:
        yield from ()

    def thinking(self, turn: Turn, token: str) -> Iterator[JSON]:
        yield self._chunk(turn, [{"text": token, "thought": True}])

    def saying(self, turn: Turn, token: str) -> Iterator[JSON]:
        yield self._chunk(turn, [{"text": token}])

    def closing(self, turn: Turn) -> Iterator[JSON]:
        yield self._chunk(turn, [{"text": ""}], "MAX_TOKENS" if turn.capped else "STOP")

    def broken(self, turn: Turn) -> Iterator[JSON]:
        yield {"error": {"code": 500, "message": "An internal error has occurred.", "status": "INTERNAL"}}

    def _chunk(self, turn: Turn, parts: list[JSON], finish: str = "") -> JSON:
        candidate: JSON = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        usage: JSON = {"promptTokenCount": turn.given, "candidatesTokenCount": turn.sent}
        if turn.thought:
            usage["thoughtsTokenCount"] = len(turn.thought)
        usage["totalTokenCount"] = turn.given + turn.written
        return {
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": turn.model,
            "responseId": "r",
        }

    def _thinking(self, model: str, thinking: JSON | None) -> None:
        if thinking is None:
            return
        if model.startswith("gemma") or set(thinking) - {
            "includeThoughts",
            "thinkingLevel",
            "thinkingBudget",
        }:
            raise self._wrong(f"Thinking is not enabled for models/{model}")
        old = model.startswith("gemini-2.5")
        if "thinkingLevel" in thinking and (
            old or thinking["thinkingLevel"] not in ("LOW", "MEDIUM", "HIGH")
        ):
            raise self._wrong("Thinking level is not supported for this model.")
        if "thinkingBudget" in thinking and not old:
            raise self._wrong("Thinking budget is not supported for this model.")

    def _contents(self, body: JSON) -> str:
        said = ""
        for content in body.get("contents") or [{}]:
            if (
                set(content) != {"role", "parts"}
                or content["role"] not in ("user", "model")
                or not content["parts"]
            ):
                raise self._wrong("contents is not specified")
            said = "".join(self._part(part) for part in content["parts"])
        return said

    def _part(self, part: dict[str, Any]) -> str:
        match part:
            case {"text": str(text), **rest} if not rest:
                return text
            case {"inlineData": {"mimeType": str(kind), "data": data, **more}, **rest} if (
                not more and not rest
            ):
                if kind in ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"):
                    base64.b64decode(data, validate=True)
                    return ""
        raise self._wrong("Unsupported MIME type")

    def _wrong(self, message: str) -> Refusal:
        return Refusal(refuse(400, "INVALID_ARGUMENT", message))
