"""How each provider speaks, as its reference and its SDK say: what it refuses, and where it puts what.

Written from those and not from our rows, so that the two cannot agree on the same mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tests.fakes.rules import JSON
from tests.fakes.streaming import Stream


@dataclass(frozen=True, slots=True)
class Manner:
    """One server of OpenAI's protocol.

    ``header`` and ``scheme`` carry the key; ``refuses`` are fields it answers with a 400,
    ``knows`` those it has beyond OpenAI's; ``only_cap`` the one field
    for a cap that it knows. ``thought``: under which name, or how, reasoning comes. ``usage``: where it stands.
    ``cost``: in which form it reports one, always 0.0123 dollars.
    """

    header: str = "Authorization"
    scheme: str = "Bearer "
    refuses: frozenset[str] = frozenset()
    knows: frozenset[str] = frozenset()
    only_cap: str = ""
    thought: Literal["reasoning_content", "reasoning", "parts", "tags", "details"] = "reasoning_content"
    usage: Literal["asked", "last", "x_groq", "every", "timings"] = "asked"
    apart: bool = False  # the count of output leaves the reasoning out
    cost: Literal["", "usage", "total", "ticks", "top"] = ""
    accumulates: bool = False  # every chunk has the whole message beside its delta
    comments: bool = False
    error: Literal["object", "chunk", "bare", "groq", "mistral"] = "object"
    deployments: str = ""  # the api-version that addresses by deployment need
    sources: tuple[tuple[str, str], ...] = ()
    bare_list: bool = False


SOURCES = (("https://a.example/1", "First"), ("https://b.example/2", "Second"))
_PENALTIES = frozenset({"n", "seed", "user"})

MANNERS: Mapping[str, Manner] = MappingProxyType(
    {
        "openai": Manner(),
        "deepseek": Manner(
            only_cap="max_tokens",
            refuses=_PENALTIES | {"max_completion_tokens"},
            knows=frozenset({"thinking"}),
            comments=True,
        ),
        "mistral": Manner(
            only_cap="max_tokens",
            refuses=frozenset({"stream_options", "seed", "max_completion_tokens", "store", "user"}),
            thought="parts",
            usage="last",
            error="mistral",
        ),
        "xai": Manner(refuses=frozenset({"stop"}), apart=True, cost="ticks", error="bare", sources=SOURCES),
        "groq": Manner(
            knows=frozenset({"reasoning_format"}), thought="reasoning", usage="x_groq", error="groq"
        ),
        "together": Manner(only_cap="max_tokens", thought="reasoning", usage="last", bare_list=True),
        "perplexity": Manner(
            only_cap="max_tokens",
            refuses=frozenset({"stream_options", "max_completion_tokens", "store"}),
            thought="tags",
            usage="every",
            apart=True,
            cost="total",
            accumulates=True,
            sources=SOURCES,
        ),
        "huggingface": Manner(thought="reasoning"),
        "openrouter": Manner(
            refuses=frozenset({"reasoning_effort"}),
            knows=frozenset({"reasoning", "provider"}),
            thought="reasoning",
            usage="last",
            cost="usage",
            comments=True,
            error="chunk",
        ),
        "vercel": Manner(thought="reasoning", cost="usage"),
        "edenai": Manner(thought="tags", cost="top"),
        "fal": Manner(
            scheme="Key ",
            refuses=frozenset({"reasoning_effort"}),
            knows=frozenset({"reasoning", "provider"}),
            thought="details",
            usage="last",
            cost="usage",
            error="chunk",
        ),
        "litellm": Manner(),
        "azure": Manner(header="api-key", scheme="", deployments="2024-10-21"),
        "compatible": Manner(only_cap="max_tokens", usage="timings"),
    }
)
"""By provider id."""

COST = 12_300_000  # nano-dollars; what every server with a figure of its own reports


class Mannered(Stream):
    """An answer in the manner of one provider."""

    manner: Manner
    _opened = False

    def framed(self, frame: JSON) -> bytes:
        """With a comment before it, from those who send some."""
        comment = b": PROCESSING\n\n" if self.manner.comments else b""
        return comment + super().framed(frame)

    def opening(self) -> list[JSON]:
        first = super().opening()
        if self.manner.deployments:
            filtered = [{"prompt_index": 0, "content_filter_results": {}}]
            first.insert(0, self._frame([], None) | {"prompt_filter_results": filtered})
        return first

    def thinking(self, token: str) -> list[JSON]:
        match self.manner.thought:
            case "parts":
                content = [{"type": "thinking", "thinking": [{"type": "text", "text": token}]}]
                return [self._chunk({"content": content})]
            case "tags":
                first, self._opened = not self._opened, True
                return [self._chunk({"content": f"<think>{token}" if first else token})]
            case "details":
                detail = {"type": "reasoning.text", "text": token}
                return [self._chunk({"content": "", "reasoning_details": [detail]})]
            case name:
                return [self._chunk({name: token})]

    def saying(self, text: str) -> list[JSON]:
        if self._opened:
            self._opened, text = False, f"</think>\n\n{text}"
        content = [{"type": "text", "text": text}] if self.manner.thought == "parts" else text
        return [self._chunk({"content": content})]

    def failing(self) -> list[JSON]:
        match self.manner.error:
            case "chunk":
                error = {"code": 502, "message": "Upstream failed", "metadata": {"error_type": "server"}}
                choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
                return [{"error": error, "choices": [choice]}]
            case "bare":
                return [{"code": "The service failed", "error": "The server had an error."}]
            case "groq":
                return [{"x_groq": {"error": "The server had an error."}, "choices": []}]
            case "mistral":
                return [self._chunk({"content": ""}, "error")]
            case _:
                return super().failing()

    def closing(self) -> list[JSON]:
        last = self._chunk({"content": ""}, self._finish)
        if self.manner.sources:
            last["citations"] = [url for url, _ in self.manner.sources]
            last["search_results"] = [{"url": url, "title": title} for url, title in self.manner.sources]
        if not self._script.usage:
            return [last]
        counted = self.usage
        match self.manner.usage:
            case "x_groq":
                return [last | {"x_groq": {"id": "req_1", "usage": counted}}]
            case "timings":
                given, written = counted["prompt_tokens"], counted["completion_tokens"]
                return [last | {"timings": {"cache_n": 0, "prompt_n": given, "predicted_n": written}}]
            case "last" | "every":
                return [last | self._priced(counted)]
            case _:
                usage = self._frame([], None) | self._priced(counted)
                return [last, usage] if self._options.get("include_usage") else [last]

    @property
    def usage(self) -> JSON:
        """Usage in this server's count."""
        counted = super().usage
        if self.manner.apart:
            counted["completion_tokens"] -= len(self.thought)
        return counted

    def _priced(self, usage: JSON) -> JSON:
        match self.manner.cost:
            case "usage":
                return {"usage": usage | {"cost": 0.0123}}
            case "total":
                return {"usage": usage | {"cost": {"total_cost": 0.0123, "request_cost": 0.005}}}
            case "ticks":
                return {"usage": usage | {"cost_in_usd_ticks": 123_000_000}}
            case "top":
                return {"usage": usage, "cost": 0.0123}
            case _:
                return {"usage": usage}

    def _chunk(self, delta: JSON, finish: str | None = None) -> JSON:
        chunk = super()._chunk(delta, finish)
        if self.manner.accumulates:
            so_far = "".join([*self.thought, *self.sent])
            chunk["choices"][0]["message"] = {"role": "assistant", "content": so_far}
            chunk["usage"] = self.usage
            chunk["type"], chunk["status"] = "message", "COMPLETED" if finish else "PENDING"
        return chunk


def with_image_objects(message: JSON) -> JSON:
    """A message of Mistral's, whose images are bare addresses, as OpenAI has it."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    parts = [
        {**part, "image_url": {"url": part["image_url"]}} if isinstance(part.get("image_url"), str) else part
        for part in content
    ]
    return {**message, "content": parts}


def mannered(manner: Manner) -> type[Stream]:
    """The answers of a server of this manner."""
    return type("Answer", (Mannered,), {"manner": manner})
