"""Buttons beneath our messages and the menu of messages in Discord, with the real discord.py."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio

from bot.adapters.discord.settings import Answers
from bot.core.place import Place
from bot.core.view import Button
from storage.store import Store
from tests.bot.adapters.discord.command_stage import Stage, private, staged
from tests.bot.adapters.discord.seeing import ours
from tests.fakes.discord.exchanges import DEFER_UPDATE
from tests.fakes.orders import Fault

AGAIN, CHOOSE = "Answer again", "Choose the model"


@pytest_asyncio.fixture
async def stage(store: Store) -> AsyncIterator[Stage]:
    async with staged(store) as one:
        yield one


async def test_retry_asks_again_once_however_often_it_is_clicked(stage: Stage) -> None:
    """Two clicks in a moment, or of two people before anything came of it, are one wish; a later one is another."""
    root, message, number = await stage.thread()
    place = stage.place(root)
    first = await stage.fake.press("ada", message, "Retry")
    assert first.shown == "Another answer is on its way."
    assert private(first)
    [wish] = await stage.waiting(place)
    assert f'"reply_id": {number}' in wish.payload
    second = await stage.fake.press("ada", message, "Retry")
    assert second.answered == DEFER_UPDATE
    assert stage.whispers() == [first.shown]
    await stage.fake.press("grace", message, "Retry")
    assert stage.whispers("grace") == ["Another answer is on its way."]
    assert len(await stage.waiting(place)) == 1
    await stage.again(stage.place(root))
    await stage.clock.advance(10)
    await stage.fake.press("ada", message, "Retry")
    assert len(stage.whispers()) == 2
    assert len(await stage.waiting(place)) == 1


async def test_a_wish_that_came_true_within_the_moment_is_not_repeated(stage: Stage) -> None:
    """The second half of a double click comes when the answer is there already."""
    root, message, _ = await stage.thread()
    await stage.fake.press("ada", message, "Retry")
    await stage.again(stage.place(root))
    await stage.clock.advance(1)
    await stage.fake.press("ada", message, "Retry")
    assert await stage.waiting(stage.place(root)) == []


async def test_thumbs_are_kept(stage: Stage) -> None:
    """Each person has one, the last; only that person is thanked."""
    _, message, number = await stage.thread()
    assert private(await stage.fake.press("ada", message, "👍"))
    assert (await stage.fake.press("grace", message, "👍")).shown == "Thanks, noted."
    await stage.fake.press("ada", message, "👎")
    row = await stage.store.replies.get(number)
    assert row is not None
    assert row.message_id is not None
    kept = await stage.store.feedback.of(row.message_id)
    assert sorted(one.verdict for one in kept) == ["bad", "good"]


async def test_stop_and_continue_are_clicks_too(stage: Stage) -> None:
    """Nothing is being written, and the rest is asked for."""
    root, message, _ = await stage.thread()
    stop = await stage.post(stage.place(root), "extra", Button("Stop", "stop"))
    assert (await stage.fake.press("ada", stop, "Stop")).shown == "Nothing is being written here."
    await stage.fake.press("ada", message, "Continue")
    [wish] = await stage.waiting(stage.place(root))
    assert '"go_on": true' in wish.payload


async def test_a_button_may_switch_the_model_for_all_to_see(stage: Stage) -> None:
    """What a refusal offers is a whole command."""
    root, _, _ = await stage.thread()
    offer = await stage.post(stage.place(root), "extra", Button("Quick", "model demo/quick"))
    answered = await stage.fake.press("grace", offer, "Quick")
    assert "**demo/quick** answers here from the next message on." in answered.shown
    assert not private(answered)
    assert await stage.model(stage.place(root)) == "demo/quick"


async def test_a_button_that_no_command_knows_says_so(stage: Stage) -> None:
    """From an older version, perhaps."""
    root, _, _ = await stage.thread()
    odd = await stage.post(stage.place(root), "extra", Button("Odd", "frobnicate"))
    assert "There is no command" in (await stage.fake.press("ada", odd, "Odd")).shown


async def test_a_slow_order_is_acknowledged_in_time(store: Store) -> None:
    """Its answer follows, still to the asker alone."""
    async with staged(store, quick=0.0) as stage:
        _, message, _ = await stage.thread()
        answered = await stage.fake.press("ada", message, "Retry")
        assert answered.answered == DEFER_UPDATE
        await stage.fake.until(lambda: stage.whispers() == ["Another answer is on its way."])


async def test_a_slow_switch_is_said_to_all(store: Store) -> None:
    """After an acknowledgement both are still possible."""
    async with staged(store, quick=0.0) as stage:
        root, _, _ = await stage.thread()
        offer = await stage.post(stage.place(root), "extra", Button("Quick", "model demo/quick"))
        await stage.fake.press("grace", offer, "Quick")
        assert "**demo/quick** answers here" in await stage.said(stage.place(root), 3)


async def test_buttons_work_in_direct_messages(stage: Stage) -> None:
    """The place is the conversation."""
    await stage.talk(stage.dm)
    message = stage.last(stage.dm)
    assert (await stage.fake.press("ada", message, "Retry")).shown == "Another answer is on its way."
    assert len(await stage.waiting(stage.dm)) == 1


async def test_in_a_channel_a_button_knows_its_conversation(store: Store) -> None:
    """Where answers are replies, many conversations stand beside each other; each message carries its own."""
    async with staged(store, answers=Answers.REPLY) as stage:
        asked = []
        for text in ("Why?", "How?"):
            root = stage.fake.mention("ada", "general", text)
            stage.surface.note_asked(stage.place(root), stage.bot, root.channel.id, root.id, text)
            await stage.talk(stage.place(root), text)
            asked.append((stage.place(root), ours(stage.fake, stage.place(root))[-1]))
        (first, message), (second, other) = asked
        assert message.channel is other.channel is stage.fake.general
        await stage.fake.press("ada", message, "Retry")
        assert (len(await stage.waiting(first)), len(await stage.waiting(second))) == (1, 0)
        await stage.fake.menu("ada", other, AGAIN)
        assert len(await stage.waiting(second)) == 1
        shown = await stage.fake.press("ada", message, "Model")
        [chooser] = shown.messages
        picked = next(name for name in chooser.actions if name.startswith("pick:"))
        await stage.fake.choose("ada", chooser, picked, "demo/quick")
        assert await stage.model(first) == "demo/quick"
        assert await stage.model(second) is None


async def test_a_button_of_another_channel_opens_no_door(stage: Stage) -> None:
    """A number names an answer anywhere; what is not of this channel stays out of reach."""
    _, _, number = await stage.thread()
    other = Place("discord", stage.fake.guild.id, stage.fake.build.channel("other").id)
    foreign = await stage.post(other, "extra", Button("Retry", f"retry #{number}"))
    answered = await stage.fake.press("ada", foreign, "Retry")
    assert "belongs to a conversation" in answered.shown


async def test_the_menu_of_an_answer_asks_for_that_answer_again(stage: Stage) -> None:
    """Of any other message for the last one; also outside, at the message that the thread was opened at."""
    root, message, number = await stage.thread()
    place = stage.place(root)
    last = await stage.talk(place, "And now?")
    said = stage.fake.say("grace", root, "Hm.")
    assert (await stage.fake.menu("ada", message, AGAIN)).shown == "Another answer is on its way."
    await stage.fake.menu("grace", said, AGAIN)
    await stage.clock.advance(10)
    conversation = await stage.store.conversations.current(str(place))
    assert conversation is not None
    wishes = [wish.payload for wish in await stage.waiting(place)]
    named = [int(found[1]) for payload in wishes for found in re.finditer(r'"reply_id": (\d+)', payload)]
    assert named == [number, last]
    outside = await stage.fake.menu("ada", root, CHOOSE)
    assert "answers here:" in outside.shown


async def test_the_menu_of_any_other_message_explains_itself(stage: Stage) -> None:
    """Where nobody has spoken with us there is nothing to do."""
    message = stage.fake.say("ada", "general", "Lunch?")
    for entry in (AGAIN, CHOOSE):
        answered = await stage.fake.menu("ada", message, entry)
        assert "no conversation with Switchboard here yet" in answered.shown
        assert private(answered)


async def test_the_database_is_away(stage: Stage) -> None:
    """The person hears of it beside the button."""
    _, message, _ = await stage.thread()
    await stage.store.close()
    for button in ("Retry", "Model"):
        assert (await stage.fake.press("ada", message, button)).shown
    assert (await stage.fake.menu("ada", message, AGAIN)).shown


async def test_a_lost_echo_shows_nothing_twice(store: Store) -> None:
    """A message that may have been shown is not repeated; an edit is, since that does no harm."""
    async with staged(store, quick=0.0) as stage:
        _, message, _ = await stage.thread()
        stage.fake.order(Fault.LOST, "create_followup")
        await stage.fake.press("ada", message, "👍")
        await stage.handled(1)
        assert stage.whispers() == ["Thanks, noted."]
        stage.fake.order(Fault.LOST, "edit_answer")
        stage.fake.order(Fault.BUSY, "edit_answer", wait=0.01)
        helped = await stage.fake.command("ada", "general", "help")
        await stage.handled(2)
        assert "`/model [model] [scope:…]`" in helped.shown
        assert helped.shown.count("`/model [model] [scope:…]`") == 1
        assert len({one.id for one in helped.messages}) == len({one.content for one in helped.messages})


async def test_a_busy_follow_up_is_shown_a_little_later(store: Store) -> None:
    """Discord says how much."""
    async with staged(store, quick=0.0) as stage:
        _, message, _ = await stage.thread()
        stage.fake.order(Fault.BUSY, "create_followup", wait=0.01)
        await stage.fake.press("ada", message, "👍")
        await stage.handled(1)
        assert stage.whispers() == ["Thanks, noted."]


async def test_an_interaction_told_again_is_answered_once(stage: Stage) -> None:
    """A resumed session may repeat what it told already."""
    _, message, _ = await stage.thread()
    await stage.fake.press("ada", message, "👍")
    await stage.handled(1)
    [again] = stage.hearing.told
    await stage.commands.interaction(stage.bot, again)
    assert stage.whispers() == ["Thanks, noted."]
