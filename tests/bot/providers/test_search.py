"""Search among the models, as people type it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.core.errors import BadInput
from bot.core.provider import Ability, ModelId, Rates
from bot.providers.models import Model
from bot.providers.search import Query, Sort, parse, search


def model(
    name: str, window: int = 32_000, price: tuple[int, int] | None = None, *can: Ability, local: bool = False
) -> Model:
    rates = Rates(Decimal(price[0]), Decimal(price[1])) if price else None
    priced = local or price is not None
    abilities, known = frozenset(can), ModelId.parse(name)
    return Model(known, window, None, local, Ability.IMAGES in can, priced, "", abilities, rates)


MODELS = (
    model("openai/gpt-large", 900_000, (2, 10), Ability.IMAGES, Ability.TOOLS),
    model("openai/gpt-small", 200_000, (1, 1), Ability.TOOLS),
    model("ollama/llama", 8_000, None, Ability.IMAGES, local=True),
    model("compatible/mystery", 64_000, None),
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["gpt-large", "gpt-small", "llama", "mystery"]),
        ("GPT small", ["gpt-small"]),
        ("vision", ["gpt-large", "llama"]),
        ("vision cloud", ["gpt-large"]),
        ("local", ["llama"]),
        ("window>=100k", ["gpt-large", "gpt-small"]),
        ("window>0.5M", ["gpt-large"]),
        ("price<5", ["gpt-large", "gpt-small", "llama"]),
        ("price<=$1", ["gpt-small", "llama"]),
        ("can:tools provider:openai,ollama", ["gpt-large", "gpt-small"]),
        ("status:slow,not-configured", ["llama", "mystery"]),
        ("<$1", ["gpt-small", "llama"]),
        (">100k", ["gpt-large", "gpt-small"]),
        ("free", ["llama"]),
        ("unpriced", ["mystery"]),
        ("sort:price", ["llama", "gpt-small", "gpt-large", "mystery"]),
        ("sort:window", ["gpt-large", "gpt-small", "mystery", "llama"]),
        ("sort:name", ["mystery", "llama", "gpt-large", "gpt-small"]),
        ("tools images nothing", []),
    ],
)
def test_every_word_has_to_hold(typed: str, found: list[str]) -> None:
    """Parts of names, abilities, where it runs, and filters; in the order that is asked for."""
    statuses = {"llama": "slow", "mystery": "not configured"}
    seen = search(MODELS, parse(typed), lambda model: statuses.get(model.model, "available"))
    assert [each.id.model for each in seen] == found


@pytest.mark.parametrize("typed", ["window<5", "price>5", "price<cheap", "can:fly", "sort:luck", "provider:"])
def test_what_is_no_filter_is_told(typed: str) -> None:
    """With those that there are."""
    with pytest.raises(BadInput) as caught:
        parse(f"gpt {typed}")
    assert f"“{typed}” is no filter here" in caught.value.say
    assert "window>=100k" in caught.value.say


def test_a_query_may_be_made_without_typing() -> None:
    """As the site does."""
    query = Query(abilities=frozenset({Ability.TOOLS}), sort=Sort.PRICE)
    assert [each.id.model for each in search(MODELS, query)] == ["gpt-small", "gpt-large"]
