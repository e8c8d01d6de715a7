"""What was used, wherever a server hides it: beside the choices, in ``x_groq``, in llama.cpp's ``timings``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.core.provider import Usage
from bot.providers.counting import count, inner, nano
from bot.providers.rows.forms import Quirks

_TICKS = 10_000_000_000  # xAI's to the dollar
_SEARCHES = ("low", "medium", "high")  # how much of the web Perplexity says it read


def usage_of(chunk: dict[str, Any], quirks: Quirks) -> Usage | None:
    """Usage as a chunk reports it, or None where it tells nothing."""
    reported = chunk.get("usage") or inner(chunk, "x_groq", "usage")
    found = _counted(reported, quirks.reasoning_apart) or _timed(chunk.get("timings"))
    if found is None:
        return None
    if not found.cached:
        found = replace(found, cached=min(count(chunk, "timings", "cache_n"), found.input))
    if not quirks.reports_cost:
        return found
    search = inner(reported, "search_context_size")
    return replace(found, cost=_cost(chunk, reported), search=search if search in _SEARCHES else "")


def _counted(value: object, reasoning_apart: bool) -> Usage | None:
    given, written = count(value, "prompt_tokens"), count(value, "completion_tokens")
    if not given and not written:
        return None
    reasoning = count(value, "completion_tokens_details", "reasoning_tokens") or count(
        value, "reasoning_tokens"
    )
    if reasoning_apart or reasoning > written:
        written += reasoning
    cached = min(_cached(value), given)
    cache_write = min(count(value, "prompt_tokens_details", "cache_write_tokens"), given - cached)
    return Usage(given, written, cached=cached, cache_write=cache_write, reasoning=reasoning)


def _cached(value: object) -> int:
    """Tokens read from a cache, in the spellings of OpenAI, DeepSeek and Mistral."""
    return (
        count(value, "prompt_tokens_details", "cached_tokens")
        or count(value, "prompt_cache_hit_tokens")
        or count(value, "num_cached_tokens")
        or count(value, "cached_tokens")
    )


def _timed(timings: object) -> Usage | None:
    """llama.cpp's own figures: the prompt's without what its cache held."""
    cached, written = count(timings, "cache_n"), count(timings, "predicted_n")
    given = count(timings, "prompt_n") + cached
    return Usage(given, written, cached=cached) if given or written else None


def _cost(chunk: dict[str, Any], reported: object) -> int | None:
    """The server's own figure: of OpenRouter (with what a key of one's own cost), Perplexity, xAI, Eden AI."""
    ticks = nano(inner(reported, "cost_in_usd_ticks"), _TICKS)
    if ticks is not None:
        return ticks
    cost = inner(reported, "cost")
    total = nano(inner(cost, "total_cost") if isinstance(cost, dict) else cost)
    if total is None:
        return nano(chunk.get("cost"))
    if inner(reported, "is_byok") is True:
        total += nano(inner(reported, "cost_details", "upstream_inference_cost")) or 0
    return total
