"""Which model an agent's wish finds."""

from __future__ import annotations

import pytest

from bot.conversation.agents import Wish, fulfilled
from bot.core.provider import ModelId
from bot.providers.registry import Model


def model(name: str, window: int = 32_000, *, local: bool = False) -> Model:
    return Model(ModelId.parse(name), window, None, local=local, vision=False, priced=not local)


DEMO = [model("demo/quick", local=True), model("demo/thorough", 500_000, local=True)]
CLOUD = [
    model("openai/gpt-6-luna", 900_000),
    model("openai/gpt-6.1-sol", 1_000_000),
    model("openai/gpt-4.1-nano", 2_000_000),  # cheap and large, but not what the row prefers
]
OWN = [model("ollama/llama3:8b", 8_000, local=True), model("ollama/big:70b", 128_000, local=True)]


@pytest.mark.parametrize(
    ("models", "wish", "found"),
    [
        ([], Wish.CHEAP, None),
        (DEMO, Wish.CHEAP, "demo/quick"),
        (DEMO, Wish.LARGE, "demo/thorough"),
        (DEMO, Wish.REASONING, "demo/quick"),
        ([*DEMO, *CLOUD], Wish.CHEAP, "openai/gpt-6-luna"),
        ([*DEMO, *CLOUD], Wish.LARGE, "openai/gpt-6.1-sol"),
        ([*DEMO, *CLOUD], Wish.REASONING, "openai/gpt-6-luna"),
        ([*CLOUD, *DEMO, *OWN], Wish.LARGE, "ollama/big:70b"),
        ([*CLOUD, *DEMO, *OWN], Wish.CHEAP, "ollama/llama3:8b"),
        ([*CLOUD, *DEMO, *OWN], Wish.REASONING, "ollama/llama3:8b"),
    ],
)
def test_a_wish_finds_what_is_there(models: list[Model], wish: Wish, found: str | None) -> None:
    """What runs here before all that costs; of a provider what its row prefers; the demo where nothing else is."""
    assert fulfilled(wish, models) == (None if found is None else ModelId.parse(found))
