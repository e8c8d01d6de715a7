"""What comes back: events of Cohere's chat, as ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.core.errors import TimedOut
from bot.core.provider import Citation, FinishReason, ProviderEvent, Reasoning, Text, Usage
from bot.providers.answer import Answer, Call, count, inner, items, text
from bot.providers.classify import Complaint, Origin, failure

_REASONS: Mapping[str, FinishReason] = MappingProxyType(
    {
        "COMPLETE": FinishReason.STOP,
        "STOP_SEQUENCE": FinishReason.STOP,
        "MAX_TOKENS": FinishReason.LENGTH,
        "TOOL_CALL": FinishReason.TOOL_CALLS,
        "ERROR_TOXIC": FinishReason.CONTENT_FILTER,
    }
)


class ChatChunks(Answer):
    """One answer of Cohere's chat. Usage is what it bills, which leaves out what it adds to the prompt itself."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._cited: set[str] = set()

    def _take(self, chunk: dict[str, Any]) -> list[ProviderEvent]:
        delta, kind = inner(chunk, "delta"), chunk.get("type")
        message = inner(delta, "message")
        match kind:
            case "content-start" | "content-delta":
                return _content(inner(message, "content"))
            case "tool-plan-delta":
                plan = text(message, "tool_plan")
                return [Reasoning(plan)] if plan else []
            case "tool-call-start" | "tool-call-delta":
                self._call(chunk.get("index"), inner(message, "tool_calls"))
            case "citation-start":
                return self._citations(items(message, "citations"))
            case "message-end":
                self._ended(delta)
            case _ if "finish_reason" in chunk:
                return self._whole(chunk)
            case None if chunk.get("message") or chunk.get("error"):
                raise failure(self.origin, Complaint.of(chunk))
        return []

    def _whole(self, answer: dict[str, Any]) -> list[ProviderEvent]:
        """An answer that was not streamed."""
        message = inner(answer, "message")
        events = [event for part in items(message, "content") for event in _content(part)]
        for index, call in enumerate(items(message, "tool_calls")):
            self._call(index, call)
        events += self._citations(items(message, "citations"))
        self._ended(answer)
        return events

    def _ended(self, delta: dict[str, Any]) -> None:
        """Take the end. Raises where it is the end of an attempt that failed."""
        self._count(inner(delta, "usage"))
        reason = text(delta, "finish_reason").upper()
        if reason == "TIMEOUT":
            raise self.error(TimedOut, f"it gave up: {text(delta, 'error')}")
        if reason == "ERROR":
            told = delta.get("error")
            raise failure(self.origin, Complaint.of(told or "the model failed"))
        if reason:
            self.finish, self.done = _REASONS.get(reason, FinishReason.OTHER), True

    def _call(self, index: object, piece: dict[str, Any]) -> None:
        call = self.calls.setdefault(str(index), Call())
        function = inner(piece, "function")
        call.id = call.id or text(piece, "id")
        call.name = call.name or text(function, "name")
        call.arguments += text(function, "arguments")

    def _citations(self, citations: list[dict[str, Any]]) -> list[ProviderEvent]:
        """Each source that has an address, once."""
        events: list[ProviderEvent] = []
        for source in (source for each in citations for source in items(each, "sources")):
            document = inner(source, "document") or inner(source, "tool_output")
            url = text(document, "url")
            if url.startswith(("https://", "http://")) and url not in self._cited:
                self._cited.add(url)
                events.append(Citation(url, text(document, "title")))
        return events

    def _count(self, usage: dict[str, Any]) -> None:
        billed, counted = inner(usage, "billed_units"), inner(usage, "tokens")
        given, written = (_first(billed, counted, name) for name in ("input_tokens", "output_tokens"))
        if given or written:
            self.usage = Usage(given, written, cached=min(count(usage, "cached_tokens") or 0, given))


def _first(billed: dict[str, Any], counted: dict[str, Any], name: str) -> int:
    found = count(billed, name)
    return (count(counted, name) or 0) if found is None else found


def _content(content: dict[str, Any]) -> list[ProviderEvent]:
    thought, said = text(content, "thinking"), text(content, "text")
    events: list[ProviderEvent] = [Reasoning(thought)] if thought else []
    return [*events, Text(said)] if said else events
