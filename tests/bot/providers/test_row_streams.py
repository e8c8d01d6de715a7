"""What each provider's own way of streaming means, by bytes as they send them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import (
    ContextOverflow,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
)
from bot.core.provider import Usage
from bot.net.http import Http
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.asking import ask
from tests.bot.providers.replaying import FIRST, SECOND, STREAMS, Said, failed, replay, said
from tests.contracts.benches import ROWS
from tests.fakes.manners import MANNERS
from tests.fakes.provider import ProviderServer
from tests.fakes.rules import Model

# Worked out by hand from the bytes. Costs are in nano-dollars.
EXPECTED = {
    "deepseek.sse": Said("Bern", "Hmm.", Usage(20, 9, cached=16, reasoning=6)),
    "deepseek_no_room.sse": failed(Overloaded, "Be"),
    "mistral.sse": Said("Three!", "One, two.", Usage(7, 8, cached=3)),
    "mistral_error.sse": failed(RateLimited, "a"),
    "mistral_failed.sse": failed(ServerFailed, "a"),
    "mistral_long.sse": Said("a", usage=Usage(7, 8), finish="length"),
    # 3 written + 50 thought; 15,625,000 ticks are 0.0015625 dollars.
    "xai.sse": Said(
        "42",
        "Thinking.",
        Usage(12, 53, cached=4, reasoning=50, cost=1_562_500),
        sources=(replace(FIRST, title=""), replace(SECOND, title="")),
    ),
    "xai_error.json": failed(Overloaded),
    "xai_no_credit.json": failed(QuotaExhausted),
    "groq.sse": Said("Yes", "Well.", Usage(30, 11, cached=20, reasoning=7)),
    "groq_error.sse": failed(Overloaded, "Y"),
    "together.sse": Said("Hi", "So", Usage(5, 4, cached=2)),
    "perplexity.sse": Said("It is so [1].", usage=Usage(6, 5, cost=5_011_000), sources=(FIRST, SECOND)),
    # 5 written + 90 thought, told apart by tags that were cut in two.
    "perplexity_think.sse": Said("Yes<think>", "Let me see <b>", Usage(6, 95, reasoning=90, cost=10_000_000)),
    "openrouter.sse": Said("Yes", "Ok", Usage(10, 5, cached=8, reasoning=2, cost=950_000), sources=(FIRST,)),
    # The router's fee and what the own key's provider takes.
    "openrouter_own_key.sse": Said("Yes", usage=Usage(10, 5, cost=2_100_000)),
    "openrouter_error.sse": failed(RateLimited, "Ye", wait=7),
    "openrouter_overloaded.sse": failed(Overloaded),
    "edenai.sse": Said("Yes", "Hm.", Usage(3, 4, cost=21_000)),
    "huggingface_error.sse": failed(Overloaded, "Ye"),
    "azure.sse": Said("Fine.", usage=Usage(4, 2)),
    "compatible.sse": Said("a\u2028b", "Hm.", Usage(36, 5, cached=30)),
    "compatible_think.sse": Said("", "\nAll of it", Usage(4, 2), finish="length"),
    "litellm_error.sse": failed(ContextOverflow, "Ye"),
}


def test_every_stream_is_expected() -> None:
    """No recorded stream is left without a test, and every quirk of a row has one."""
    assert {path.name for path in (STREAMS / "rows").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_providers_stream_is_read(name: str, http: Http) -> None:
    """Text, reasoning, sources, usage to the token and the reported cost, wherever they are hidden."""
    row = ROWS[name.partition(".")[0].partition("_")[0]]
    async with ProviderServer(models=(Model("m"),), manner=MANNERS[row.id]) as server:
        url = server.root if MANNERS[row.id].deployments else server.url
        wire = OpenAI(replace(row, base_url=url), server.key, http)
        replay(server, STREAMS / "rows" / name)
        assert said(await ask(wire, model="m")) == EXPECTED[name]
