"""What comes back: pieces of Gemini's answer, as events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bot.core.errors import ContentFiltered
from bot.core.provider import Citation, FinishReason, ProviderEvent, Reasoning, Text, Usage
from bot.providers.answer import Answer, Call, count, inner, items, text
from bot.providers.classify import Complaint, Origin, failure

GOES_ON = "CONTINUATION"

_FILTERED = (
    *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"),
    *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR"),
)
_REASONS: Mapping[str, FinishReason] = MappingProxyType(
    {
        "STOP": FinishReason.STOP,
        "MAX_TOKENS": FinishReason.LENGTH,
        **dict.fromkeys(_FILTERED, FinishReason.CONTENT_FILTER),
    }
)
_UNSAID = ("", "FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED")


class ContentChunks(Answer):
    """One answer of Gemini, which may come over several requests: ``continuation`` is the token for the next.

    Usage is cumulative within one request: the last figure of each counts, and all of them are summed.
    """

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self.continuation = ""
        self._before = Usage(0, 0)
        self._cited: set[str] = set()

    def go_on(self) -> str:
        """The token to ask for the continuation with; from here on that is what is read."""
        token, self.continuation = self.continuation, ""
        self.finish, self.done = None, False
        self._before = self.usage or self._before
        return token

    def end(self) -> Iterator[ProviderEvent]:
        """As any answer's; nothing where it goes on."""
        if not self.continuation:
            yield from super().end()

    def _take(self, chunk: dict[str, Any]) -> list[ProviderEvent]:
        if chunk.get("error"):
            raise failure(self.origin, Complaint.of(chunk))
        self._count(inner(chunk, "usageMetadata"))
        blocked = text(inner(chunk, "promptFeedback"), "blockReason")
        if blocked not in _UNSAID and not self.begun:
            raise self.error(ContentFiltered, f"the prompt was blocked: {blocked}")
        first = [each for each in items(chunk, "candidates") if each.get("index") in (None, 0)]
        return self._candidate(first[0]) if first else []

    def _candidate(self, candidate: dict[str, Any]) -> list[ProviderEvent]:
        if self.ended:
            return []
        events = [event for part in items(inner(candidate, "content"), "parts") for event in self._part(part)]
        events += self._citations(candidate)
        reason = text(candidate, "finishReason")
        if reason == GOES_ON:
            self.continuation = text(candidate, "continuationToken")
        if reason not in _UNSAID:
            self.finish = _REASONS.get(reason, FinishReason.OTHER)
            if self.calls and self.finish is FinishReason.STOP:
                self.finish = FinishReason.TOOL_CALLS
        return events

    def _part(self, part: dict[str, Any]) -> list[ProviderEvent]:
        if call := inner(part, "functionCall"):
            arguments = json.dumps(inner(call, "args"))
            self.calls[len(self.calls)] = Call(text(call, "id"), text(call, "name"), arguments)
        said = text(part, "text")
        if not said:
            return []
        return [Reasoning(said) if part.get("thought") is True else Text(said)]

    def _citations(self, candidate: dict[str, Any]) -> list[ProviderEvent]:
        """Each source once: pages that were searched, and works that are quoted."""
        pages = [
            inner(each, "web") for each in items(inner(candidate, "groundingMetadata"), "groundingChunks")
        ]
        works = items(inner(candidate, "citationMetadata"), "citationSources")
        events: list[ProviderEvent] = []
        for source in (*pages, *works):
            url = text(source, "uri")
            if url.startswith(("https://", "http://")) and url not in self._cited:
                self._cited.add(url)
                events.append(Citation(url, text(source, "title")))
        return events

    def _count(self, usage: dict[str, Any]) -> None:
        if not usage:
            return
        given, thought = _of(usage, "promptTokenCount"), _of(usage, "thoughtsTokenCount")
        given += _of(usage, "toolUsePromptTokenCount")
        before = self._before
        self.usage = Usage(
            before.input + given,
            before.output + _of(usage, "candidatesTokenCount") + thought,
            cached=before.cached + min(_of(usage, "cachedContentTokenCount"), given),
            reasoning=before.reasoning + thought,
        )


def _of(usage: dict[str, Any], name: str) -> int:
    return count(usage, name) or 0
