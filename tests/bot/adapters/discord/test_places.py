"""Where answers stand: in a thread of their own, in one that is there, or beneath the question."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.adapters.discord.bots import Bot, Bots
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.outgoing.threads import name_of
from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.core.errors import MessageFrozen, PlaceGone, PlatformDown
from bot.core.place import Place
from bot.core.surface import Verb
from bot.core.view import View
from tests.bot.adapters.discord.seeing import all_seen, asked, calls, dm, ours, settings_of, thread
from tests.fakes.discord.building import INVITED
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.times import ManualClock

GOOD, LATER = View("Good morning"), View("Good evening")


def deny(fake: FakeDiscord, *denied: Can) -> None:
    """Take permissions from the bot, in the whole server."""
    left = INVITED
    for one in denied:
        left &= ~one
        fake.build.change_role(fake.guild.everyone, Can(fake.guild.everyone.permissions) & ~one)
    fake.build.change_role(fake.build.bot_role(fake.app), left)


async def test_the_first_answer_opens_a_thread_named_by_the_question(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """Its name is read from the message, where nobody said it."""
    place = asked(fake, "**what** is a `monad`?\nI never got it")
    await surface.post(place, GOOD, "k1")
    await surface.post(place, LATER, "k2")
    assert fake.world.channels[place.thread].name == "what is a monad? I never got it"
    assert calls(fake, "create_thread") == ["create_thread"]


async def test_a_thread_is_opened_once_however_many_want_it(
    fake: FakeDiscord, surface: DiscordSurface, bot: Bot
) -> None:
    """Prepared in the background and wanted by two texts at once."""
    place = asked(fake, "hello")
    surface.note_asked(place, bot, place.channel, place.thread, f"<@{bot.user_id}> hello there")
    await asyncio.gather(
        surface.prepare(place), surface.post(place, GOOD, "k1"), surface.post(place, LATER, "k2")
    )
    assert calls(fake, "create_thread", "get_message") == ["create_thread"]
    assert fake.world.channels[place.thread].name == "hello there"
    assert len(ours(fake, place)) == 2


async def test_a_thread_that_somebody_else_opened_is_taken(
    fake: FakeDiscord, surface: DiscordSurface, bot: Bot
) -> None:
    """Two cannot be at one message."""
    fake.book.expect("create_thread", "160004")
    question = fake.mention("ada", "general", "hello")
    fake.open_thread("grace", question, "greetings")
    place = Place("discord", fake.guild.id, fake.general.id, question.id)
    surface.note_asked(place, bot, fake.general.id, question.id, "hello")
    await surface.post(place, GOOD, "k1")
    assert [one.text for one in all_seen(fake, place)] == ["Good morning"]


async def test_who_speaks_in_a_thread_is_answered_there_without_a_question(
    fake: FakeDiscord, surface: DiscordSurface, bot: Bot
) -> None:
    """What came from a thread tells that there is one."""
    place = thread(fake)
    surface.note_asked(place, bot, place.thread, "1", "hello")
    await surface.post(place, GOOD, "k1")
    assert calls(fake, "get_channel", "get_message", "create_thread") == []


async def test_without_the_right_to_open_threads_the_answer_is_a_reply(
    fake: FakeDiscord,
    surface: DiscordSurface,
    bots: Bots,
    settings: DiscordSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log says so once for a channel; a new process finds the answer where it stands, and goes on there."""
    deny(fake, Can.CREATE_PUBLIC_THREADS)
    fake.book.expect("create_thread", "50013")
    fake.book.expect("", "10003")
    places = [asked(fake), asked(fake, "and a functor?")]
    for number, place in enumerate(places):
        posted = await surface.post(place, GOOD, f"k{number}")
        assert posted.edits is not None
        assert list(posted.edits) == list(surface.spends(Verb.EDIT, place))
        assert {place.channel} == {one.split(":")[1] for one in [posted.edits[0].name]}
        await surface.edit(place, posted.message_id, View("Good day"))
    assert [(one.replied and one.replied.id, one.content) for one in ours(fake, places[0])] == [
        (place.thread, "Good day") for place in places
    ]
    warnings = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert len(warnings) == 1
    again = DiscordSurface(bots, settings)
    await again.edit(places[0], ours(fake, places[0])[0].id, LATER)
    assert [one.content for one in ours(fake, places[0])] == ["Good evening", "Good day"]


async def test_without_the_right_to_open_threads_an_old_one_is_still_answered_in(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """What cannot be opened may be there."""
    question = fake.mention("ada", "general", "hello")
    fake.open_thread("grace", question, "greetings")
    deny(fake, Can.CREATE_PUBLIC_THREADS)
    fake.book.expect("create_thread", "50013")
    place = Place("discord", fake.guild.id, fake.general.id, question.id)
    await surface.post(place, GOOD, "k1")
    assert fake.thread(question)[-1].content == "Good morning"


async def test_where_no_more_threads_fit_the_answer_is_a_reply(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """A server may have so many that are active."""
    fake.guild.most_threads = 0
    fake.book.expect("create_thread", "160006")
    fake.book.expect("get_channel", "10003")
    place = asked(fake)
    await surface.post(place, GOOD, "k1")
    (message,) = ours(fake, place)
    assert message.replied is not None
    assert message.replied.id == place.thread


async def test_answers_as_replies_answer_the_message_that_asked_last(
    fake: FakeDiscord, bots: Bots, bot: Bot
) -> None:
    """Whom they answer is not called by it; where that message was deleted they stand by themselves."""
    surface = DiscordSurface(bots, settings_of(fake, answers=Answers.REPLY))
    place = asked(fake)
    surface.note_asked(place, bot, place.channel, place.thread, "hello")
    await surface.post(place, GOOD, "k1")
    more = fake.say("ada", "general", "and more?", to=ours(fake, place)[0])
    surface.note_asked(place, bot, place.channel, more.id, "and more?")
    await surface.post(place, LATER, "k2")
    fake.delete("ada", more)
    await surface.post(place, GOOD, "k3")
    assert [one.replied and one.replied.id for one in ours(fake, place)] == [place.thread, more.id, None]
    assert {one.name.split(":")[1] for one in surface.spends(Verb.POST, place)[:1]} == {place.channel}


async def test_a_reply_that_may_not_refer_stands_by_itself(fake: FakeDiscord, bots: Bots, bot: Bot) -> None:
    """A reference takes the right to read what was said."""
    surface = DiscordSurface(bots, settings_of(fake, answers=Answers.REPLY))
    place = asked(fake)
    surface.note_asked(place, bot, place.channel, place.thread, "hello")
    deny(fake, Can.READ_MESSAGE_HISTORY)
    fake.book.expect("create_message", "160002")
    await surface.post(place, GOOD, "k1")
    assert [(one.replied, one.content) for one in ours(fake, place)] == [(None, "Good morning")]


async def test_an_archived_thread_is_opened_again_by_an_answer_and_for_an_edit(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """Ours may be opened by us; in somebody else's what is missing goes into a new message."""
    place = asked(fake)
    posted = await surface.post(place, GOOD, "k1")
    fake.archive(place.thread)
    fake.book.expect("edit_message", "50083")
    await surface.edit(place, posted.message_id, LATER)
    fake.archive(place.thread)
    await surface.post(place, GOOD, "k2")
    assert [one.content for one in ours(fake, place)] == ["Good evening", "Good morning"]

    fake.book.expect("get_message", "10008")
    fake.book.expect("edit_channel", "50013")
    theirs = thread(fake)
    posted = await surface.post(theirs, GOOD, "k3")
    fake.archive(theirs.thread)
    with pytest.raises(MessageFrozen):
        await surface.edit(theirs, posted.message_id, LATER)
    await surface.post(theirs, LATER, "k4")
    assert [one.content for one in ours(fake, theirs)] == ["Good morning", "Good evening"]


@pytest.mark.parametrize("archived", [True, False])
async def test_a_locked_thread_is_closed_to_us(
    fake: FakeDiscord, surface: DiscordSurface, *, archived: bool
) -> None:
    """Nothing opens it but those who manage threads."""
    place = asked(fake)
    posted = await surface.post(place, GOOD, "k1")
    fake.archive(place.thread, archived=archived, locked=True)
    for code in ("160005", "50083", "50013"):
        fake.book.expect("", code)
    with pytest.raises(PlaceGone):
        await surface.post(place, LATER, "k2")
    if archived:
        with pytest.raises(MessageFrozen):
            await surface.edit(place, posted.message_id, LATER)


async def test_what_was_deleted_is_gone(fake: FakeDiscord, surface: DiscordSurface, bot: Bot) -> None:
    """A thread, a channel, a question that had no thread yet."""
    place = asked(fake)
    posted = await surface.post(place, GOOD, "k1")
    fake.delete_channel(place.thread)
    fake.book.expect("", "10003")
    fake.book.expect("", "10008")
    for work in (surface.post(place, LATER, "k2"), surface.edit(place, posted.message_id, LATER)):
        with pytest.raises(PlaceGone):
            await work
    question = fake.mention("ada", "general", "never mind")
    fake.delete("ada", question)
    unopened = Place("discord", fake.guild.id, fake.general.id, question.id)
    surface.note_asked(unopened, bot, unopened.channel, question.id, "never mind")
    with pytest.raises(PlaceGone):
        await surface.post(unopened, GOOD, "k3")
    fake.delete_channel("general")
    with pytest.raises(PlaceGone):
        await surface.post(Place("discord", fake.guild.id, fake.general.id, "1"), GOOD, "k4")


@pytest.mark.parametrize("denied", [Can.SEND_MESSAGES_IN_THREADS, Can.VIEW_CHANNEL])
async def test_where_we_may_not_speak_the_place_is_gone(
    fake: FakeDiscord, surface: DiscordSurface, denied: Can
) -> None:
    """Trying again cannot help."""
    place = asked(fake)
    await surface.post(place, GOOD, "k1")
    deny(fake, denied)
    fake.book.expect("create_message", "50013")
    fake.book.expect("create_message", "50001")
    with pytest.raises(PlaceGone):
        await surface.post(place, LATER, "k2")


async def test_who_wants_no_direct_messages_gets_none(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """The person has closed them."""
    fake.close_dms("ada")
    fake.book.expect("create_message", "50007")
    with pytest.raises(PlaceGone):
        await surface.post(dm(fake), GOOD, "k1")


async def test_old_messages_are_frozen_where_too_many_are_edited(
    fake: FakeDiscord, surface: DiscordSurface, clock: ManualClock
) -> None:
    """After an hour Discord takes few edits, and says so by a number of its own."""
    place = asked(fake)
    posted = await surface.post(place, GOOD, "k1")
    await clock.advance(3_700)
    fake.book.expect("edit_message", "30046")
    for number in range(3):
        await surface.edit(place, posted.message_id, View(f"Good day {number}"))
    with pytest.raises(MessageFrozen):
        await surface.edit(place, posted.message_id, LATER)


async def test_a_message_of_another_bot_is_frozen(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """As after a change of the token."""
    place = dm(fake)
    said = fake.dm("ada", "hello")
    fake.book.expect("edit_message", "50005")
    with pytest.raises(MessageFrozen):
        await surface.edit(place, said.id, LATER)


async def test_before_the_first_login_nothing_is_gone(fake: FakeDiscord, settings: DiscordSettings) -> None:
    """Afterwards a server without a bot of ours is."""
    bots = Bots()
    surface = DiscordSurface(bots, settings)
    with pytest.raises(PlatformDown):
        await surface.post(asked(fake), GOOD, "k1")
    bots.known = True
    with pytest.raises(PlaceGone):
        await surface.post(asked(fake), GOOD, "k1")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<@123> what is <:blob:456> **up**?", "what is up?"),
        ("<@123>", "Conversation"),
        ("word " * 40, f"{'word ' * 17}word…"),
        ("x" * 200, f"{'x' * 90}…"),
    ],
)
def test_a_name_is_the_plain_beginning_of_the_question(text: str, name: str) -> None:
    """Without mentions and marks, cut between words where there are any."""
    assert name_of(text) == name
    assert len(name) <= 100


async def test_a_fork_begins_beside_a_thread_but_never_before_more_people(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """In the thread's channel; beside a private thread in itself, as in direct messages."""
    public = fake.open_thread("ada", "general", "open to all")
    secret = fake.open_thread("ada", "general", "among us", private=True)
    fake.add(fake.bot, secret)
    for channel, begins in ((public, public.parent), (secret, secret)):
        assert channel.parent is not None
        assert begins is not None
        place = Place("discord", fake.guild.id, channel.parent.id, channel.id)
        beginning = await surface.beginning(place, "k1")
        assert beginning == Place(
            "discord", fake.guild.id, channel.parent.id, channel.id if begins is secret else ""
        )
    private = dm(fake)
    assert await surface.beginning(private, "k1") == private
    assert await surface.begun(private, "1") == private


async def test_the_thread_of_a_fork_stands_at_its_first_message(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """It is opened at once, and once; links in the message are no part of its name."""
    channel = Place("discord", fake.guild.id, fake.general.id)
    posted = await surface.post(channel, View("Fork of [“dinner”](https://discord.com/x) up to here."), "k1")
    for _ in range(2):
        place = await surface.begun(channel, posted.message_id)
    assert place.thread == posted.message_id
    assert fake.world.channels[place.thread].name == "Fork of “dinner” up to here."
    assert surface.link(place) == f"https://discord.com/channels/{fake.guild.id}/{place.thread}"
