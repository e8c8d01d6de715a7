"""Embeddings and lists of models in the form of OpenAI's, which most servers share.

Its lists have an id and, from one server to the next, more: under which names stands here, once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.core.provider import Ability, Embedded, Listed, Rates
from bot.providers import facts
from bot.providers.answer import inner, items
from bot.providers.exchange import Exchange

_WINDOWS = ("context_length", "context_window", "max_context_length", "max_model_len", "max_input_tokens")
_OUTPUTS = ("max_output_tokens", "max_completion_tokens", "max_tokens")
_READ, _WRITTEN = ("prompt", "input"), ("completion", "output")
_CACHED = ("input_cache_read", "cached_input")
_DATES = ("shutdown_date", "expiration_date", "deprecation")
_KINDS = ("type", "mode")
_CHATTING = {"chat", "language", "code", "responses", "completion", "model", "vlm", "llm"}
_WORDS: Mapping[str, Ability] = {
    "vision": Ability.IMAGES,
    "image": Ability.IMAGES,
    "image_input": Ability.IMAGES,
    "file": Ability.FILES,
    "file-input": Ability.FILES,
    "pdf_input": Ability.FILES,
    "audio": Ability.AUDIO,
    "tools": Ability.TOOLS,
    "tool-use": Ability.TOOLS,
    "function_calling": Ability.TOOLS,
    "reasoning": Ability.REASONING,
    "thinking": Ability.REASONING,
    "structured_outputs": Ability.JSON,
    "json_mode": Ability.JSON,
    "temperature": Ability.TEMPERATURE,
    "completion_chat": Ability.CHAT,
    "completion": Ability.CHAT,
    "embedding": Ability.EMBEDDINGS,
}
"""What providers call abilities."""

_BY_PARAMETER = {Ability.TOOLS, Ability.REASONING, Ability.JSON, Ability.TEMPERATURE}


async def embedded(exchange: Exchange, url: str, model: str, texts: Sequence[str]) -> Embedded:
    """Vectors for the texts, in their order."""
    body = {"model": model, "input": list(texts), "encoding_format": "float"}
    answer = await exchange.call("POST", url, model, body)
    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        vectors = tuple(tuple(float(value) for value in row["embedding"]) for row in rows)
        return Embedded(vectors, int(answer["usage"]["prompt_tokens"]))
    except (KeyError, TypeError, ValueError) as error:
        raise exchange.unreadable(model, error) from error


async def listed(exchange: Exchange, url: str) -> tuple[Listed, ...]:
    """The models of a list, in its order. Some servers give the list bare."""
    answer: Any = await exchange.call("GET", url)
    try:
        entries = answer if isinstance(answer, list) and answer else answer["data"]
        return tuple(entry_of(str(entry["id"]), entry, exchange.row.list_prices) for entry in entries)
    except (KeyError, TypeError) as error:
        raise exchange.unreadable("", error) from error


def entry_of(model: str, entry: Mapping[str, Any], prices: str) -> Listed:
    """What one entry tells; ``prices`` are for a "token" or a "million", "" where they are none of ours."""
    if servers := [each for each in items(entry, "providers") if each.get("status", "live") == "live"]:
        return _of_several(model, entry, servers, prices)
    best = inner(entry, "top_provider")
    window = facts.first(_named((entry, best), _WINDOWS), facts.tokens)
    output = facts.first(_named((entry, best), _OUTPUTS), facts.tokens)
    has, lacks = _able(entry)
    return Listed(
        model,
        window or facts.tokens(inner(entry, "meta").get("n_ctx")),
        output if output is None or window is None or output < window else None,
        _rates(inner(entry, "pricing"), prices),
        has,
        lacks,
        facts.first(_named((entry,), _DATES), facts.day),
        facts.text(entry.get("deprecation_replacement_model")),
    )


def _of_several(
    model: str, entry: Mapping[str, Any], servers: Sequence[Mapping[str, Any]], prices: str
) -> Listed:
    """A model that any of several servers may answer: the smallest window and the dearest price of theirs."""
    windows = [found for each in servers if (found := facts.tokens(each.get("context_length")))]
    rates = [cost for each in servers if (cost := _rates(inner(each, "pricing"), prices))]
    has, lacks = _able(entry)
    tools = {each.get("supports_tools") for each in servers}
    return Listed(
        model,
        min(windows, default=None),
        rates=max(rates, key=lambda each: each.blended, default=None),
        has=has | ({Ability.TOOLS} if tools == {True} else set()),
        lacks=lacks | ({Ability.TOOLS} if tools == {False} else set()),
    )


def _rates(pricing: Mapping[str, Any], prices: str) -> Rates | None:
    if not prices:
        return None
    times = 1_000_000 if prices == "token" else 1
    read, written, cached = (
        facts.first(_named((pricing,), names), lambda value: facts.dollars(value, times))
        for names in (_READ, _WRITTEN, _CACHED)
    )
    return None if read is None or written is None else Rates(read, written, cached)


def _able(entry: Mapping[str, Any]) -> tuple[frozenset[Ability], frozenset[Ability]]:
    """What an entry says that the model can do, and cannot."""
    has, lacks = abilities(entry.get("capabilities"))
    tagged, _ = abilities(entry.get("tags"))
    has |= tagged
    kinds = {kind for name in _KINDS if (kind := facts.text(entry.get(name)))}
    if kinds and not kinds & _CHATTING:
        lacks.add(Ability.CHAT)
        has |= abilities(list(kinds))[0] & {Ability.EMBEDDINGS}
    if isinstance(given := inner(entry, "architecture").get("input_modalities"), list):
        (has if "image" in given else lacks).add(Ability.IMAGES)
    if isinstance(made := inner(entry, "architecture").get("output_modalities"), list) and "text" not in made:
        lacks.add(Ability.CHAT)
    if isinstance(taken := entry.get("supported_parameters"), list):
        can = abilities(taken)[0]
        has |= can & _BY_PARAMETER
        lacks |= _BY_PARAMETER - can
    return frozenset(has), frozenset(lacks - has)


def abilities(told: object) -> tuple[set[Ability], set[Ability]]:
    """What words say: a list of what it can do, or an object of yes and no, each bare or as ``supported``."""
    if isinstance(told, list):
        return {_WORDS[word] for word in told if isinstance(word, str) and word in _WORDS}, set()
    has: set[Ability] = set()
    lacks: set[Ability] = set()
    for word, value in told.items() if isinstance(told, dict) else ():
        said = value.get("supported") if isinstance(value, dict) else value
        if word in _WORDS and isinstance(said, bool):
            (has if said else lacks).add(_WORDS[word])
    return has, lacks - has


def _named(values: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Iterable[object]:
    """What stands under the names, in their order."""
    return (value.get(name) for value in values for name in names)
