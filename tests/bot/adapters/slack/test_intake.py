"""What is said in Slack reaches the inbox once, as it was meant; by Socket Mode with the real clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.adapters.slack.settings import SlackSettings
from bot.core.place import Place
from storage.errors import StorageDown
from storage.store import Store
from tests.bot.adapters.slack.edge_stage import Stage, credentials, promised, staged
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Slack's own time."""
    return ManualClock()


@pytest.fixture
def agent() -> bool:
    """Whether the app has the agent view."""
    return False


@pytest.fixture
async def slack(clock: ManualClock, agent: bool) -> AsyncIterator[FakeSlack]:
    """A workspace; after the test every refusal was declared."""
    async with FakeSlack(clock=clock, agent=agent) as server:
        scopes = server.bot.scopes
        server.bot.scopes = scopes if agent else scopes - {"assistant:write"}
        server.general.members.add(server.bot.bot.id)
        yield server
        assert server.unexpected() == []


@pytest.fixture
def bots() -> frozenset[str]:
    """Bots that are answered."""
    return frozenset()


@pytest.fixture
async def stage(slack: FakeSlack, store: Store, bots: frozenset[str]) -> AsyncIterator[Stage]:
    """One process, connected."""
    settings = SlackSettings(
        (credentials(slack.app, slack.bot),), api_url=slack.api_url, bots=bots, sockets=1
    )
    async with staged(slack, store, settings) as stage:
        await stage.start()
        await stage.connected(sockets=1)
        yield stage


async def test_a_mention_begins_a_conversation(stage: Stage, slack: FakeSlack) -> None:
    """Its thread is the place; twins fall together, the name and the moment are the person's."""
    asked = slack.mention("ada", "general", "what is a < b?")
    assert await stage.heard(asked) == ["what is a < b?"]
    [item] = await stage.items(stage.place(asked))
    assert (item.author_name, item.key) == ("ada", f"slack:{slack.team.id}#{asked.channel}:{asked.ts}")
    assert item.sent_at is not None
    assert item.sent_at.timestamp() == pytest.approx(float(asked.ts), abs=0.001)
    assert (str(stage.place(asked)), slack.ada.id) in stage.surface.askers


async def test_many_mentions_whatever_the_order_of_their_twins(stage: Stage, slack: FakeSlack) -> None:
    """Each is one message, and keeps the files that only one of the twins has."""
    for number in range(6):
        asked = slack.mention("ada", "general", f"look {number}", files=[slack.file("a.txt", b"hello")])
        assert await stage.heard(asked) == [f"look {number}"]
        [item] = await stage.items(stage.place(asked))
        assert promised(item) == [("a.txt", "text/plain", 5)]


async def test_where_only_mentions_are_told(slack: FakeSlack, store: Store) -> None:
    """An app that subscribed to app_mention alone is answered too, and the second mention no longer waits."""
    slack.app.events = frozenset({"app_mention"})
    settings = SlackSettings((credentials(slack.app, slack.bot),), api_url=slack.api_url, sockets=1)
    async with staged(slack, store, settings) as stage:
        await stage.start()
        await stage.connected(sockets=1)
        for words in ("first", "second"):
            assert await stage.heard(slack.mention("ada", "general", words)) == [words]
        assert await stage.heard(slack.mention("ada", "general", "help")) == []
        assert [line for _, line in stage.commands.lines] == ["/help"]


async def test_follow_ups_need_no_mention(stage: Stage, slack: FakeSlack) -> None:
    """In a thread with a conversation everybody is heard, unless a message begins with somebody else's name."""
    asked = slack.mention("ada", "general", "first")
    slack.say("grace", "general", "and second", thread_ts=asked.ts)
    slack.say("ada", "general", f"<@{slack.grace.id}> not for us", thread_ts=asked.ts)
    slack.say("ada", "general", f"what does <@{slack.grace.id}> say?", thread_ts=asked.ts)
    assert await stage.heard(asked) == ["first", "and second", "what does @grace say?"]


async def test_quick_follow_ups_wait_for_their_question(stage: Stage, slack: FakeSlack) -> None:
    """Though the first message of a thread needs a look at Slack, the second is not taken for talk among others."""
    late = slack.order(Fault.SLOW, "users.info")
    asked = slack.mention("ada", "general", "first")
    slack.say("grace", "general", "second", thread_ts=asked.ts)
    slack.say("grace", "general", "third", thread_ts=asked.ts)
    assert await stage.heard(asked) == ["first", "second", "third"]
    assert [item.author_name for item in await stage.items(stage.place(asked))] == ["", "grace", "grace"]
    slack.withdraw(late)


async def test_talk_in_a_channel_is_not_for_us(stage: Stage, slack: FakeSlack) -> None:
    """Neither at the top nor in threads without a conversation, nor where our name stands in code."""
    talk = slack.say("ada", "general", "who is in?")
    slack.say("grace", "general", "me", thread_ts=talk.ts)
    code = slack.say("ada", "general", f"write `<@{slack.bot.bot.id}> hello`")
    assert await stage.heard(talk) == []
    assert await stage.heard(code) == []


async def test_a_channel_of_mentions_only(stage: Stage, slack: FakeSlack, store: Store) -> None:
    """There the rest of the thread is handed on with the next mention, by name, once, and without commands."""
    asked = slack.mention("ada", "general", "first")
    await stage.heard(asked)
    scope = f"place:slack:{slack.team.id}/{slack.general.id}"
    await store.settings.set(scope, "follow", "mentions", None)
    slack.say("grace", "general", "between &amp; ourselves", thread_ts=asked.ts)
    slack.say("grace", "general", "!help", thread_ts=asked.ts)
    slack.mention("ada", "general", "help", thread_ts=asked.ts)
    await slack.quiet()
    slack.mention("ada", "general", "second", thread_ts=asked.ts)
    assert await stage.heard(asked) == ["first", "second"]
    slack.mention("ada", "general", "third", thread_ts=asked.ts)
    assert await stage.heard(asked) == ["first", "second", "third"]
    overheard = [json.loads(item.payload).get("overheard") for item in await stage.items(stage.place(asked))]
    assert overheard == [None, [{"author_name": "grace", "text": "between &amp; ourselves"}], None]


async def test_called_into_a_thread(stage: Stage, slack: FakeSlack) -> None:
    """What was said there before comes along, its root first, the newest fifty lines of it."""
    root = slack.say("ada", "general", "the soup")
    for number in range(60):
        slack.say("grace", "general", f"line {number}", thread_ts=root.ts)
    asked = slack.mention("ada", "general", "who is right?", thread_ts=root.ts)
    assert await stage.heard(asked) == ["who is right?"]
    [item] = await stage.items(stage.place(asked))
    lines = [one["text"] for one in json.loads(item.payload)["overheard"]]
    assert lines == [f"line {number}" for number in range(10, 60)]


async def test_a_long_thread_is_cut_from_the_top(stage: Stage, slack: FakeSlack) -> None:
    """At twelve thousand characters."""
    root = slack.say("ada", "general", "x" * 11_000)
    slack.say("grace", "general", "y" * 3_000, thread_ts=root.ts)
    asked = slack.mention("ada", "general", "", thread_ts=root.ts)
    assert await stage.heard(asked) == [""]
    [item] = await stage.items(stage.place(asked))
    assert [one["text"][:1] for one in json.loads(item.payload)["overheard"]] == ["y"]


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.BUSY, Fault.CUT])
async def test_a_thread_that_cannot_be_read(stage: Stage, slack: FakeSlack, fault: Fault) -> None:
    """The question is taken without it."""
    root = slack.say("ada", "general", "the soup")
    slack.order(fault, "conversations.replies")
    asked = slack.mention("ada", "general", "who is right?", thread_ts=root.ts)
    assert await stage.heard(asked) == ["who is right?"]


async def test_a_slow_slack_keeps_no_message_waiting(stage: Stage, slack: FakeSlack) -> None:
    """Nor does it keep Slack waiting for the ack."""
    root = slack.say("ada", "general", "the soup")
    late = slack.order(Fault.SLOW, "conversations.replies")
    asked = slack.mention("ada", "general", "who is right?", thread_ts=root.ts)
    assert await stage.heard(asked) == ["who is right?"]
    slack.withdraw(late)


async def test_words_to_others_are_read_with_the_next_question(stage: Stage, slack: FakeSlack) -> None:
    """In a thread that is followed, too."""
    asked = slack.mention("ada", "general", "first")
    slack.say("ada", "general", f"<@{slack.grace.id}> what do you think?", thread_ts=asked.ts)
    slack.say("grace", "general", "fine", thread_ts=asked.ts)
    slack.say("grace", "general", "thanks", thread_ts=asked.ts)
    assert await stage.heard(asked) == ["first", "fine", "thanks"]
    overheard = [json.loads(item.payload).get("overheard") for item in await stage.items(stage.place(asked))]
    assert overheard == [None, [{"author_name": "ada", "text": "@grace what do you think?"}], None]


async def test_direct_messages_are_for_us(stage: Stage, slack: FakeSlack) -> None:
    """Without the agent view they are one flat conversation, and a thread in them is one of its own."""
    first = slack.dm("ada", "in private")
    slack.dm("ada", "a thread", thread_ts=first.ts)
    slack.dm("ada", f"<@{slack.bot.bot.id}> by name")
    await slack.quiet()
    assert await stage.texts(Place("slack", first.team, first.channel)) == ["in private", "by name"]
    assert await stage.texts(stage.place(first)) == ["a thread"]


@pytest.mark.parametrize("agent", [True])
async def test_an_agents_direct_messages_are_threads(stage: Stage, slack: FakeSlack) -> None:
    """Each message at the top roots one, with its first line as the session's title."""
    first = slack.dm("ada", "the first\nof many")
    slack.dm("ada", "more", thread_ts=first.ts)
    second = slack.dm("ada", "another")
    assert await stage.heard(first) == ["the first\nof many", "more"]
    assert await stage.heard(second) == ["another"]
    await slack.until(lambda: (one := slack.session(first.channel, first.ts)) and one.title == "the first")


async def test_a_group_dm_is_a_room(stage: Stage, slack: FakeSlack) -> None:
    """There we answer to our name."""
    group = slack.world.group_dm("mpim", [slack.ada, slack.grace, slack.bot.bot])
    talk = slack.say("ada", group, "lunch?")
    asked = slack.mention("grace", group, "lunch?")
    assert await stage.heard(talk) == []
    assert await stage.heard(asked) == ["lunch?"]


async def test_bots_are_not_heeded(stage: Stage, slack: FakeSlack) -> None:
    """Not even by our name: two bots would talk for ever."""
    pager = slack.build.other_bot("pager")
    slack.general.members.add(pager.id)
    assert await stage.heard(slack.mention(pager, "general", "alert")) == []


class TestChosenBots:
    """A workspace where one bot is answered."""

    @pytest.fixture
    async def slack(self, clock: ManualClock) -> AsyncIterator[FakeSlack]:
        async with FakeSlack(clock=clock) as server:
            self.pager = server.build.other_bot("pager")
            server.general.members |= {self.pager.id, server.bot.bot.id}
            yield server
            assert server.unexpected() == []

    @pytest.fixture
    def bots(self, slack: FakeSlack) -> frozenset[str]:
        return frozenset({self.pager.app_id})

    async def test_it_is_heeded(self, stage: Stage, slack: FakeSlack) -> None:
        """By the id of its app."""
        assert await stage.heard(slack.mention(self.pager, "general", "alert")) == ["alert"]


async def test_an_edit_amends(stage: Stage, slack: FakeSlack) -> None:
    """What waits is read as it stands now; an edit that changes nothing, or of what was not for us, is none."""
    asked = slack.mention("ada", "general", "what is for dinner?")
    other = slack.say("ada", "general", "talk")
    assert await stage.heard(asked) == ["what is for dinner?"]
    slack.edit("ada", asked, f"<@{slack.bot.bot.id}> what is for lunch &amp; tea?")
    slack.edit("ada", other, "more talk")
    assert await stage.heard(asked) == ["what is for lunch &amp; tea?"]
    assert await stage.heard(other) == []


async def test_an_edit_that_mentions_us_first(stage: Stage, slack: FakeSlack) -> None:
    """Is a question, once."""
    talk = slack.say("ada", "general", "what is a monad?")
    await slack.quiet()
    slack.edit("ada", talk, f"<@{slack.bot.bot.id}> what is a monad?")
    assert await stage.heard(talk) == ["what is a monad?"]


@pytest.mark.parametrize("answered_beneath", [False, True])
async def test_a_deleted_message_is_taken_back(
    stage: Stage, slack: FakeSlack, answered_beneath: bool
) -> None:
    """Whether Slack says so plainly, or by a tombstone over the thread."""
    asked = slack.mention("ada", "general", "never mind")
    assert await stage.heard(asked) == ["never mind"]
    if answered_beneath:
        slack.say("ada", "general", f"<@{slack.grace.id}> hm", thread_ts=asked.ts)
    slack.delete("ada", asked)
    assert await stage.heard(asked) == []


async def test_files_are_promised(stage: Stage, slack: FakeSlack) -> None:
    """With what their surface needs to fetch them; of another company's there is only the id."""
    picture = slack.file("cat.png", b"\x89PNG", "image/png")
    foreign = slack.file("theirs.txt", b"abc", connect=True)
    asked = slack.mention("ada", "general", "look", files=[picture, foreign])
    assert await stage.heard(asked) == ["look"]
    [item] = await stage.items(stage.place(asked))
    assert promised(item)[0] == ("cat.png", "image/png", 4)
    assert promised(item)[1][0] == foreign.id


async def test_words_that_are_commands(stage: Stage, slack: FakeSlack) -> None:
    """After our name, or after an exclamation mark where there is a conversation; a bare name asks for help."""
    asked = slack.mention("ada", "general", "first")
    slack.mention("ada", "general", "model gpt", thread_ts=asked.ts)
    slack.say("ada", "general", "!model gpt", thread_ts=asked.ts)
    slack.say("ada", "general", "!model gpt")
    slack.mention("ada", "general", "stop the war in the north", thread_ts=asked.ts)
    bare = slack.mention("grace", "general", "")
    assert await stage.heard(asked) == ["first", "stop the war in the north"]
    assert await stage.heard(bare) == []
    lines = [line for place, line in stage.commands.lines if place == str(stage.place(asked))]
    assert set(lines) == {"/model gpt"}
    assert (str(stage.place(bare)), "/help") in stage.commands.lines


async def test_a_lost_ack_doubles_nothing(stage: Stage, slack: FakeSlack, clock: ManualClock) -> None:
    """Slack delivers again; it is the same message."""
    slack.order(Fault.LOST, "deliver", times=2)
    asked = slack.mention("ada", "general", "once")
    await slack.until(lambda: len(slack.deliveries.log) == 4)
    assert await stage.heard(asked) == ["once"]
    assert sorted(one.sent.attempt for one in slack.deliveries.log) == [0, 0, 1, 1]


async def test_a_database_that_is_away(
    stage: Stage, slack: FakeSlack, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is acked that was not kept, so that Slack delivers it again when the database is back."""
    tried = asyncio.Semaphore(0)

    async def away(*_: object, **__: object) -> None:
        tried.release()
        raise StorageDown("gone")

    slack.book.expect("deliver", "timeout")
    with monkeypatch.context() as patched:
        patched.setattr(stage.engine, "receive", away)
        asked = slack.mention("ada", "general", "nothing is lost")
        # The twins, and both of them once more right away.
        for _ in range(2):
            await tried.acquire()
            await tried.acquire()
            await clock.advance(3.1)
        assert [one.ack.error for one in slack.deliveries.log] == ["timeout"] * 4
    await clock.advance(60)
    assert await stage.heard(asked) == ["nothing is lost"]


async def test_a_busy_conversation_marks_what_waits(stage: Stage, slack: FakeSlack, store: Store) -> None:
    """People see that it was heard."""
    asked = slack.mention("ada", "general", "first")
    await stage.heard(asked)
    conversation = await store.conversations.current(str(stage.place(asked)))
    assert conversation is not None
    await store.conversations.claim(conversation.id, "another")
    second = slack.say("ada", "general", "second", thread_ts=asked.ts)
    await slack.until(lambda: "eyes" in second.reactions)
    assert "eyes" not in asked.reactions


async def test_names_are_asked_once(stage: Stage, slack: FakeSlack) -> None:
    """And remembered."""
    for words in ("first", "second"):
        await stage.heard(slack.mention("ada", "general", words))
    assert [method for _, method, _ in slack.api.calls].count("users.info") == 1


def noted(store: Store, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a name was kept."""
    kept, keep = asyncio.Event(), store.workspaces.note_names

    async def note(*names: str) -> None:
        await keep(*names)
        kept.set()

    monkeypatch.setattr(store.workspaces, "note_names", note)
    return kept


async def test_a_public_channel_and_its_workspace_are_known_by_name(
    stage: Stage, slack: FakeSlack, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked once behind the first question, and kept for the pages."""
    kept = noted(store, monkeypatch)
    for words in ("first", "second"):
        await stage.heard(slack.mention("ada", "general", words))
    place = f"slack:{slack.team.id}/{slack.general.id}"
    await asyncio.wait_for(kept.wait(), 30)
    names = await store.workspaces.channel_names([place])
    assert names == {place: slack.general.name}
    assert (f"slack:{slack.team.id}", slack.team.name) in await store.people.workspaces()
    asked = [one for one in slack.api.calls if "conversations.info" in one]
    assert len(asked) == 1
