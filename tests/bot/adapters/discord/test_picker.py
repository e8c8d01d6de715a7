"""The choice of a model in Discord, with the real discord.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio

from bot.adapters.discord.commands.picker import SEARCH, SELECT, found, window
from bot.core.provider import ModelId
from bot.providers.registry import Model
from storage.store import Store
from tests.bot.adapters.discord.command_stage import LUNA, Stage, private, staged
from tests.fakes.discord.exchanges import MODAL, UPDATE, Interaction
from tests.fakes.discord.messages import Message
from tests.fakes.refused import Misuse


@pytest_asyncio.fixture
async def stage(store: Store) -> AsyncIterator[Stage]:
    async with staged(store) as one:
        yield one


async def choice(answered: Interaction) -> Message:
    """The message with the choice, which only its asker sees."""
    [message] = answered.messages
    assert private(answered)
    return message


def named(message: Message, kind: str) -> str:
    """The custom_id of a part of the choice."""
    [name] = [name for name in message.actions if name.startswith(f"{kind}:")]
    return name


def options(message: Message) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = message.actions[named(message, SELECT)]["options"]
    return listed


async def choose(stage: Stage, message: Message, value: str, who: str = "ada") -> Interaction:
    return await stage.fake.choose(who, message, named(message, SELECT), value)


async def test_the_button_opens_it_and_the_thread_hears_of_the_switch(stage: Stage) -> None:
    """What answers and why stands above; what the switch changes stands in the thread, for all."""
    root, message, _ = await stage.thread()
    chooser = await choice(await stage.fake.press("grace", message, "Model"))
    assert chooser.content == f"{LUNA} answers here: the default for what is configured."
    assert [one["value"] for one in options(chooser) if one.get("default")] == [LUNA]
    chosen = await choose(stage, chooser, "demo/quick", "grace")
    assert chosen.answered == UPDATE
    said = await stage.said(stage.place(root), 2)
    assert said.startswith("**demo/quick** answers here from the next message on.")
    assert "Price: free (before: $0.10 in" in said
    assert await stage.model(stage.place(root)) == "demo/quick"
    assert (chooser.content, chooser.components) == ("demo/quick is chosen.", [])


async def test_each_entry_says_its_window_and_price(stage: Stage) -> None:
    """Default stands above them all."""
    _, message, _ = await stage.thread()
    chooser = await choice(await stage.fake.press("ada", message, "Model"))
    values = [one["value"] for one in options(chooser)]
    assert values[0] == "default"
    assert {LUNA, "demo/quick", "demo/thorough"} <= set(values)
    quick = next(one for one in options(chooser) if one["value"] == "demo/quick")
    assert quick["description"] == "32k tokens, sees images, free · stays here"


async def test_slash_model_asks_for_the_channel(stage: Stage) -> None:
    """Without words it shows the choice; chosen, it asks for whom, and only who manages the server chooses for all."""
    for who in ("grace", "ada"):  # the server is Ada's
        chooser = await choice(await stage.fake.command(who, "general", "model"))
        assert "in this channel's threads" in chooser.content
        await choose(stage, chooser, "demo/story", who)
        assert chooser.content.startswith("Where shall **demo/story** answer?")
        pressed = await stage.fake.press(who, chooser, "This channel")
        if who == "grace":
            assert "Only an admin of this workspace may" in pressed.messages[0].content
    await stage.fake.until(lambda: stage.fake.shown("general"))
    [said] = stage.fake.shown("general")
    assert "**demo/story** answers in this channel's threads from now on" in said.shown
    assert await stage.default() == "demo/story"


async def test_only_what_may_be_used_is_offered_and_what_is_not_set_up_says_how(stage: Stage) -> None:
    """Discord disables nothing, so what is not set up stands last and answers with the way when it is chosen."""
    root, message, _ = await stage.thread()
    await stage.store.settings.set(f"place:{stage.place(root).home}", "models.local_only", True, None)
    chooser = await choice(await stage.fake.press("ada", message, "Model"))
    values = [one["value"] for one in options(chooser)]
    assert values[:4] == ["default", "demo/quick", "demo/thorough", "demo/story"]
    [claude] = [one for one in options(chooser) if one["value"].startswith("anthropic/")]
    assert claude["label"] == "Anthropic (not set up here)"
    await choose(stage, chooser, claude["value"])
    assert "switchboard keys add anthropic" in chooser.content


async def test_in_direct_messages_it_asks_for_the_conversation(stage: Stage) -> None:
    channel = stage.fake.world.channel(stage.dm.channel)
    chooser = await choice(await stage.fake.command("ada", channel, "model"))
    await choose(stage, chooser, "demo/story")
    assert await stage.model(stage.dm) == "demo/story"


async def test_the_choice_can_be_taken_back(stage: Stage) -> None:
    """Default stands among the models."""
    root, message, _ = await stage.thread()
    place = stage.place(root)
    await choose(stage, await choice(await stage.fake.press("ada", message, "Model")), "demo/quick")
    await stage.clock.advance(5)
    chooser = await choice(await stage.fake.press("ada", message, "Model"))
    assert chooser.content == "demo/quick answers here: set in this thread."
    await choose(stage, chooser, "default")
    assert "the default for what is configured" in await stage.said(place, 3)
    assert await stage.model(place) is None


async def test_what_may_not_be_chosen_is_said_above_the_choice(stage: Stage) -> None:
    """It stays, so that another can be chosen."""
    root, message, _ = await stage.thread()
    chooser = await choice(await stage.fake.press("ada", message, "Model"))
    await stage.store.settings.set(f"place:{stage.place(root).home}", "models.allowed", ["demo/*"], None)
    await choose(stage, chooser, LUNA)
    assert "may not be used in this workspace" in chooser.content
    await choose(stage, chooser, "demo/quick")
    assert "**demo/quick**" in await stage.said(stage.place(root), 2)


async def test_all_others_are_found_by_searching(stage: Stage) -> None:
    """A form with one line; its answer stands in place of the choice."""
    root, message, _ = await stage.thread()
    chooser = await choice(await stage.fake.press("ada", message, "Model"))
    opened = await stage.fake.press("ada", chooser, "Search")
    assert opened.answered == MODAL
    await stage.fake.submit("ada", typed="thoro")
    assert [one["value"] for one in options(chooser)] == ["demo/thorough"]
    await stage.fake.press("ada", chooser, "Search")
    await stage.fake.submit("ada", typed="no such model")
    assert chooser.content == "No model fits “no such model”."
    with pytest.raises(ValueError, match="not enough values"):
        named(chooser, SELECT)
    await stage.fake.press("ada", chooser, "Search")
    await stage.fake.submit("ada", typed="openai/gpt-99")
    await choose(stage, chooser, "openai/gpt-99")
    assert await stage.model(stage.place(root)) == "openai/gpt-99"


async def test_a_slow_choice_is_shown_all_the_same(store: Store) -> None:
    """Opened, searched and chosen from, each acknowledged first."""
    async with staged(store, quick=0.0) as stage:
        root, message, _ = await stage.thread()
        await stage.fake.press("ada", message, "Model")
        await stage.fake.until(lambda: stage.fake.whispers("ada"))
        [chooser] = stage.fake.whispers("ada")
        await stage.fake.press("ada", chooser, "Search")
        await stage.fake.submit("ada", typed="quick")
        await stage.fake.until(lambda: "quick" in chooser.content)
        await choose(stage, chooser, "demo/quick")
        await stage.said(stage.place(root), 2)
        assert await stage.model(stage.place(root)) == "demo/quick"


async def test_the_menu_of_a_message_opens_it_too(stage: Stage) -> None:
    """On any message of the thread."""
    root, _, _ = await stage.thread()
    said = stage.fake.say("grace", root, "Hm.")
    chooser = await choice(await stage.fake.menu("ada", said, "Choose the model"))
    await choose(stage, chooser, "demo/quick")
    assert await stage.model(stage.place(root)) == "demo/quick"


async def test_a_choice_is_made_once(stage: Stage) -> None:
    """Once it is done the choice is gone from the message."""
    _, message, _ = await stage.thread()
    chooser = await choice(await stage.fake.press("ada", message, "Model"))
    picked = named(chooser, SELECT)
    await choose(stage, chooser, "demo/quick")
    with pytest.raises(Misuse):
        await stage.fake.choose("ada", chooser, picked, "demo/story")


def test_discords_bounds_hold_for_any_list_of_models() -> None:
    """At most 25 entries, the current one among them; ids that do not fit are left out; more are searched for."""
    many = [ModelId(f"p{number % 3}", f"m{number}") for number in range(120)]
    long = [ModelId("long", "x" * 200), ModelId("long", "y" * 95)]
    models = [Model(one, 8_192, None, local=False, vision=False, priced=False) for one in [*long, *many]]
    made = window("Why.", models, many[-1], "7")
    [select], [search] = (row["components"] for row in made["components"])
    values = [one["value"] for one in select["options"]]
    assert len(values) == 25
    assert values[0] == "default"
    assert values[1] == "long/" + "y" * 95
    assert [one["value"] for one in select["options"] if one.get("default")] == [str(many[-1])]
    providers = [value.partition("/")[0] for value in values[1:]]
    assert [one for n, one in enumerate(providers) if one not in providers[:n]] == list(
        dict.fromkeys(providers)
    )
    assert sum(a != b for a, b in pairwise(providers)) == 3
    assert search["custom_id"] == f"{SEARCH}:7"
    searched = found("m", models, many[0], "")
    assert len(searched["components"][0]["components"][0]["options"]) == 25
    assert "more letters find the other" in searched["content"]
    few = window("Why.", models[2:10], many[0], "")
    assert len(few["components"][0]["components"][0]["options"]) == 9
