"""What people say, change and take back, and where it lies then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.adapters.discord.settings import Answers
from bot.conversation.settings import FOLLOW, MENTIONS, place_scope
from bot.core.place import Place
from storage.errors import StorageDown
from storage.inbox import NewItem, Received
from storage.posts import NewPost
from storage.store import Store
from tests.bot.adapters.discord.edge_stage import Stage, staged
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord


@pytest_asyncio.fixture
async def stage(fake: FakeDiscord, store: Store) -> AsyncIterator[Stage]:
    """An edge that listens."""
    async with staged(fake, store) as stage:
        await stage.start()
        yield stage


async def test_a_mention_opens_a_thread(stage: Stage, fake: FakeDiscord) -> None:
    """The message lies in the inbox first, with its author and moment; then the thread is made."""
    question = fake.mention("ada", "general", "what is a monad?")
    await fake.until(lambda: question.thread)
    (item,) = await stage.items(stage.place(question))
    assert item.author_name == "Ada"
    assert item.key == f"discord:{fake.guild.id}#{fake.general.id}:{question.id}"
    assert item.sent_at is not None
    assert abs(item.sent_at.timestamp() - question.at) < 1


async def test_what_is_not_for_us(stage: Stage, fake: FakeDiscord) -> None:
    """Talk among people, other bots, everyone, system messages: nothing of it lies anywhere."""
    said = [
        fake.say("ada", "general", "hello all"),
        fake.say("ada", "general", "hello @everyone"),
        fake.say(fake.build.other_bot("helper"), "general", f"{fake.bot.mention} are you there?"),
    ]
    assert [await stage.heard(one) for one in said] == [[], [], []]
    assert (
        await stage.engine.known(
            Place("discord", fake.guild.id), [f"{fake.general.id}:{one.id}" for one in said]
        )
        == frozenset()
    )


async def test_a_thread_goes_on_without_a_mention(stage: Stage, fake: FakeDiscord) -> None:
    """Until somebody else is spoken to; what was missed so comes along with the next mention."""
    question = fake.mention("ada", "general", "what is a monad?")
    await fake.until(lambda: question.thread)
    fake.say("grace", question, "and a functor?")
    fake.say("grace", question, f"{fake.ada.mention} do you know?")
    assert await stage.heard(question) == ["what is a monad?", "and a functor?"]
    fake.mention("ada", question, "help us")
    await stage.quiet()
    *_, last = await stage.items(stage.place(question))
    assert [one["text"] for one in json.loads(last.payload)["overheard"]] == ["@Ada do you know?"]


async def test_a_channel_that_answers_mentions_only(stage: Stage, fake: FakeDiscord, store: Store) -> None:
    question = fake.mention("ada", "general", "one")
    await fake.until(lambda: question.thread)
    channel = Place("discord", fake.guild.id, fake.general.id)
    await store.settings.set(place_scope(channel), FOLLOW, MENTIONS, None)
    fake.say("ada", question, "two")
    fake.mention("ada", question, "three")
    assert await stage.heard(question) == ["one", "three"]


async def test_direct_messages_need_no_mention(stage: Stage, fake: FakeDiscord) -> None:
    first = fake.dm("ada", "hello")
    fake.dm("ada", f"{fake.bot.mention} anybody?")
    assert await stage.heard(first) == ["hello", "anybody?"]


async def test_commands_are_run_and_not_received(stage: Stage, fake: FakeDiscord) -> None:
    """After our name, or with a mark where a conversation is; a bare name asks for help."""
    fake.mention("ada", "general", "help")
    fake.say("ada", "general", fake.bot.mention)
    fake.say("ada", "general", "!help")
    question = fake.mention("ada", "general", "stop the war in my head")
    direct = fake.dm("ada", "!new")
    assert await stage.heard(question) == ["stop the war in my head"]
    assert await stage.heard(direct) == []
    assert sorted(line for _, line in stage.commands.lines) == ["/help", "/help", "/new"]


async def test_a_mention_in_a_thread_of_others(stage: Stage, fake: FakeDiscord) -> None:
    """What was said there before comes along: the message that the thread was made from too."""
    starter = fake.say("grace", "general", "The build is red")
    thread = fake.open_thread("grace", starter, "red build")
    fake.say("ada", thread, f"is it {fake.grace.mention}'s change?")
    fake.say("grace", thread, "no", files=[fake.file("log.txt", b"x")])
    question = fake.mention("ada", thread, "what happened?")
    assert await stage.heard(question) == ["what happened?"]
    assert await stage.overheard(question) == [
        ("Grace", "The build is red"),
        ("Ada", "is it @Grace's change?"),
        ("Grace", "no\n[file: log.txt]"),
    ]


async def test_a_reply_brings_what_it_answers(stage: Stage, fake: FakeDiscord) -> None:
    told = fake.say("grace", "general", f"Monads are burritos, as <#{fake.general.id}> knows")
    question = fake.reply("ada", told, f"{fake.bot.mention} is that so?")
    assert await stage.overheard(question) == [("Grace", "Monads are burritos, as #general knows")]


async def test_a_reply_names_what_it_follows(stage: Stage, fake: FakeDiscord) -> None:
    """A person's message by its key, in the same conversation; nothing is overheard that we have."""
    first = fake.dm("ada", "one")
    fake.dm("ada", "two")
    fake.dm("ada", "three", to=first)
    await stage.quiet()
    *_, last = await stage.items(stage.place(first))
    payload = json.loads(last.payload)
    assert payload["follows"]["key"] == f"discord:@me#{first.channel.id}:{first.id}"
    assert payload.get("overheard", []) == []


async def test_answers_as_replies(fake: FakeDiscord, store: Store) -> None:
    """A mention roots its own chain; a reply to something of a chain goes on in it."""
    async with staged(fake, store, answers=Answers.REPLY) as stage:
        await stage.start()
        question = fake.mention("ada", "general", "one")
        await stage.quiet()
        fake.reply("grace", question, f"{fake.bot.mention} two")
        other = fake.mention("ada", "general", "three")
        assert await stage.heard(question) == ["one", "two"]
        assert await stage.heard(other) == ["three"]
        assert question.thread is None


async def test_edits(stage: Stage, fake: FakeDiscord) -> None:
    """What waits reads as it reads now; a mention that comes by an edit counts; a preview is no edit."""
    question = fake.mention("ada", "general", "wat is a monad?")
    fake.edit("ada", question, f"{fake.bot.mention} what is a monad?")
    late = fake.say("ada", "general", "what is a functor?")
    fake.edit("ada", late, f"{fake.bot.mention} what is a functor?")
    plain = fake.say("ada", "general", "https://example.org")
    fake.unfurl(plain, "An example")
    assert await stage.heard(question) == ["what is a monad?"]
    assert await stage.heard(late) == ["what is a functor?"]
    assert await stage.heard(plain) == []


async def test_an_old_edit_is_no_news(stage: Stage, fake: FakeDiscord) -> None:
    """Discord tells of an edit again whenever something else about the message changes."""
    await stage.stop()
    old = fake.say("ada", "general", "nothing")
    fake.edit("ada", old, f"{fake.bot.mention} long ago")
    old.edited = "2024-05-05T05:05:05.000000+00:00"
    old.id, fake.general.messages = str(int(old.id) - (86_400_000 * 9 << 22)), {}
    await stage.start()
    fake.unfurl(old, "A preview")
    assert await stage.heard(old) == []


async def test_deletions(stage: Stage, fake: FakeDiscord) -> None:
    """One by one or many at once: what was waiting waits no more."""
    first, second, third = (fake.dm("ada", text) for text in ("one", "two", "three"))
    await stage.quiet()
    fake.delete("ada", first)
    assert await stage.heard(first) == ["two", "three"]
    fake.delete("ada", second, third)
    assert await stage.heard(first) == []


async def test_files_are_promised(stage: Stage, fake: FakeDiscord) -> None:
    """With what it takes to fetch them later."""
    file = fake.file("notes.txt", b"hello")
    question = fake.mention("ada", "general", "read this", files=[file])
    await stage.quiet()
    (item,) = await stage.items(stage.place(question))
    (found,) = item.attachments
    assert (found.name, found.media_type, found.size) == ("notes.txt", "text/plain", 5)


async def test_a_message_that_waits_is_marked(stage: Stage, fake: FakeDiscord, store: Store) -> None:
    first = fake.dm("ada", "one")
    await stage.quiet()
    conversation = await store.conversations.current(str(stage.place(first)))
    assert conversation is not None
    assert await store.conversations.claim(conversation.id, "test", frozenset()) is not None
    second = fake.dm("ada", "two")
    await fake.until(lambda: second.reactions == {"👀": [fake.bot.id]})
    assert first.reactions == {}


async def test_a_bot_of_the_settings_is_answered(fake: FakeDiscord, store: Store) -> None:
    helper = fake.build.other_bot("helper")
    async with staged(fake, store, bots=frozenset({helper.id})) as stage:
        await stage.start()
        question = fake.say(helper, "general", f"{fake.bot.mention} ping")
        assert await stage.heard(question) == ["ping"]


async def test_events_that_come_twice(stage: Stage, fake: FakeDiscord) -> None:
    fake.gateway.repeat("MESSAGE_CREATE", 3)
    question = fake.mention("ada", "general", "once")
    fake.mention("ada", "general", "help")
    assert await stage.heard(question) == ["once"]
    assert [line for _, line in stage.commands.lines] == ["/help"]


async def test_nothing_is_lost_while_the_database_is_away(
    stage: Stage, fake: FakeDiscord, store: Store
) -> None:
    """What was said waits, in its order, and one channel does not wait for another."""
    inbox = store.inbox
    failures: list[NewItem] = []
    real = inbox.receive

    async def receive(item: NewItem, post: NewPost | None = None) -> Received:
        if '"one"' in item.payload and len(failures) < 3:
            failures.append(item)
            raise StorageDown("away")
        return await real(item, post)

    inbox.receive = receive  # type: ignore[method-assign]
    first = fake.dm("ada", "one")
    fake.dm("ada", "two")
    other = fake.dm("grace", "three")
    assert await stage.heard(other) == ["three"]
    assert await stage.heard(first) == ["one", "two"]
    assert len(failures) == 3


async def test_a_channel_that_is_closed_to_us(stage: Stage, fake: FakeDiscord) -> None:
    """What cannot be read before is left out, and the question stands."""
    told = fake.say("ada", "general", "before")
    thread = fake.open_thread("ada", told, "quiet")
    fake.build.permit(fake.general, fake.bot, deny=Can.READ_MESSAGE_HISTORY)
    question = fake.mention("ada", thread, "and now?")
    assert await stage.heard(question) == ["and now?"]


def noted(store: Store, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a name was kept."""
    kept, keep = asyncio.Event(), store.workspaces.note_names

    async def note(*names: str) -> None:
        await keep(*names)
        kept.set()

    monkeypatch.setattr(store.workspaces, "note_names", note)
    return kept


async def test_a_channel_and_its_server_are_known_by_name(
    stage: Stage, fake: FakeDiscord, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the connection has them anyway, without asking; a thread's is its channel's."""
    kept = noted(store, monkeypatch)
    question = fake.mention("ada", "general", "what is a monad?")
    await fake.until(lambda: question.thread)
    place = f"discord:{fake.guild.id}/{fake.general.id}"
    await asyncio.wait_for(kept.wait(), 30)
    names = await store.workspaces.channel_names([place])
    assert names == {place: fake.general.name}
    assert (f"discord:{fake.guild.id}", fake.guild.name) in await store.people.workspaces()
