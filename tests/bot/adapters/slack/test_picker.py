"""The window in which a model is chosen, and the shortcuts of a message, with the real slack-bolt."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.adapters.slack.commands.picker import SCOPE, SELECT, offered
from bot.adapters.slack.commands.shortcuts import FORK, RETRY, SWITCH
from bot.adapters.slack.setup.manifest import SHORTCUTS
from bot.commands.offers import offered as offers
from bot.core.provider import ModelId
from bot.providers.registry import Model
from storage.store import Store
from tests.bot.adapters.slack.command_stage import LUNA, Stage, staged
from tests.fakes.slack.exchanges import View

MODEL_BUTTON = "say:2"


@pytest_asyncio.fixture(params=["socket", "http"])
async def stage(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Stage]:
    async with staged(store, http=request.param == "http") as one:
        yield one


async def window(stage: Stage, who: str = "ada") -> View:
    """Wait for the window."""
    await stage.slack.until(lambda: stage.slack.screen(who) is not None)
    view = stage.slack.screen(who)
    assert view is not None
    return view


async def choose(stage: Stage, typed: str, value: str, who: str = "ada", *, scope: str = "") -> None:
    """Type into the select, choose, and where it is asked for whom, choose that too; submit."""
    await stage.slack.suggest(who, await window(stage, who), SELECT, typed)
    assert (await stage.slack.submit(who, {SELECT: value, **({SCOPE: scope} if scope else {})})).ok


def why(view: View) -> str:
    return str(view.given["blocks"][0]["elements"][0]["text"])


async def test_the_button_opens_it_and_the_thread_hears_of_the_switch(stage: Stage) -> None:
    """What answers and why stands above; what the switch changes stands in the thread, for all."""
    root, message, _ = await stage.thread()
    await stage.slack.click("grace", message, MODEL_BUTTON)
    view = await window(stage, "grace")
    assert why(view) == f"{LUNA} answers here: the default for what is configured."
    assert view.given["blocks"][1]["element"]["initial_option"]["value"] == LUNA
    await choose(stage, "quick", "demo/quick", "grace")
    assert stage.slack.screen("grace") is None
    said = await stage.said(root, 2)
    assert said.startswith("**demo/quick** answers here from the next message on.")
    assert "Price: free (before: $0.10 in" in said
    assert await stage.model(stage.place(root)) == "demo/quick"
    assert stage.whispers("grace") == []


async def test_every_model_is_offered_by_its_provider(stage: Stage) -> None:
    """Nothing typed shows all; letters filter as completion does; each says its window and price."""
    _, message, _ = await stage.thread()
    await stage.slack.click("ada", message, MODEL_BUTTON)
    view = await window(stage)
    everything = await stage.slack.suggest("ada", view, SELECT)
    values = [option["value"] for option in everything]
    assert values[0] == "default"
    assert {LUNA, "demo/quick", "demo/thorough"} <= set(values)
    assert values[-1].startswith(("gateway/", "compatible/"))
    quick = next(option for option in everything if option["value"] == "demo/quick")
    assert quick["text"]["text"] == "demo/quick"
    assert quick["description"]["text"] == "32k tokens, sees images, free · stays here"
    found = await stage.slack.suggest("ada", view, SELECT, "thoro")
    assert [option["value"] for option in found] == ["demo/thorough"]
    assert await stage.slack.suggest("ada", view, SELECT, "no such model") == []
    [unlisted] = await stage.slack.suggest("ada", view, SELECT, "openai/gpt-99")
    assert unlisted["description"]["text"].endswith("unpriced · cloud")


async def test_slash_model_asks_for_the_channel(stage: Stage) -> None:
    """Without words it opens the window, where only an admin chooses for all; others choose for themselves."""
    await stage.slack.command("ada", "general", "/model")
    assert "in this channel's threads" in why(await window(stage))
    await choose(stage, "story", "demo/story", scope="channel")
    assert "Only an admin of this workspace may" in (await window(stage)).errors["model"]
    assert await stage.default() is None
    stage.workspace.admins.clear()
    stage.slack.ada.admin = True
    await choose(stage, "story", "demo/story", scope="channel")
    assert "**demo/story** answers in this channel's threads from now on" in await stage.whispered()
    assert await stage.default() == "demo/story"
    assert stage.slack.top("general") == []
    await stage.slack.command("grace", "general", "/model")
    await choose(stage, "quick", "demo/quick", "grace")
    assert "**demo/quick** is your own default" in await stage.whispered(1, "grace")


async def test_what_is_not_set_up_says_how(stage: Stage) -> None:
    """Slack disables nothing, so it stands in a group of its own and answers with the way when it is chosen."""
    _, message, _ = await stage.thread()
    await stage.slack.click("ada", message, MODEL_BUTTON)
    [claude] = await stage.slack.suggest("ada", await window(stage), SELECT, "anthropic")
    assert claude["description"]["text"] == "not set up here; choose it to read how"
    await choose(stage, "anthropic", claude["value"])
    assert "switchboard keys add anthropic" in (await window(stage)).errors["model"]


async def test_only_what_may_be_used_is_offered(stage: Stage) -> None:
    """What a rule forbids is not among the options."""
    root, message, _ = await stage.thread()
    await stage.store.settings.set(f"place:{stage.place(root).home}", "models.local_only", True, None)
    await stage.slack.click("ada", message, MODEL_BUTTON)
    values = [one["value"] for one in await stage.slack.suggest("ada", await window(stage), SELECT)]
    assert "demo/quick" in values
    assert not any(value.startswith("openai/") for value in values)


async def test_slash_model_in_a_flat_direct_message_asks_for_its_conversation(stage: Stage) -> None:
    """Both can read there what was chosen."""
    await stage.slack.command("ada", stage.dm.channel, "/model")
    await choose(stage, "story", "demo/story")
    await stage.slack.until(lambda: stage.slack.top(stage.dm.channel))
    assert await stage.model(stage.dm) == "demo/story"


async def test_the_choice_can_be_taken_back(stage: Stage) -> None:
    """Default stands among the models."""
    root, message, _ = await stage.thread()
    await stage.slack.click("ada", message, MODEL_BUTTON)
    await choose(stage, "", "demo/quick")
    await stage.said(root, 2)
    await stage.slack.click("ada", message, MODEL_BUTTON)
    assert why(await window(stage)) == "demo/quick answers here: set in this thread."
    await choose(stage, "def", "default")
    assert "the default for what is configured" in await stage.said(root, 3)
    assert await stage.model(stage.place(root)) is None


async def test_what_may_not_be_chosen_is_said_in_the_window(stage: Stage) -> None:
    """It stays open, so that another can be chosen."""
    root, message, _ = await stage.thread()
    await stage.store.settings.set(f"place:{stage.place(root).home}", "models.allowed", ["demo/*"], None)
    await stage.slack.click("ada", message, MODEL_BUTTON)
    await choose(stage, "luna", LUNA)
    view = await window(stage)
    assert "may not be used in this workspace" in view.errors["model"]
    await choose(stage, "quick", "demo/quick")
    assert "**demo/quick**" in await stage.said(root, 2)


async def test_a_slow_choice_closes_the_window_and_is_told_later(store: Store) -> None:
    """What went wrong then is said to the asker alone."""
    async with staged(store, quick=0.0) as stage:
        root, message, _ = await stage.thread()
        await stage.store.settings.set(f"place:{stage.place(root).home}", "models.allowed", ["demo/*"], None)
        await stage.slack.click("ada", message, MODEL_BUTTON)
        await choose(stage, "luna", LUNA)
        assert stage.slack.screen("ada") is None
        assert "may not be used" in await stage.whispered()


async def test_a_window_that_does_not_open_says_what_it_would_have(stage: Stage) -> None:
    """Two at once, for one, or a trigger that is too old."""
    _, message, _ = await stage.thread()
    stage.slack.book.expect("views.open", "push_limit_reached")
    await stage.slack.click("ada", message, MODEL_BUTTON)
    await window(stage)
    await stage.slack.click("ada", message, MODEL_BUTTON)
    assert (await stage.whispered()).startswith(f"**{LUNA}** answers here:")
    stage.slack.book.expect("views.open", "push_limit_reached")
    await stage.slack.command("ada", "general", "/model")
    assert f"**{LUNA}** answers in this channel's threads:" in await stage.whispered(2)


async def test_a_window_outlives_its_workspace(stage: Stage) -> None:
    """Then it says so."""
    _, message, _ = await stage.thread()
    await stage.slack.click("ada", message, MODEL_BUTTON)
    await stage.slack.suggest("ada", await window(stage), SELECT, "quick")
    stage.workspaces.drop(stage.slack.team.id)
    assert (await stage.slack.submit("ada", {SELECT: "demo/quick"})).ok
    assert "not connected" in (await window(stage)).errors["model"]


async def test_the_menu_of_a_message_opens_it_too(stage: Stage) -> None:
    """On the root of a thread as on any reply."""
    root, _, _ = await stage.thread()
    await stage.slack.shortcut("ada", SWITCH, root)
    await choose(stage, "quick", "demo/quick")
    await stage.said(root, 2)
    assert await stage.model(stage.place(root)) == "demo/quick"


async def test_the_menu_of_an_answer_asks_for_that_answer_again(stage: Stage) -> None:
    """Of any other message for the last one."""
    root, message, number = await stage.thread()
    place = stage.place(root)
    last = await stage.talk(place, "And now?")
    await stage.slack.shortcut("ada", RETRY, message)
    await stage.whispered()
    await stage.slack.shortcut("grace", RETRY, root)
    await stage.whispered(1, "grace")
    wishes = [wish.payload for wish in await stage.waiting(place)]
    named = [int(found[1]) for payload in wishes for found in re.finditer(r'"reply_id": (\d+)', payload)]
    assert named == [number, last]


async def test_the_menu_of_any_other_message_explains_itself(stage: Stage) -> None:
    """Where nobody has spoken with us there is nothing to do."""
    message = stage.slack.say("ada", "general", "Lunch?")
    await stage.slack.shortcut("ada", SWITCH, message)
    assert "no conversation with Switchboard here yet" in await stage.whispered()
    await stage.slack.shortcut("ada", RETRY, message)
    await stage.whispered(2)
    assert stage.slack.screen("ada") is None
    stage.workspaces.drop(stage.slack.team.id)
    await stage.slack.shortcut("ada", RETRY, message)
    assert "not connected" in await stage.whispered(3)


def test_the_manifest_has_the_shortcuts_that_are_listened_to() -> None:
    """A menu entry that nobody hears would fail in people's hands."""
    assert {shortcut.callback_id for shortcut in SHORTCUTS} == {SWITCH, RETRY, FORK}


def test_slacks_bounds_hold_for_any_list_of_models() -> None:
    """A hundred for each provider, a hundred providers; names are clipped, ids that do not fit left out."""
    many = [ModelId(f"p{group}", f"m{number}") for group in range(120) for number in range(120)]
    long = [ModelId("long", "x" * 200), ModelId("long", "y" * 100)]
    models = [Model(one, 8_192, None, local=False, vision=False, priced=False) for one in [*long, *many]]
    groups = offered(offers(models), "")
    assert len(groups) == 100
    assert max(len(group["options"]) for group in groups) == 100
    [clipped] = next(group for group in groups if group["label"]["text"] == "long")["options"]
    assert len(clipped["text"]["text"]) == 75
    assert clipped["value"] == "long/" + "y" * 100
