"""The edge as a whole: which workspaces it speaks in, what happens beside what is said, and its health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.adapters.slack.settings import Agent, App, SlackSettings
from bot.adapters.slack.workspaces import SlackNotReady, Workspaces, connect, session
from bot.core.errors import PlatformDown
from storage.store import Store
from tests.bot.adapters.slack.edge_stage import Stage, credentials, staged
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace with an agent's app; after the test every refusal was declared."""
    async with FakeSlack(clock=ManualClock(), agent=True) as server:
        server.general.members.add(server.bot.bot.id)
        yield server
        assert server.unexpected() == []


@pytest.fixture
def settings(slack: FakeSlack) -> SlackSettings:
    """One app in one workspace."""
    return SlackSettings((credentials(slack.app, slack.bot),), api_url=slack.api_url)


@pytest.fixture
async def stage(slack: FakeSlack, store: Store, settings: SlackSettings) -> AsyncIterator[Stage]:
    """One process, connected over two sockets."""
    async with staged(slack, store, settings) as stage:
        await stage.start()
        await stage.connected(sockets=2)
        yield stage


async def asked(slack: FakeSlack, settings: SlackSettings) -> tuple[Workspaces, tuple[str, ...]]:
    """What the tokens of the settings open, and what was said of the others."""
    workspaces = Workspaces()
    async with session() as speaking:
        return workspaces, await connect(settings, speaking, workspaces)


async def test_a_token_opens_its_workspace(slack: FakeSlack, settings: SlackSettings) -> None:
    """With all that is known of it from one call."""
    workspaces, troubles = await asked(slack, settings)
    [workspace] = workspaces
    bot = slack.bot.bot
    assert (workspace.team, workspace.name, workspace.url) == (
        slack.team.id,
        "Acme",
        "https://acme.slack.com/",
    )
    assert (workspace.bot_user, workspace.bot, workspace.app) == (bot.id, bot.bot_id, slack.app.id)
    assert workspace.scopes == slack.bot.scopes
    assert workspaces.known
    assert troubles == ()


@pytest.mark.parametrize(
    ("chosen", "scope", "agent"),
    [
        (Agent.AUTO, True, True),
        (Agent.AUTO, False, False),
        (Agent.ON, False, True),
        (Agent.OFF, True, False),
    ],
)
async def test_the_agent_view_shows_in_its_scope(
    slack: FakeSlack, chosen: Agent, scope: bool, agent: bool
) -> None:
    """Unless the settings say otherwise."""
    slack.bot.scopes = slack.bot.scopes if scope else slack.bot.scopes - {"assistant:write"}
    settings = SlackSettings((credentials(slack.app, slack.bot),), api_url=slack.api_url, agent=chosen)
    workspaces, _ = await asked(slack, settings)
    assert [workspace.agent for workspace in workspaces] == [agent]


@pytest.mark.parametrize(
    ("error", "words"), [("invalid_auth", "does not know it"), ("token_revoked", "was revoked")]
)
async def test_a_dead_token_hinders_no_other(slack: FakeSlack, error: str, words: str) -> None:
    """It is reported by its last letters, with what to do."""
    slack.book.expect("auth.test", error)
    gone = slack.build.install(slack.app, slack.build.workspace("Umbrella"))
    gone.revoked = error == "token_revoked"
    token = gone.token if gone.revoked else "xoxb-of-a-workspace-long-gone"
    app = App((token, slack.bot.token), app_token=slack.app.app_token)
    workspaces, [trouble] = await asked(slack, SlackSettings((app,), api_url=slack.api_url))
    assert [workspace.name for workspace in workspaces] == ["Acme"]
    assert words in trouble
    assert "SLACK_BOT_TOKEN" in trouble
    assert "xoxb" not in trouble


async def test_two_tokens_of_one_workspace(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    """The first speaks there, and the log says so."""
    other = slack.build.app("other")
    slack.build.install(other)
    both = (credentials(slack.app, slack.bot), credentials(other, slack.world.installations[-1]))
    with caplog.at_level(logging.WARNING):
        workspaces, _ = await asked(slack, SlackSettings(both, api_url=slack.api_url))
    assert [workspace.bot_user for workspace in workspaces] == [slack.bot.bot.id]
    assert "two bot tokens are of Acme" in caplog.text


async def test_a_slack_that_is_away_at_the_start(slack: FakeSlack, settings: SlackSettings) -> None:
    """Is no dead token: the supervisor tries again."""
    slack.order(Fault.AWAY, "auth.test")
    with pytest.raises(PlatformDown) as raised:
        await asked(slack, settings)
    assert "cannot be reached" in raised.value.say


async def test_no_token_that_works(slack: FakeSlack, store: Store) -> None:
    """The part is not ready, and says why."""
    slack.book.expect("auth.test", "invalid_auth")
    settings = SlackSettings((App(("xoxb-wrong",), "xapp-1-A1-x"),), api_url=slack.api_url)
    async with staged(slack, store, settings) as stage:
        with pytest.raises(SlackNotReady) as raised:
            await stage.edge.run()
    assert "SLACK_BOT_TOKEN" in raised.value.say


async def test_it_runs_well_and_ends_cleanly(stage: Stage, slack: FakeSlack) -> None:
    """After its end it may begin again."""
    await stage.healthy()
    await stage.stop()
    assert stage.edge.health() == "Slack is being connected."
    await slack.until(lambda: not slack.sockets.open())
    assert not stage.workspaces.known
    await stage.start()
    await stage.connected(sockets=2)
    assert await stage.heard(slack.mention("ada", "general", "hello")) == ["hello"]


async def test_several_apps_in_several_workspaces(slack: FakeSlack, store: Store) -> None:
    """Each workspace is spoken to by the app it has, and none answers for another."""
    umbrella = slack.build.workspace("Umbrella")
    eve = slack.build.user("eve", team=umbrella)
    lobby = slack.build.channel("lobby", team=umbrella)
    other = slack.build.app("other")
    theirs = slack.build.install(other, umbrella)
    lobby.members |= {eve.id, theirs.bot.id}
    # The other app is in Acme too, by a token that nobody gave us.
    stray = slack.build.install(other)
    slack.general.members.add(stray.bot.id)
    apps = (credentials(slack.app, slack.bot), credentials(other, theirs))
    async with staged(slack, store, SlackSettings(apps, api_url=slack.api_url, sockets=1)) as stage:
        await stage.start()
        await stage.connected(teams=2, sockets=2)
        ours = slack.mention("ada", "general", "ours")
        their_own = slack.mention(eve, lobby, "theirs")
        both = slack.say("ada", "general", f"<@{stray.bot.id}> not for us")
        assert await stage.heard(ours) == ["ours"]
        assert await stage.heard(their_own) == ["theirs"]
        assert await stage.heard(both) == []
        assert all(one.ack.ok for one in slack.deliveries.log)


async def test_a_workspace_that_removed_us(stage: Stage, slack: FakeSlack) -> None:
    """Is spoken to no more; health says what to do."""
    slack.uninstall()
    await slack.quiet()
    assert stage.workspaces.get(slack.team.id) is None
    assert "Acme: the bot token does not work any more" in stage.edge.health()
    assert "SLACK_BOT_TOKEN" in stage.edge.health()
    assert all(one.ack.ok for one in slack.deliveries.log)


async def test_a_persons_token_is_not_ours(stage: Stage, slack: FakeSlack) -> None:
    """Who once installed the app may leave."""
    slack.events.happened(slack.bot, "tokens_revoked", tokens={"oauth": [slack.ada.id], "bot": []})
    await slack.quiet()
    await stage.healthy()
    assert stage.workspaces.get(slack.team.id) is not None


async def test_every_event_is_acked(stage: Stage, slack: FakeSlack) -> None:
    """Also those that nothing is done about."""
    said = slack.say("ada", "general", "hello")
    slack.react("ada", said, "wave")
    slack.open_home("ada")
    slack.look("ada", "general")
    slack.build.user("eve")
    slack.invite("eve", "general", by="ada")
    await slack.quiet()
    assert len(slack.deliveries.log) == 5
    assert all(one.ack.ok for one in slack.deliveries.log)


async def test_prompts_are_suggested_once(stage: Stage, slack: FakeSlack) -> None:
    """To each person who opens the agent's messages."""
    slack.open_home("ada", "messages")
    await slack.until(lambda: len(slack.prompts("ada")) == 4)
    slack.open_home("ada", "messages")
    slack.open_home("grace", "messages")
    await slack.until(lambda: len(slack.prompts("grace")) == 4)
    calls = [method for _, method, _ in slack.api.calls]
    assert calls.count("assistant.threads.setSuggestedPrompts") == 2


async def test_slacks_own_stop(stage: Stage, slack: FakeSlack, store: Store) -> None:
    """Ends the answer in that conversation, wherever it grows."""
    first = slack.dm("ada", "a long story")
    await stage.heard(first)
    conversation = await store.conversations.current(str(stage.place(first)))
    assert conversation is not None
    claim = await store.conversations.claim(conversation.id, "another process")
    assert claim is not None
    growing = await store.replies.take(claim)
    assert growing is not None
    await stage.surface.status(stage.place(first), "thinking")
    await slack.until(lambda: (one := slack.session(first.channel, first.ts)) and one.status == "processing")
    slack.stop("ada", first.channel, first.ts)
    await slack.quiet()
    assert stage.surface.stops == [str(stage.place(first))]
    assert await store.replies.stops("another process") == [growing.reply.id]


async def test_a_title_that_people_give(stage: Stage, slack: FakeSlack, store: Store) -> None:
    """Is the conversation's."""
    first = slack.dm("ada", "a long story")
    await slack.until(lambda: (one := slack.session(first.channel, first.ts)) and one.title == "a long story")
    await slack.quiet()
    slack.rename("ada", first.channel, first.ts, "Bedtime")
    await slack.quiet()
    conversation = await store.conversations.current(str(stage.place(first)))
    assert conversation is not None
    assert conversation.title == "Bedtime"


async def test_who_invites_us_is_greeted(stage: Stage, slack: FakeSlack) -> None:
    """Privately, and only where a person did it."""
    room = slack.build.channel("room", members=[slack.ada])
    slack.invite(slack.bot.bot, room, by="ada")
    await slack.until(lambda: slack.whispers("ada"))
    [whisper] = slack.whispers("ada")
    assert "Mention me" in whisper.shown
    quiet = slack.build.channel("quiet", members=[slack.ada])
    slack.invite(slack.bot.bot, quiet)
    await slack.quiet()
    assert len(slack.whispers("ada")) == 1


async def test_bolts_variables_change_nothing(
    slack: FakeSlack, store: Store, settings: SlackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even those with which Bolt would turn to an OAuth of its own and drop every token."""
    for name in (
        "BOT_TOKEN",
        "SIGNING_SECRET",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "VERIFICATION_TOKEN",
        "APP_TOKEN",
    ):
        monkeypatch.setenv(f"SLACK_{name}", "of another program")
    async with staged(slack, store, settings) as stage:
        await stage.start()
        await stage.connected(sockets=2)
        assert await stage.heard(slack.mention("ada", "general", "hello")) == ["hello"]
        assert all(door.bolt.oauth_flow is None for door in stage.edge._doors)  # noqa: SLF001


async def test_an_event_of_an_unknown_form(stage: Stage, slack: FakeSlack) -> None:
    """Is acked and forgotten: Slack's forms change, and delivering it again would not help."""
    slack.say("ada", "general", "hello")
    await slack.quiet()
    whole = slack.deliveries.log[0].sent.payload
    odd: list[dict[str, Any]] = [
        {"type": "message"},
        {"type": "message", "channel": None, "text": None, "user": None, "files": "none", "blocks": 3},
        {"type": "message", "subtype": "message_changed"},
        {"type": "message", "subtype": "message_changed", "message": {}, "previous_message": None},
        {"type": "message", "subtype": "message_deleted"},
        {"type": "message", "hidden": True, "user": slack.ada.id},
        {"type": "app_mention"},
        {"type": "app_home_opened"},
        {"type": "member_joined_channel", "user": slack.bot.bot.id},
        {"type": "agent_session_stopped"},
        {"type": "agent_session_title_changed"},
        {"type": "something_new"},
    ]
    for event in odd:
        slack.deliveries.event(slack.bot, {**whole, "event": event})
    await slack.quiet()
    assert [one.name for one in slack.deliveries.log if not one.ack.ok] == []
    assert len(slack.deliveries.log) == 1 + len(odd)


async def test_the_log_has_no_words_and_no_tokens(
    stage: Stage, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever level the log is at: Bolt and its client write whole requests at the lowest ones."""
    with caplog.at_level(logging.INFO):
        await stage.heard(slack.mention("ada", "general", "a great secret"))
        await stage.stop()
        await asyncio.sleep(0)
    assert "a great secret" not in caplog.text
    assert slack.bot.token not in caplog.text
    assert slack.app.app_token not in caplog.text
