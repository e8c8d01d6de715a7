"""Makes ``bot/providers/data/models.json``: what is known of models without asking anybody.

    python -m tests.snapshot LITELLM.whl       (``make snapshot`` fetches that, and runs this)

Limits, abilities and last days are LiteLLM's, prices those of genai-prices and, where it has none, LiteLLM's: both
are under the MIT licence, whose notices are written beside the data. Only the catalogue's providers are taken, and of
their models those that chat or embed.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import distribution, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from genai_prices.data_snapshot import get_snapshot

from bot.core.provider import Ability, Listed, ModelId, Rates, Usage
from bot.providers import facts
from bot.providers.catalog import CATALOG, ProviderRow
from bot.providers.prices import PriceBook

DATA = Path(__file__).parent.parent / "bot" / "providers" / "data"
TABLE = "litellm/model_prices_and_context_window_backup.json"
LITELLM, GENAI = "litellm", "genai-prices"

Json = Mapping[str, Any]

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"google": ("gemini",), "together": ("together_ai",), "cohere": ("cohere_chat", "cohere")}
    | {"vercel": ("vercel_ai_gateway",), "fal": ("fal_ai",)}
)
"""What LiteLLM calls our providers, where it is not the same."""

_WITHOUT = frozenset({"ollama", "compatible", "litellm", "gateway", "demo"})  # nobody knows what these serve
_MODES = frozenset({"chat", "responses", "embedding"})
_FLAGS: Mapping[str, Ability] = MappingProxyType(
    {
        "supports_vision": Ability.IMAGES,
        "supports_function_calling": Ability.TOOLS,
        "supports_reasoning": Ability.REASONING,
        "supports_response_schema": Ability.JSON,
        "supports_sampling_params": Ability.TEMPERATURE,
        "supports_pdf_input": Ability.FILES,
        "supports_audio_input": Ability.AUDIO,
        "supports_web_search": Ability.SEARCH,
    }
)


def made(table: Json, litellm: str, at: datetime) -> dict[str, Any]:
    """The whole file."""
    as_of = at.date().isoformat()
    sources = {
        LITELLM: {"version": litellm, "license": "MIT", "as_of": as_of},
        GENAI: {"version": version("genai-prices"), "license": "MIT", "as_of": as_of},
    }
    return {"sources": sources, "models": {row.id: _of(row, table, at) for row in _rows()}}


def _rows() -> list[ProviderRow]:
    return [row for row in CATALOG if row.id not in _WITHOUT]


def _of(row: ProviderRow, table: Json, at: datetime) -> dict[str, Any]:
    found = {model: _limits(model, entry) for model, entry in _entries(row, table)}
    models: dict[str, Any] = {}
    for model in sorted({*found, *_priced(row)}):
        priced = _prices(row, model, at)
        told = found.get(model)
        by = {GENAI: priced, LITELLM: told if told is None or priced is None else _unpriced(told)}
        models[model] = {name: facts.to_json(each) for name, each in by.items() if each is not None}
    return {model: by for model, by in models.items() if any(by.values())}


def _entries(row: ProviderRow, table: Json) -> Iterator[tuple[str, Json]]:
    names = NAMES.get(row.id, (row.id,))
    for key, entry in table.items():
        if entry.get("litellm_provider") not in names or entry.get("mode") not in _MODES:
            continue
        if row.id == "perplexity" and entry["mode"] != "chat":
            continue  # others' models, at an address that we do not ask
        prefix = next((f"{name}/" for name in names if key.startswith(f"{name}/")), "")
        model = key.removeprefix(prefix)
        if row.chats(model) or entry["mode"] == "embedding":
            yield model, entry


def _limits(model: str, entry: Json) -> Listed:
    window, output = (facts.tokens(entry.get(name)) for name in ("max_input_tokens", "max_output_tokens"))
    has = {word for flag, word in _FLAGS.items() if entry.get(flag) is True}
    lacks = {word for flag, word in _FLAGS.items() if entry.get(flag) is False}
    embeds = entry["mode"] == "embedding"
    return Listed(
        model,
        window,
        # Repeated where no cap was published.
        output if output is None or window is None or output < window else None,
        _rates(entry),
        frozenset(has | ({Ability.EMBEDDINGS} if embeds else set())),
        frozenset(lacks | ({Ability.CHAT} if embeds else set())),
        facts.day(entry.get("deprecation_date")),
    )


def _rates(entry: Json) -> Rates | None:
    names = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")
    read, written, cached = (facts.dollars(entry.get(name), 1_000_000) for name in names)
    # It writes 0 where a price is not published.
    return Rates(read, written, cached) if read and written is not None else None


def _priced(row: ProviderRow) -> list[str]:
    """The models that genai-prices names for a provider and that may chat."""
    provider = next((each for each in get_snapshot().providers if each.id == row.price_id), None)
    return [] if provider is None else [each.id for each in provider.models if row.chats(each.id)]


def _prices(row: ProviderRow, model: str, at: datetime) -> Listed | None:
    told = PriceBook().price_of(ModelId(row.id, model), Usage(1, 1), at).prices
    rates = facts.rates_from_json(told)
    return None if rates is None else Listed(model, rates=rates)


def _unpriced(told: Listed) -> Listed:
    return facts.from_json(told.id, facts.to_json(told) | {"rates": None})


def text_of(data: Json) -> str:
    """The file's text: a line for each model, so that a change shows as one."""
    lines = ["{", f' "sources": {_compact(data["sources"])},', ' "models": {']
    for place, (provider, models) in enumerate(data["models"].items()):
        entries = [f"   {json.dumps(model)}: {_compact(told)}" for model, told in models.items()]
        end = "," if place + 1 < len(data["models"]) else ""
        lines += [f"  {json.dumps(provider)}: {{", ",\n".join(entries), f"  }}{end}"]
    return "\n".join([*lines, " }", "}"]) + "\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def notice(licence: str, litellm: str, at: datetime) -> str:
    """Both licences, for the file beside the data."""
    genai = distribution("genai-prices")
    its = next(path for path in genai.files or () if path.name == "LICENSE")
    return "\n".join(
        [
            f"models.json was made on {at:%Y-%m-%d} from the data of these two, by tests/snapshot.py.",
            *(
                f"\nLiteLLM {litellm} (https://github.com/BerriAI/litellm), the part under MIT\n",
                licence.strip(),
            ),
            f"\n\ngenai-prices {genai.version} (https://github.com/pydantic/genai-prices)\n",
            Path(str(its.locate())).read_text(encoding="utf-8").strip() + "\n",
        ]
    )


def main() -> None:
    """Write the data and the notices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    wheel, at = parser.parse_args().wheel, datetime.now(UTC)
    litellm = wheel.name.split("-")[1]
    with zipfile.ZipFile(wheel) as packed:
        table = json.loads(packed.read(TABLE))
        licence = packed.read(f"litellm-{litellm}.dist-info/licenses/LICENSE").decode()
    (DATA / "models.json").write_text(text_of(made(table, litellm, at)), encoding="utf-8")
    (DATA / "NOTICE").write_text(notice(licence, litellm, at), encoding="utf-8")


if __name__ == "__main__":
    main()
