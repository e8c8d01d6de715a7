"""Slash commands and words in messages in Discord, with the real discord.py."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.adapters.discord.commands.admins import is_admin
from bot.adapters.discord.commands.commands import DiscordCommands
from bot.adapters.discord.hooks import Words
from bot.commands.command import Answer
from bot.core.place import Place
from bot.core.view import Button, Picture, Tone, View
from storage.store import Store
from tests.bot.adapters.discord.command_stage import LUNA, Stage, private, staged
from tests.contracts.surfaces import PNG
from tests.fakes.discord.exchanges import DEFER, SAY
from tests.fakes.discord.permissions import Can
from tests.fakes.orders import Fault


@pytest_asyncio.fixture
async def stage(store: Store) -> AsyncIterator[Stage]:
    async with staged(store) as one:
        yield one


@pytest_asyncio.fixture
async def late(store: Store) -> AsyncIterator[Stage]:
    """A stage on which no order is done in time for the first answer."""
    async with staged(store, quick=0.0) as one:
        yield one


async def test_a_channels_default_is_set_for_all_to_see(stage: Stage) -> None:
    """It is the answer to the command, which everybody reads."""
    answered = await stage.fake.command("ada", "general", "model", model="demo/quick", scope="channel")
    assert answered.answered == SAY
    assert "**demo/quick** answers in this channel's threads from now on" in answered.shown
    assert not private(answered)
    assert await stage.default() == "demo/quick"


async def test_who_manages_the_server_chooses_for_a_channel(stage: Stage) -> None:
    """By a command as its permissions say, by words as the roles do; others are told who may."""
    fake = stage.fake
    for who in (fake.grace, fake.ada):
        assert await is_admin(stage.bot, fake.guild.id, who.id) == (who is fake.ada)
    asked = await fake.command("grace", "general", "model", model="demo/quick", scope="channel")
    assert "Only an admin of this workspace may" in asked.shown
    fake.build.give(fake.grace, fake.build.role("boss", Can.MANAGE_GUILD))
    assert await is_admin(stage.bot, fake.guild.id, fake.grace.id)
    assert not await is_admin(stage.bot, "@me", fake.ada.id)
    asked = await fake.command("grace", "general", "model", model="demo/quick", scope="channel")
    assert "**demo/quick** answers" in asked.shown


async def test_what_changes_nothing_is_said_to_the_asker_alone(stage: Stage) -> None:
    """Help, errors, and what belongs into a thread."""
    overview = await stage.fake.command("ada", "general", "help")
    refused = await stage.fake.command("ada", "general", "new")
    wrong = await stage.fake.command("ada", "general", "model", model="gpt6lunna")
    assert "`/follow [threads|mentions]`" in overview.shown
    assert "write `@Switchboard new` in a thread" in refused.shown
    assert "Nearest: `openai/gpt-6-luna`" in wrong.shown
    assert stage.fake.shown("general") == []
    assert len(stage.whispers()) == len(overview.messages) + 2


async def test_an_answer_that_takes_its_time_comes_later(late: Stage) -> None:
    """Discord is told to wait; the answer is the same."""
    answered = await late.fake.command("ada", "general", "help")
    assert answered.answered == DEFER
    await late.fake.until(lambda: "`/model [model] [scope:…]`" in answered.shown)
    assert private(answered)


async def test_what_is_for_all_is_for_all_when_it_comes_later_too(late: Stage) -> None:
    """Whether a promise is kept in private is settled with the promise, so the answer stands beneath it."""
    answered = await late.fake.command("ada", "general", "model", model="demo/quick", scope="channel")
    await late.fake.until(lambda: len(answered.messages) == 2)
    promised, said = answered.messages
    assert "for everybody" in promised.shown
    assert promised.to == late.fake.ada.id
    assert "**demo/quick** answers" in said.shown
    assert said.to == ""
    assert await late.default() == "demo/quick"


async def test_after_a_quarter_of_an_hour_the_bot_itself_speaks(late: Stage) -> None:
    """The interaction takes no answer any more then."""
    late.fake.book.expect("", "50027")
    late.gate.clear()
    answered = await late.fake.command("ada", "general", "help")
    assert answered.answered == DEFER
    await late.clock.advance(901)
    late.gate.set()
    place = Place("discord", late.fake.guild.id, late.fake.general.id)
    assert "`/model [model] [scope:…]`" in await late.said(place, 1)


async def test_commands_work_inside_of_threads(stage: Stage) -> None:
    """They are about the thread's conversation: its model, its last answer, a new beginning."""
    root, _, number = await stage.thread()
    place = stage.place(root)
    switched = await stage.fake.command("grace", root, "model", model="demo/story")
    assert "**demo/story** answers here from the next message on." in switched.shown
    assert not private(switched)
    assert await stage.model(place) == "demo/story"
    again = await stage.fake.command("ada", root, "retry", reply=number, model="demo/quick")
    assert "Another answer from **demo/quick** is on its way." in again.shown
    assert private(again)
    [wish] = await stage.waiting(place)
    assert f'"reply_id": {number}' in wish.payload
    begun = await stage.fake.command("ada", root, "new")
    assert "A new conversation starts here." in begun.shown
    assert not private(begun)


async def test_a_direct_message_is_a_conversation(stage: Stage) -> None:
    """There /model chooses for it, and /new begins anew."""
    await stage.talk(stage.dm)
    channel = stage.fake.world.channel(stage.dm.channel)
    await stage.fake.command("ada", channel, "model", model="demo/story")
    assert await stage.model(stage.dm) == "demo/story"
    rated = await stage.fake.command("ada", channel, "rate", verdict="good")
    assert rated.shown == "Thanks, noted."
    await stage.fake.command("ada", channel, "new")
    assert await stage.model(stage.dm) is None
    followed = await stage.fake.command("ada", channel, "follow", what="mentions")
    assert "nothing to choose" in followed.shown


async def test_follow_is_for_the_whole_channel(stage: Stage) -> None:
    """Said in a thread it holds for the others too."""
    root, _, _ = await stage.thread()
    answered = await stage.fake.command("ada", root, "follow", what="mentions")
    assert "only messages that mention me are answered from now on" in answered.shown
    scope = f"place:{replace(stage.place(root), thread='')}"
    assert (await stage.store.settings.get_many([scope], "follow"))[scope].value == "mentions"


async def test_where_only_a_person_brought_us_commands_are_answered(stage: Stage) -> None:
    """By the interaction alone; help says what else there is."""
    fake = stage.fake
    elsewhere = fake.build.guild("Elsewhere", fake.ada)
    fake.build.channel("lobby", guild=elsewhere)
    fake.build.install(fake.app, fake.ada)
    helped = await fake.command("ada", "lobby", "help")
    assert "write to me directly" in helped.shown
    asked = await fake.command("ada", fake.build.group_dm(fake.ada, fake.grace), "retry")
    assert "Nothing was asked here yet" in asked.shown
    assert private(asked)


async def test_too_late_where_we_are_a_guest_nothing_more_can_be_said(late: Stage) -> None:
    """We have no way there but the interaction."""
    fake = late.fake
    fake.build.install(fake.app, fake.ada)
    fake.book.expect("", "50027")
    late.gate.clear()
    await fake.command("ada", fake.build.group_dm(fake.ada, fake.grace), "help")
    await late.clock.advance(901)
    late.gate.set()
    await late.handled(1)
    assert [entry.error for entry in fake.book.entries] == ["50027"]


async def test_completion_offers_models_and_commands(stage: Stage) -> None:
    """The best first, at most 25, each with its window and price."""
    every = await stage.fake.complete("ada", "general", "model", "model")
    assert every[0]["value"] == "default"
    assert len(every) <= 25
    [found] = await stage.fake.complete("ada", "general", "model", "model", model="thoro")
    assert found["value"] == "demo/thorough"
    assert found["name"].startswith("demo/thorough — ")
    retried = await stage.fake.complete("ada", "general", "retry", "model", model="luna")
    assert LUNA in [one["value"] for one in retried]
    assert "default" not in [
        one["value"] for one in await stage.fake.complete("ada", "general", "retry", "model")
    ]
    helped = await stage.fake.complete("ada", "general", "help", "command", command="mod")
    assert [one["value"] for one in helped] == ["model", "models"]
    assert await stage.fake.complete("ada", "general", "model", "model", model="no such model") == []


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DOWN, Fault.CUT])
async def test_a_first_answer_is_tried_again(stage: Stage, fault: Fault) -> None:
    """Also where it was taken and only its echo lost; what is left to say follows."""
    if fault is Fault.LOST:
        stage.fake.book.expect("answer", "40060")
    stage.fake.order(fault, "answer")
    stage.desk.instead = Answer(View("\n\n".join(["x" * 1500] * 2)))
    answered = await stage.fake.command("ada", "general", "help")
    await stage.handled(1)
    assert len(answered.messages) == 2


@pytest.mark.parametrize("quick", [2.0, 0.0])
async def test_two_processes_with_one_token_answer_once(store: Store, quick: float) -> None:
    """Both hear each command and carry it out; whoever answers first says all of it, the other nothing."""
    async with staged(store, quick=quick) as stage:
        other = DiscordCommands(stage.desk, stage.delivery, stage.surface, stage.store, quick=quick)
        stage.fake.book.expect("answer", "40060", times=1)
        stage.desk.instead = Answer(View("\n\n".join(["x" * 1500] * 2)), refresh=True)
        stage.gate.clear()
        asking = asyncio.create_task(stage.fake.command("ada", "general", "model", model="demo/quick"))
        await stage.fake.until(lambda: stage.hearing.told)
        second = asyncio.create_task(other.interaction(stage.bot, stage.hearing.told[0]))
        stage.gate.set()
        answered, _ = await asyncio.gather(asking, second)
        await stage.handled(1)
        await other.close()
        assert "".join(message.content for message in answered.messages).count("x") == 3000
        assert stage.fake.shown("general") == [one for one in answered.messages if not one.to]


@pytest.mark.parametrize("quick", [2.0, 0.0])
async def test_a_long_answer_stands_in_several_messages(store: Store, quick: float) -> None:
    """All of it, each within Discord's limits, to the asker alone; and it calls nobody."""
    async with staged(store, quick=quick) as stage:
        lines = [f"- line {number} for @everyone and <@{stage.fake.grace.id}>" for number in range(120)]
        stage.desk.instead = Answer(
            View("\n".join(lines), buttons=(Button("Help", "help"),), tone=Tone.ERROR)
        )
        answered = await stage.fake.command("ada", "general", "help")
        await stage.handled(1)
        assert len(answered.messages) > 2
        assert private(answered)
        shown = "\n".join(message.content for message in answered.messages)
        assert re.findall(r"line (\d+)", shown) == [str(number) for number in range(120)]
        assert shown.count("⚠️") == 1
        assert [len(message.actions) for message in answered.messages][-2:] == [0, 1]


async def test_a_guest_says_no_more_than_it_may(stage: Stage) -> None:
    """Discord takes five messages after a promise; that something is missing shows."""
    fake = stage.fake
    fake.build.install(fake.app, fake.ada)
    stage.desk.instead = Answer(View("\n\n".join(["x" * 1500] * 9)))
    answered = await fake.command("ada", fake.build.group_dm(fake.ada, fake.grace), "help")
    await stage.handled(1)
    assert len(answered.messages) == 5
    assert answered.messages[-1].content.endswith("\n…")


async def test_the_database_is_away(stage: Stage) -> None:
    """The person hears of it."""
    await stage.store.close()
    answered = await stage.fake.command("ada", "general", "model", model="demo/quick")
    assert private(answered)
    shown = await stage.fake.command("ada", "general", "model")
    assert private(shown)


@pytest.mark.parametrize("aloud", [True, False])
async def test_a_command_may_be_answered_with_a_picture(stage: Stage, aloud: bool) -> None:
    """In the first answer, with its words for those who do not see it."""
    await pictured(stage, aloud=aloud)


async def test_a_picture_may_take_its_time(late: Stage) -> None:
    """Then it stands in the answer that was waited for."""
    await pictured(late, aloud=False)


async def pictured(stage: Stage, *, aloud: bool) -> None:
    view = View("Last week", picture=Picture(PNG, "Bar chart: $3 in all.", "spending.png"))
    stage.desk.instead = Answer(view, refresh=aloud)
    answered = await stage.fake.command("ada", "general", "help")
    await stage.handled(1)
    (file,) = answered.messages[-1].attachments
    assert (file.data, file.description) == (PNG, "Bar chart: $3 in all.")
    assert answered.messages[-1].content == "Last week"
    assert private(answered) is not aloud


# Words in messages


async def order(stage: Stage, place: Place, channel: str, message: str, line: str) -> None:
    """Whoever receives messages hands one over that is a command."""
    begun = await stage.store.conversations.current(str(place)) is not None
    words = Words(stage.bot, place, channel, message, stage.fake.ada.id, "ada", line, begun)
    await stage.commands.words(words)


async def test_a_switch_is_said_in_the_thread_once(stage: Stage) -> None:
    """A repeat of the message does nothing more."""
    root, _, _ = await stage.thread()
    place = stage.place(root)
    said = stage.fake.say("ada", root, "!model quick")
    await order(stage, place, place.thread, said.id, "/model quick")
    assert "**demo/quick** answers here from the next message on." in await stage.said(place, 2)
    await order(stage, place, place.thread, said.id, "/model quick")
    second = stage.fake.say("ada", root, "!model story")
    await order(stage, place, place.thread, second.id, "/model story")
    assert "**demo/story**" in await stage.said(place, 3)
    assert len(stage.shown(place)) == 3


async def test_no_thread_is_opened_for_what_changes_nothing(stage: Stage) -> None:
    """Said at top level it is answered in the channel; a switch begins the thread."""
    helped = stage.fake.mention("ada", "general", "help")
    await order(stage, stage.place(helped), helped.channel.id, helped.id, "/help")
    channel = replace(stage.place(helped), thread="")
    assert "`/model [model] [scope:…]`" in await stage.said(channel, 1)
    assert helped.thread is None
    switched = stage.fake.mention("ada", "general", "model quick")
    await order(stage, stage.place(switched), switched.channel.id, switched.id, "/model quick")
    await stage.fake.until(lambda: switched.thread is not None)
    assert "**demo/quick** answers here" in await stage.said(stage.place(switched), 1)
    assert await stage.model(stage.place(switched)) == "demo/quick"


async def test_an_answer_that_nobody_can_be_shown_is_let_go(stage: Stage) -> None:
    """The order was carried out; the next one is answered again."""
    stage.fake.close_dms("ada")
    stage.fake.book.expect("create_message", "50007")
    said = stage.fake.dm("ada", "!model quick")
    await order(stage, stage.dm, stage.dm.channel, said.id, "/model quick")
    await stage.fake.until(lambda: stage.fake.book.entries)
    stage.fake.close_dms("ada", closed=False)
    assert await stage.model(stage.dm) == "demo/quick"
    second = stage.fake.dm("ada", "!help")
    await order(stage, stage.dm, stage.dm.channel, second.id, "/help")
    assert "`/model [model] [scope:…]`" in await stage.said(stage.dm, 1)
