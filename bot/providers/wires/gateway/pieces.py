"""What one JSON piece of an answer says, in the spellings of gateways, OpenAI and the AI SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from bot.core.provider import Citation, FinishReason, ProviderEvent, Reasoning, Text, ToolCall, Usage
from bot.providers.counting import count, inner, nano

REASONS: Mapping[str, FinishReason] = MappingProxyType(
    {
        "stop": FinishReason.STOP,
        "eos": FinishReason.STOP,
        "end_turn": FinishReason.STOP,
        "length": FinishReason.LENGTH,
        "max_tokens": FinishReason.LENGTH,
        "tool-calls": FinishReason.TOOL_CALLS,
        "tool_calls": FinishReason.TOOL_CALLS,
        "content-filter": FinishReason.CONTENT_FILTER,
        "content_filter": FinishReason.CONTENT_FILTER,
    }
)
# The letters of an AI SDK data stream, and the piece that each stands for.
LETTERS: Mapping[str, str] = MappingProxyType({"0": "text-delta", "g": "reasoning-delta", "3": "error"})
OBJECTS: Mapping[str, str] = MappingProxyType(
    {"9": "tool-call", "h": "source", "d": "finish", "e": "finish-step"}
)
_SAID = ("text", "delta", "content", "output", "response", "answer", "completion", "message")
_WRAPPERS = ("result", "data", "output", "response", "message")
_THOUGHT = ("reasoning", "reasoning_content", "thinking", "reasoningText")
_DEPTH = 4  # how far inside an answer its text may stand


def events_of(piece: Mapping[str, Any], depth: int = 0) -> Iterator[ProviderEvent]:
    """The text, reasoning, sources and tool calls in a piece."""
    match piece.get("type"):
        case "text-delta" | "text":
            yield from _texts(Text, _first(piece, "delta", "textDelta", "text"))
        case "reasoning-delta" | "reasoning":
            yield from _texts(Reasoning, _first(piece, "delta", "textDelta", "text"))
        case "tool-input-available" | "tool-call":
            yield _call(piece)
        case "source-url" | "source":
            yield from _cited(piece.get("source") or piece)
        case str(kind) if "-" in kind or kind in ("start", "finish", "abort", "data"):
            return
        case _:
            yield from _plain(piece, depth)


def finish_of(piece: Mapping[str, Any]) -> FinishReason | None:
    """Why the answer ended, where the piece says so."""
    choice = _choice(piece)
    reason = _first(piece, "finishReason", "finish_reason") or inner(choice, "finish_reason")
    if isinstance(reason, str) and reason:
        return REASONS.get(reason, FinishReason.OTHER)
    ended = piece.get("type") == "finish" or piece.get("done") is True
    return FinishReason.STOP if ended else None


def usage_of(piece: Mapping[str, Any]) -> Usage | None:
    """What was used, where the piece says so; a cost in dollars beside it counts too."""
    for place in (piece, inner(piece, "messageMetadata"), inner(piece, "result"), inner(piece, "data")):
        for name in ("totalUsage", "usage"):
            found = _counted(inner(place, name))
            if found is not None:
                cost = nano(inner(place, name, "cost")) if found.cost is None else found.cost
                return replace(found, cost=nano(inner(place, "cost")) if cost is None else cost)
    return None


def _counted(value: object) -> Usage | None:
    given = _number(value, "inputTokens", "promptTokens", "prompt_tokens", "input_tokens")
    written = _number(value, "outputTokens", "completionTokens", "completion_tokens", "output_tokens")
    if not given and not written:
        return None
    reasoning = _number(value, "reasoningTokens", "reasoning_tokens") or count(
        value, "completion_tokens_details", "reasoning_tokens"
    )
    cached = _number(value, "cachedInputTokens", "cached_tokens") or count(
        value, "prompt_tokens_details", "cached_tokens"
    )
    return Usage(given, written, cached=min(cached, given), reasoning=min(reasoning, written))


def _number(value: object, *names: str) -> int:
    return next((found for name in names if (found := count(value, name))), 0)


def _plain(piece: Mapping[str, Any], depth: int) -> Iterator[ProviderEvent]:
    """A piece without a type of its own: OpenAI's form, or a text under one of its usual names."""
    choice = _choice(piece)
    if choice is not None:
        said = choice["delta"] if "delta" in choice else choice.get("message") or choice
        if isinstance(said, dict):
            yield from _plain({key: said[key] for key in said if key != "role"}, depth)
        return
    for name in _THOUGHT:
        yield from _texts(Reasoning, piece.get(name))
    for source in _list(piece.get("citations")) + _list(piece.get("sources")):
        yield from _cited(source)
    text = _first(piece, *_SAID)
    if isinstance(text, str):
        yield from _texts(Text, text)
    elif depth < _DEPTH:
        yield from _within(piece, depth)


def _within(piece: Mapping[str, Any], depth: int) -> Iterator[ProviderEvent]:
    """The answer inside a piece: a list of parts, or another object."""
    for part in _list(piece.get("content")):
        if isinstance(part, dict):
            yield from events_of(part, depth + 1)
        elif isinstance(part, str):
            yield from _texts(Text, part)
    inside = next((found for name in _WRAPPERS if isinstance(found := piece.get(name), dict | str)), None)
    if isinstance(inside, dict):
        yield from events_of(inside, depth + 1)
    elif isinstance(inside, str):
        yield from _texts(Text, inside)


def _choice(piece: Mapping[str, Any]) -> dict[str, Any] | None:
    choices = _list(piece.get("choices"))
    return choices[0] if choices and isinstance(choices[0], dict) else None


def _call(piece: Mapping[str, Any]) -> ToolCall:
    arguments = _first(piece, "input", "args", "arguments")
    written = arguments if isinstance(arguments, str) else json.dumps({} if arguments is None else arguments)
    return ToolCall(str(piece.get("toolCallId") or "call_0"), str(piece.get("toolName") or ""), written)


def _cited(source: object) -> Iterator[Citation]:
    url = source if isinstance(source, str) else inner(source, "url")
    title = inner(source, "title")
    if isinstance(url, str) and url:
        yield Citation(url, title if isinstance(title, str) else "")


def _texts(kind: type[Text | Reasoning], value: object) -> Iterator[ProviderEvent]:
    if isinstance(value, str) and value:
        yield kind(value)


def _first(piece: Mapping[str, Any], *names: str) -> Any:
    """The first text under these names, else the first thing at all."""
    found = [piece[name] for name in names if piece.get(name) is not None]
    return next((value for value in found if isinstance(value, str)), found[0] if found else None)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
