"""The bundled data, and how it is made."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.resources import files

from bot.core.provider import Ability
from bot.providers.catalog import CATALOG
from bot.providers.snapshot import snapshot
from tests.snapshot import LITELLM, made, text_of

FILE = files("bot.providers") / "data" / "models.json"


def test_the_data_is_small_sound_and_says_where_it_is_from() -> None:
    """Only providers of ours; every source has its version and day, and its licence stands beside."""
    text = FILE.read_text(encoding="utf-8")
    assert len(text) < 400_000
    data = snapshot()
    assert set(data.models) <= {row.id for row in CATALOG}
    assert all(source.as_of for source in data.sources.values())
    notice = (files("bot.providers") / "data" / "NOTICE").read_text(encoding="utf-8")
    assert notice.count("Permission is hereby granted, free of charge") == 2
    for provider, models in data.models.items():
        for model, told in models.items():
            assert set(told) <= set(data.sources)
            for layer in data.layers(provider, model):
                assert layer.told.id == model
    assert text_of({"sources": json.loads(text)["sources"], "models": data.models}) == text


def test_what_the_catalogue_prefers_is_known() -> None:
    """Every preferred model has a window, and is not retired when the data is made."""
    data = snapshot()
    for row in CATALOG:
        if row.id in ("demo", "huggingface"):  # its list says it
            continue
        for model in row.preferred:
            told = [layer.told for layer in data.layers(row.id, model)]
            assert row.profile(model).window or any(each.window for each in told), f"{row.id}/{model}"
            ends = [each.retires_at for each in told if each.retires_at]
            as_of = data.sources[LITELLM].as_of
            assert as_of is not None
            assert all(end > as_of for end in ends), f"{row.id}/{model}"


def test_it_is_made_from_what_the_sources_say() -> None:
    """Prices that are 0 there are unknown; what neither chats nor embeds is left out."""
    common = {"litellm_provider": "cohere_chat", "mode": "chat"}
    table = {
        "sample_spec": {"mode": "one of"},
        "command-x": common
        | {"max_input_tokens": 128_000, "max_output_tokens": 128_000}
        | {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "supports_vision": True},
        "cohere_chat/command-y": common | {"max_input_tokens": 9_000, "deprecation_date": "2027-01-02"},
        "embed-x": {"litellm_provider": "cohere", "mode": "embedding", "max_input_tokens": 512},
        "rerank-x": {"litellm_provider": "cohere", "mode": "rerank"},
    }
    models = made(table, "1.2.3", datetime(2026, 11, 27, tzinfo=UTC))["models"]["cohere"]
    assert models["command-x"] == {LITELLM: {"window": 128_000, "has": ["images"]}}
    assert models["command-y"] == {LITELLM: {"window": 9_000, "retires_at": "2027-01-02"}}
    assert models["embed-x"][LITELLM] == {"window": 512, "has": [Ability.EMBEDDINGS], "lacks": [Ability.CHAT]}
    assert "rerank-x" not in models


def test_an_import_reads_no_data() -> None:
    """A start does not wait for it."""
    code = "import bot.providers.registry as r, bot.providers.snapshot as s; print(s.snapshot.cache_info().misses)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
