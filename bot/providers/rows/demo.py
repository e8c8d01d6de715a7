"""The demo, which is a script."""

from __future__ import annotations

from bot.providers.rows.forms import Can, Profile, ProviderRow

DEMO = ProviderRow(
    id="demo",
    name="Demo",
    wire="demo",
    local=True,
    privacy="Nothing leaves this machine: the demo is a script, not a model.",
    preferred=("quick", "thorough", "story"),
    profiles=(Profile("*", window=32_000, max_output=8_000, vision=True),),
    can=frozenset({Can.REASONING, Can.IMAGES, Can.CITATIONS}),
)
