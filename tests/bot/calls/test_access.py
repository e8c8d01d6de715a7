"""Rules about models: which levels they stand at, what they match, how a refusal reads."""

from __future__ import annotations

import pytest

from bot.calls.access import check, levels, permitted, rules
from bot.core.errors import AccessRefused
from bot.core.place import Place
from bot.core.provider import ModelId
from storage.store import Store

THREAD = Place("slack", "T1", "C1", "1700.1")
LUNA, QUICK = ModelId("openai", "gpt-6-luna"), ModelId("demo", "quick")

PATTERNS: list[tuple[object, bool]] = [
    (["*"], True),
    (["openai/*"], True),
    (["OpenAI/GPT-6-*"], True),
    (["*luna"], True),
    (["demo/*", "openai/gpt-6-luna "], True),
    (["openai/gpt-6"], False),
    (["openai/gpt.6.luna"], False),
    ([], False),
    ("openai/*", True),
    ({"openai": True}, False),
    ([1, None], False),
    (None, False),
]
REFUSALS = [
    ("installation", "may not be used on this installation; its owner can change that."),
    ("place:slack:T1", "may not be used in this workspace; an admin of this workspace can change that."),
    ("place:slack:T1/C1", "may not be used in this channel;"),
    ("place:slack:T1/C1/1700.1", "may not be used in this thread;"),
    ("person:7", "may not be used for you; an admin can change that."),
]


def test_levels_go_from_wide_to_narrow() -> None:
    """The installation, each width of the place, the person."""
    assert [level.scope for level in levels(THREAD, 7)] == [
        "installation",
        "place:slack:T1",
        "place:slack:T1/C1",
        "place:slack:T1/C1/1700.1",
        "person:7",
    ]
    assert [level.scope for level in levels(Place("web", "main"), None)] == ["installation", "place:web:main"]


async def test_without_rules_everything_is_allowed(store: Store) -> None:
    """A fresh installation restricts nothing."""
    assert await rules(store, THREAD, 7) == ()
    check((), LUNA, [])


async def test_a_rule_allows_what_its_patterns_cover(store: Store) -> None:
    """Stars stand for anything; a rule that is no list of patterns allows nothing."""
    for patterns, allowed in PATTERNS:
        await store.settings.set("installation", "models.allowed", patterns, None)
        assert permitted(await rules(store, THREAD, None), LUNA) is allowed, patterns


async def test_every_level_that_has_a_rule_must_allow(store: Store) -> None:
    """A wide permission does not open what a narrow rule closes, nor the other way round."""
    for level in levels(THREAD, 7):
        await store.settings.set(level.scope, "models.allowed", ["*"], None)
    for scope, words in REFUSALS:
        await store.settings.set(scope, "models.allowed", ["demo/*"], None)
        standing = await rules(store, THREAD, 7)
        check(standing, QUICK, [])
        with pytest.raises(AccessRefused) as caught:
            check(standing, LUNA, [LUNA, QUICK])
        assert words in caught.value.say
        assert caught.value.say.endswith("Allowed here: demo/quick.")
        await store.settings.set(scope, "models.allowed", ["*"], None)


async def test_a_refusal_without_alternatives_says_so(store: Store) -> None:
    """Nobody is sent looking for a model that is not there."""
    await store.settings.set("installation", "models.allowed", ["nowhere/*"], None)
    with pytest.raises(AccessRefused) as caught:
        check(await rules(store, THREAD, 7), LUNA, [LUNA, QUICK])
    assert caught.value.say.endswith("No model that is set up here is allowed.")
