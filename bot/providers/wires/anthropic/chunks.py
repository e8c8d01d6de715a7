"""What comes back: events of the Messages API, as ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.core.provider import Citation, FinishReason, ProviderEvent, Reasoning, Text, Usage
from bot.providers.answer import Answer, Call, count, inner, items, text
from bot.providers.classify import Complaint, Origin, failure

_REASONS: Mapping[str, FinishReason] = MappingProxyType(
    {
        "end_turn": FinishReason.STOP,
        "stop_sequence": FinishReason.STOP,
        "max_tokens": FinishReason.LENGTH,
        "model_context_window_exceeded": FinishReason.LENGTH,
        "tool_use": FinishReason.TOOL_CALLS,
        "refusal": FinishReason.CONTENT_FILTER,
    }
)


class MessageChunks(Answer):
    """One answer of the Messages API. Usage is cumulative: the last figure of each kind counts."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._counted: dict[str, int] = {}

    def _take(self, chunk: dict[str, Any]) -> list[ProviderEvent]:
        match chunk.get("type"):
            case "content_block_delta":
                return self._delta(chunk.get("index"), inner(chunk, "delta"))
            case "content_block_start":
                return self._block(chunk.get("index"), inner(chunk, "content_block"))
            case "message_start":
                self._count(inner(chunk, "message", "usage"))
            case "message_delta":
                self._count(inner(chunk, "usage"))
                self._stopped(text(inner(chunk, "delta"), "stop_reason"))
            case "message_stop":
                self.done = True
            case "message":
                return self._message(chunk)
            case _ if chunk.get("error"):
                raise failure(self.origin, Complaint.of(chunk))
        return []

    def _message(self, message: dict[str, Any]) -> list[ProviderEvent]:
        """An answer that was not streamed."""
        blocks = enumerate(items(message, "content"))
        events = [event for index, block in blocks for event in self._block(index, block)]
        self._count(inner(message, "usage"))
        self._stopped(text(message, "stop_reason"))
        self.done = True
        return events

    def _stopped(self, reason: str) -> None:
        if reason:
            self.finish = _REASONS.get(reason, FinishReason.OTHER)
            self.overflow = reason == "model_context_window_exceeded"

    def _block(self, index: object, block: dict[str, Any]) -> list[ProviderEvent]:
        match block.get("type"):
            case "text":
                cited = [event for each in items(block, "citations") for event in _citation(each)]
                said = text(block, "text")
                return [Text(said), *cited] if said else cited
            case "thinking":
                thought = text(block, "thinking")
                return [Reasoning(thought)] if thought else []
            case "tool_use":
                given = block.get("input")
                arguments = json.dumps(given) if given else ""
                self.calls[str(index)] = Call(text(block, "id"), text(block, "name"), arguments)
        return []

    def _delta(self, index: object, delta: dict[str, Any]) -> list[ProviderEvent]:
        match delta.get("type"):
            case "text_delta" if said := text(delta, "text"):
                return [Text(said)]
            case "thinking_delta" if thought := text(delta, "thinking"):
                return [Reasoning(thought)]
            case "citations_delta":
                return _citation(inner(delta, "citation"))
            case "input_json_delta" if call := self.calls.get(str(index)):
                call.arguments += text(delta, "partial_json")
        return []

    def _count(self, usage: dict[str, Any]) -> None:
        told = {name: number for name in usage if (number := count(usage, name)) is not None}
        thought = count(inner(usage, "output_tokens_details"), "thinking_tokens")
        self._counted |= told if thought is None else told | {"thinking_tokens": thought}
        cached, written = self._of("cache_read_input_tokens"), self._of("cache_creation_input_tokens")
        output = self._of("output_tokens")
        given = self._of("input_tokens") + cached + written
        if given or output:
            self.usage = Usage(given, output, cached, written, min(self._of("thinking_tokens"), output))

    def _of(self, name: str) -> int:
        return self._counted.get(name, 0)


def _citation(citation: dict[str, Any]) -> list[ProviderEvent]:
    """Sources on the web; what was cited from a file that the person sent needs no link."""
    url = text(citation, "url")
    return [Citation(url, text(citation, "title"))] if url.startswith(("https://", "http://")) else []
