"""The other wires of the fake provider: what each allows in a request, and what its answers look like.

Each request is checked by its own reference and then read as one of chat completions, so that scripts, counts and
bills are the same for all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.rules import JSON, Refusal
from tests.fakes.streaming import Stream

_Fields = Mapping[str, type | tuple[type, ...]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One wire: how a body becomes one of chat completions, how it answers, and the body of a refusal."""

    translated: Callable[[JSON], JSON]
    stream: type[Stream]
    refused: Callable[[Refusal], JSON]


def _only(body: Mapping[str, Any], known: _Fields, where: str = "") -> None:
    for name, value in body.items():
        if name not in known:
            raise Refusal(400, f"Unknown parameter: '{where}{name}'.", param=where + name)
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
            raise Refusal(400, f"Invalid type for '{where}{name}'.", param=where + name)


# ---- Responses

_RESPONSES: _Fields = {
    "model": str,
    "input": list,
    "instructions": str,
    "stream": bool,
    "store": bool,
    "reasoning": dict,
    "max_output_tokens": int,
    "temperature": (int, float),
    "stream_options": dict,
}
_PARTS = {"input_text": ("text",), "output_text": ("text",), "input_image": ("image_url", "detail")}


def _from_responses(body: JSON) -> JSON:
    _only(body, _RESPONSES)
    if body.get("store") is not False:
        raise Refusal(400, "This fake stores nothing.", param="store")
    _only(body.get("reasoning", {}), {"effort": str, "summary": str}, "reasoning.")
    _only(body.get("stream_options", {}), {"include_obfuscation": bool}, "stream_options.")
    messages = [{"role": "system", "content": body["instructions"]}] if "instructions" in body else []
    for item in body["input"]:
        content = [_response_part(item, part) for part in item["content"]]
        messages += [{"role": item["role"], "content": content}]
    given = {"model": body["model"], "messages": messages, "stream": body.get("stream", False)}
    given["stream_options"] = {"include_usage": True}
    if "max_output_tokens" in body:
        given["max_completion_tokens"] = body["max_output_tokens"]
    return given


def _response_part(item: JSON, part: JSON) -> JSON:
    kind = part.get("type")
    if set(part) - {"type"} != set(_PARTS.get(str(kind), ())):
        raise Refusal(400, "Invalid content part.", param="input")
    if (kind == "output_text") != (item["role"] == "assistant"):
        raise Refusal(400, f"Invalid value: '{kind}'.", param="input")
    if kind == "input_image":
        return {"type": "image_url", "image_url": {"url": part["image_url"], "detail": part["detail"]}}
    return {"type": "text", "text": part["text"]}


class ResponseStream(Stream):
    """Named events, each with a number."""

    end_mark = b""
    garbage = b'event: response.output_text.delta\ndata: {"type": "response.\xff\n\n'
    _number = 0

    def framed(self, frame: JSON) -> bytes:
        self._number += 1
        data = json.dumps({**frame, "sequence_number": self._number}, separators=(",", ":"))
        return f"event: {frame['type']}\ndata: {data}\n\n".encode()

    def opening(self) -> list[JSON]:
        response = {"id": "resp_1", "object": "response", "status": "in_progress", "output": []}
        return [{"type": f"response.{kind}", "response": response} for kind in ("created", "in_progress")]

    def thinking(self, token: str) -> list[JSON]:
        return [{"type": "response.reasoning_summary_text.delta", "summary_index": 0, "delta": token}]

    def saying(self, text: str) -> list[JSON]:
        return [{"type": "response.output_text.delta", "content_index": 0, "delta": text}]

    def failing(self) -> list[JSON]:
        error = {"code": "server_error", "message": "The server had an error."}
        return [{"type": "response.failed", "response": {"status": "failed", "error": error}}]

    def closing(self) -> list[JSON]:
        counted = self.usage
        usage = {
            "input_tokens": counted["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": counted["completion_tokens"],
            "output_tokens_details": counted["completion_tokens_details"],
        }
        response: JSON = {"id": "resp_1", "status": "completed", "usage": usage}
        if self._finish == "stop":
            return [{"type": "response.completed", "response": response}]
        response |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        return [{"type": "response.incomplete", "response": response}]


# ---- Ollama

_OLLAMA: _Fields = {
    "model": str,
    "messages": list,
    "stream": bool,
    "truncate": bool,
    "shift": bool,
    "keep_alive": str,
    "options": dict,
    "think": (bool, str),
}
_OPTIONS: _Fields = {"num_ctx": int, "num_predict": int, "temperature": (int, float)}


def _from_ollama(body: JSON) -> JSON:
    if isinstance(body.get("think"), bool):
        _only({name: value for name, value in body.items() if name != "think"}, _OLLAMA)
    else:
        _only(body, _OLLAMA)
    options = body.get("options", {})
    _only(options, _OPTIONS, "options.")
    messages = []
    for message in body["messages"]:
        _only(message, {"role": str, "content": str, "images": list})
        images = [f"data:image/png;base64,{image}" for image in message.get("images", [])]
        parts = [{"type": "image_url", "image_url": {"url": url}} for url in images]
        text = {"type": "text", "text": message["content"]}
        messages.append({"role": message["role"], "content": [text, *parts]})
    given = {"model": body["model"], "messages": messages, "stream": body.get("stream", True)}
    return given | ({"max_tokens": options["num_predict"]} if "num_predict" in options else {})


class OllamaStream(Stream):
    """Lines of JSON; reasoning has a field of its own, and is counted as any output."""

    content_type = "application/x-ndjson"
    keep_alive = b"\n"
    garbage = b'{"model": "\xff\xfe, nonsense\n'
    end_mark = b""

    def framed(self, frame: JSON) -> bytes:
        return json.dumps(frame, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

    def opening(self) -> list[JSON]:
        return []

    def thinking(self, token: str) -> list[JSON]:
        return [self._line({"role": "assistant", "content": "", "thinking": token})]

    def saying(self, text: str) -> list[JSON]:
        return [self._line({"role": "assistant", "content": text})]

    def failing(self) -> list[JSON]:
        return [{"error": "an error was encountered while running the model"}]

    def closing(self) -> list[JSON]:
        counted = self.usage
        line = self._line({"role": "assistant", "content": ""})
        return [
            line
            | {"done": True, "done_reason": self._finish, "total_duration": 1_000_000}
            | {"prompt_eval_count": counted["prompt_tokens"], "eval_count": counted["completion_tokens"]}
        ]

    def _line(self, message: JSON) -> JSON:
        created = "2026-11-20T12:00:00Z"
        return {"model": self._body["model"], "created_at": created, "message": message, "done": False}


# ---- the generic gateway

_GENERATE: _Fields = {
    "provider": str,
    "model": str,
    "feature": str,
    "subfeature": str,
    "featureOptions": dict,
    "input": dict,
}
_FEATURE_OPTIONS: _Fields = {
    "streaming": bool,
    "json": bool,
    "maxTokens": int,
    "temperature": (int, float),
    "reasoningEffort": str,
}


def _from_gateway(body: JSON) -> JSON:
    _only(body, _GENERATE)
    if (body["feature"], body["subfeature"]) != ("llm", "chat"):
        raise Refusal(400, "Unknown feature.", param="feature")
    options, given = body["featureOptions"], body["input"]
    _only(options, _FEATURE_OPTIONS, "featureOptions.")
    _only(given, {"messages": list, "systemPrompt": str, "tools": list}, "input.")
    system = [{"role": "system", "content": given["systemPrompt"]}] if given["systemPrompt"] else []
    chat = {"model": f"{body['provider']}/{body['model']}", "stream": options["streaming"]}
    chat["messages"] = system + [_gateway_message(message) for message in given["messages"]]
    return chat | ({"max_tokens": options["maxTokens"]} if "maxTokens" in options else {})


def _gateway_message(message: JSON) -> JSON:
    if isinstance(message["content"], str):
        return message
    parts = []
    for part in message["content"]:
        image = {"type": "image_url", "image_url": {"url": part.get("image")}}
        parts.append(image if part["type"] == "image" else part)
    return {"role": message["role"], "content": parts}


class GatewayStream(Stream):
    """Events as the AI SDK streams them to a page."""

    headers: Mapping[str, str] = {"x-vercel-ai-ui-message-stream": "v1"}

    def opening(self) -> list[JSON]:
        return [{"type": "start", "messageId": "m1"}, {"type": "start-step"}]

    def thinking(self, token: str) -> list[JSON]:
        return [{"type": "reasoning-delta", "id": "r1", "delta": token}]

    def saying(self, text: str) -> list[JSON]:
        return [{"type": "text-delta", "id": "t1", "delta": text}]

    def failing(self) -> list[JSON]:
        return [{"type": "error", "errorText": "The server had an error."}]

    def closing(self) -> list[JSON]:
        counted = self.usage
        usage = {"inputTokens": counted["prompt_tokens"], "outputTokens": counted["completion_tokens"]}
        usage["reasoningTokens"] = counted["completion_tokens_details"]["reasoning_tokens"]
        return [
            {"type": "finish-step"},
            {"type": "finish", "finishReason": self._finish, "messageMetadata": {"usage": usage}},
        ]


def _text_alone(refused: Refusal) -> JSON:
    error = refused.body["error"]
    return {"error": " ".join(str(part) for part in (error["code"], error["message"]) if part)}


RESPONSES = Dialect(_from_responses, ResponseStream, lambda refused: refused.body)
OLLAMA = Dialect(_from_ollama, OllamaStream, _text_alone)
GATEWAY = Dialect(_from_gateway, GatewayStream, lambda refused: refused.body)
