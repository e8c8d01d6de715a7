"""Slash commands and buttons in Slack, with the real slack-bolt."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.adapters.slack.commands.admins import is_admin
from bot.commands.command import Answer
from bot.core.view import Picture, View
from storage.store import Store
from tests.bot.adapters.slack.command_stage import LUNA, Stage, staged
from tests.contracts.surfaces import PNG
from tests.fakes.slack.messages import Message


@pytest_asyncio.fixture(params=["socket", "http"])
async def stage(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Stage]:
    async with staged(store, http=request.param == "http") as one:
        yield one


@pytest_asyncio.fixture
async def late(store: Store) -> AsyncIterator[Stage]:
    """A stage on which no order is done in time for its ack."""
    async with staged(store, quick=0.0) as one:
        yield one


async def test_a_channels_default_is_set_for_all_to_see(stage: Stage) -> None:
    """By an admin of the workspace, as Slack has them; the answer is in the ack, and everybody reads it."""
    stage.slack.ada.owner = True
    assert (await stage.slack.command("ada", "general", "/model", "demo/quick scope:channel")).ok
    await stage.slack.until(lambda: stage.slack.top("general"))
    assert await stage.default() == "demo/quick"
    [shown] = stage.slack.top("general")
    assert "**demo/quick** answers in this channel's threads from now on" in shown.text
    assert stage.whispers() == []


async def test_in_a_channel_it_asks_for_whom(stage: Stage) -> None:
    """Three buttons, which the asker alone sees; what they choose for themself they alone hear."""
    await stage.slack.command("ada", "general", "/model", "demo/quick")
    [asked] = stage.slack.whispers("ada")
    await stage.slack.click("ada", asked, "say:0")
    assert "Only an admin of this workspace may" in await stage.whispered(2)
    await stage.slack.click("ada", asked, "say:2")
    assert "the next thread that you start" in await stage.whispered(3)
    assert stage.slack.top("general") == []
    conversation = await stage.store.conversations.start_new(
        f"slack:{stage.slack.team.id}/{stage.slack.general.id}/1.2", await _person(stage)
    )
    assert conversation.current_model == "demo/quick"


async def test_an_admin_of_another_company_is_none_here(stage: Stage) -> None:
    """Who comes from another workspace by a shared channel administers that one; without the scope nobody is one."""
    stranger = stage.slack.build.user("zoe", team=stage.slack.build.workspace("Other"), admin=True)
    stage.slack.team.users[stranger.id] = stranger
    assert not await is_admin(stage.workspace, stranger.id)
    stage.slack.grace.admin = True
    assert await is_admin(stage.workspace, stage.slack.grace.id)
    stage.slack.ada.admin, stage.workspace.scopes = True, frozenset()
    assert not await is_admin(stage.workspace, stage.slack.ada.id)
    assert await is_admin(stage.workspace, stage.slack.grace.id)  # believed for a while


async def test_what_changes_nothing_is_said_to_the_asker_alone(stage: Stage) -> None:
    """Help, errors, and what belongs into a thread."""
    await stage.slack.command("ada", "general", "/help")
    await stage.slack.command("ada", "general", "/new")
    await stage.slack.command("ada", "general", "/model", "gpt6lunna")
    overview, refused, wrong = stage.whispers()
    assert "`/follow [threads|mentions]`" in overview
    assert "In a thread, where Slack takes no slash commands, write `@Switchboard model`" in overview
    assert "write `@Switchboard new` in a thread" in refused
    assert "Nearest: `openai/gpt-6-luna`" in wrong
    assert stage.slack.top("general") == []


async def test_an_answer_that_takes_its_time_comes_later(late: Stage) -> None:
    """The ack is empty then, and the answer the same."""
    assert (await late.slack.command("ada", "general", "/help")).payload == {}
    assert "`/model [model] [scope:…]`" in await late.whispered()
    late.slack.ada.admin = True
    assert (await late.slack.command("ada", "general", "/model", "demo/quick scope:channel")).ok
    await late.slack.until(lambda: late.slack.top("general"))
    assert await late.default() == "demo/quick"


async def test_a_flat_direct_message_is_a_conversation(stage: Stage) -> None:
    """There /model chooses for it, /retry asks again, and /new begins anew, for both to read."""
    await stage.talk(stage.dm)
    await stage.slack.command("ada", stage.dm.channel, "/model", "demo/story")
    assert await stage.model(stage.dm) == "demo/story"
    await stage.slack.command("ada", stage.dm.channel, "/retry")
    assert "Another answer is on its way." in await stage.whispered()
    [wish] = await stage.waiting(stage.dm)
    assert wish.kind == "again"
    await stage.slack.command("ada", stage.dm.channel, "/new")
    assert "A new conversation starts here." in stage.slack.top(stage.dm.channel)[-1].text
    assert await stage.model(stage.dm) is None


async def test_an_agents_direct_message_is_a_channel_of_threads(store: Store) -> None:
    """Slash commands come from outside of its threads."""
    async with staged(store, agent=True) as stage:
        channel = stage.dm.channel
        await stage.slack.command("ada", channel, "/stop")
        assert "belongs to a conversation" in stage.whispers()[-1]
        await stage.slack.command("ada", channel, "/model", "demo/story scope:channel")
        scope = f"place:{stage.dm}"
        assert (await store.settings.get_many([scope], "model"))[scope].value == "demo/story"


async def test_a_prefix_stands_before_every_name(store: Store) -> None:
    """Two bots in one workspace; help writes the names as they are typed."""
    async with staged(store, prefix="sb-") as stage:
        await stage.slack.command("ada", "general", "/sb-help")
        [shown] = stage.whispers()
        assert "`/sb-model [model] [scope:…]`" in shown
        assert "`/model" not in shown


async def test_a_workspace_that_is_gone_is_told_so(stage: Stage) -> None:
    """A sentence, and nothing happens."""
    _, message, _ = await stage.thread()
    stage.workspaces.drop(stage.slack.team.id)
    await stage.slack.command("ada", "general", "/model", "demo/quick")
    assert "not connected to Switchboard any more" in await stage.whispered()
    await stage.slack.click("ada", message, "say:1")
    assert "not connected to Switchboard any more" in await stage.whispered(2)
    assert await stage.default() is None


async def test_retry_asks_again_once_however_often_it_is_clicked(stage: Stage) -> None:
    """Two clicks in a moment, or of two people before anything came of it, are one wish; a later one is another."""
    root, message, number = await stage.thread()
    place = stage.place(root)
    assert (await stage.slack.click("ada", message, "say:1")).ok
    assert await stage.whispered() == "Another answer is on its way."
    [wish] = await stage.waiting(place)
    assert f'"reply_id": {number}' in wish.payload
    await stage.slack.click("ada", message, "say:1")
    await stage.slack.click("grace", message, "say:1")
    assert await stage.whispered(1, "grace") == "Another answer is on its way."
    assert len(await stage.waiting(place)) == 1
    conversation = await stage.store.conversations.current(str(place))
    assert conversation is not None
    await stage.answered(conversation.id)
    await stage.clock.advance(10)
    await stage.slack.click("ada", message, "say:1")
    await stage.whispered(2)
    assert len(await stage.waiting(place)) == 1


async def test_a_wish_that_came_true_within_the_moment_is_not_repeated(stage: Stage) -> None:
    """The second half of a double click comes when the answer is there already."""
    root, message, _ = await stage.thread()
    await stage.slack.click("ada", message, "say:1")
    await stage.whispered()
    conversation = await stage.store.conversations.current(str(stage.place(root)))
    assert conversation is not None
    await stage.answered(conversation.id)
    await stage.clock.advance(1)
    await stage.slack.click("ada", message, "say:1")
    await stage.slack.click("ada", message, "say:thumbs", "positive")
    await stage.whispered(2)
    assert await stage.waiting(stage.place(root)) == []


async def test_thumbs_are_kept(stage: Stage) -> None:
    """Each person has one, the last; only that person is thanked."""
    _, message, number = await stage.thread()
    await stage.slack.click("ada", message, "say:thumbs", "positive")
    assert await stage.whispered() == "Thanks, noted."
    await stage.slack.click("grace", message, "say:thumbs", "positive")
    await stage.whispered(1, "grace")
    await stage.slack.click("ada", message, "say:thumbs", "negative")
    await stage.whispered(2)
    row = await stage.store.replies.get(number)
    assert row is not None
    assert row.message_id is not None
    verdicts = await stage.store.feedback.of(row.message_id)
    assert sorted(one.verdict for one in verdicts) == ["bad", "good"]
    assert {one.model for one in verdicts} == {LUNA}


async def test_a_click_in_a_flat_direct_message_means_its_conversation(stage: Stage) -> None:
    """There is no thread to name it."""
    number = await stage.talk(stage.dm)
    message = await stage.post(stage.dm, number)
    await stage.slack.click("ada", message, "say:0")
    assert await stage.whispered() == "The rest is on its way."
    [wish] = await stage.waiting(stage.dm)
    assert '"go_on": true' in wish.payload


async def test_a_button_may_switch_the_model_for_all_to_see(stage: Stage) -> None:
    """What a refusal offers is a whole command."""
    root, _, _ = await stage.thread()
    answer = await _with_button(stage, root, "model demo/quick")
    await stage.slack.click("grace", answer, "say:0")
    assert "**demo/quick** answers here from the next message on." in await stage.said(root, 3)
    assert await stage.model(stage.place(root)) == "demo/quick"
    assert stage.whispers("grace") == []


async def test_a_button_that_no_command_knows_says_so(stage: Stage) -> None:
    """From an older version, perhaps."""
    root, _, _ = await stage.thread()
    await stage.slack.click("ada", await _with_button(stage, root, "frobnicate"), "say:0")
    assert "There is no command" in await stage.whispered()


async def test_commands_in_threads_are_named_as_they_are_written_there(stage: Stage) -> None:
    """No slash command can be given in a thread."""
    root, _, _ = await stage.thread()
    await stage.slack.click("ada", await _with_button(stage, root, "help"), "say:0")
    shown = await stage.whispered()
    assert "`!model [model] [scope:…]`" in shown
    assert "`/" not in shown


async def test_the_database_is_away(stage: Stage) -> None:
    """The person hears of it, in the ack or beside the button."""
    _, message, _ = await stage.thread()
    await stage.store.close()
    await stage.slack.command("ada", "general", "/model", "demo/quick")
    assert stage.whispers()
    await stage.slack.click("ada", message, "say:1")
    await stage.whispered(2)


@pytest.mark.parametrize("aloud", [True, False])
async def test_a_slash_command_may_be_answered_with_a_picture(stage: Stage, aloud: bool) -> None:
    """It stands between the words and what is beneath them."""
    view = View("Last week", picture=Picture(PNG, "Bar chart: $3 in all.", "spending.png"))
    stage.desk.instead = Answer(view, refresh=aloud)
    await stage.slack.command("ada", "general", "/help")
    shown = stage.slack.top(stage.slack.general.id)[-1] if aloud else stage.slack.whispers("ada")[-1]
    assert [block["type"] for block in shown.blocks] == ["markdown", "image"]


async def test_an_expired_address_is_no_trouble(late: Stage) -> None:
    """What cannot be said by it is logged, and the next order works."""
    late.slack.book.expect("response_url", "expired_url")
    late.gate.clear()
    await late.slack.command("ada", "general", "/help")
    await late.clock.advance(1801)
    late.gate.set()
    await late.slack.until(lambda: late.slack.book.entries)
    await late.slack.command("ada", "general", "/help")
    assert "`/model [model] [scope:…]`" in await late.whispered()


async def _person(stage: Stage) -> int:
    team = stage.slack.team.id
    return (await stage.store.people.identify("slack", f"slack:{team}", stage.slack.ada.id, "")).id


async def _with_button(stage: Stage, root: Message, command: str) -> Message:
    element = {
        "type": "button",
        "action_id": "say:0",
        "text": {"type": "plain_text", "text": "Go"},
        "value": command,
    }
    posted = await stage.workspace.client.chat_postMessage(
        channel=root.channel,
        thread_ts=root.ts,
        text="x",
        blocks=[{"type": "actions", "elements": [element]}],
    )
    return stage.slack.general.messages[str(posted["ts"])]
