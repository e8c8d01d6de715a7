"""The fake Discord's messages, read and written with the real discord.py."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.discord.clients import Bare, Listener, listening
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.times import ManualClock

NOBODY = discord.AllowedMentions.none()


async def test_a_mention_is_answered(fake: FakeDiscord, bot: Listener, clock: ManualClock) -> None:
    """The library gets what a person writes, people see what it sends, and the fake remembers when."""
    said = fake.mention("ada", "general", "hello")
    got = await bot.got("message")
    assert (got.content, got.author.name, got.channel.name) == (f"<@{fake.bot.id}> hello", "ada", "general")
    assert bot.user in got.mentions
    answer = await got.reply("hi")
    begun = clock.now()
    await clock.advance(2)
    await answer.edit(content="hi there", allowed_mentions=NOBODY)
    message = fake.shown("general")[-1]
    assert (message.replied, message.shown, message.kind) == (said, "hi there", 19)
    await answer.delete()
    assert message.history == [(begun, "hi"), (begun + 2, "hi there"), (begun + 2, "")]
    assert fake.shown("general") == [said]


async def test_what_becomes_of_messages_is_told(fake: FakeDiscord, bot: Listener) -> None:
    """Edits, deletions, one or many, reactions; and the bot's own messages come back."""
    first, second = fake.say("ada", "general", "one"), fake.say("grace", "general", "two")
    fake.edit("ada", first, "one!")
    fake.react("grace", first, "👍")
    fake.unreact("grace", first, "👍")
    fake.delete("ada", first, second)
    third = fake.reply("ada", fake.say("grace", "general", "three"), "four")
    fake.delete("ada", third)
    channel: Any = bot.get_channel(int(fake.general.id))
    await channel.send("mine")
    await bot.got("message", 5)
    assert [message.content for message in bot.of("message")] == ["one!", "two", "three", "four", "mine"]
    assert [payload.message.content for payload in bot.of("raw_message_edit")] == ["one!"]
    assert len(bot.of("raw_bulk_message_delete")[0].message_ids) == 2
    assert bot.of("raw_message_delete")[0].message_id == int(third.id)
    assert [one.emoji.name for one in bot.of("raw_reaction_add")] == ["👍"]
    assert len(bot.of("raw_reaction_remove")) == 1
    reply = bot.of("message")[3]
    assert (reply.reference.resolved.content, [one.name for one in reply.mentions]) == ("three", ["grace"])


async def test_without_the_intent_words_are_hidden(fake: FakeDiscord) -> None:
    """Except in direct messages, where the bot is named or replied to, and its own; in the API by the switch."""
    client = Listener(intents=discord.Intents.default())
    async with listening(fake, client):
        channel: Any = client.get_channel(int(fake.general.id))
        mine = await channel.send("mine")
        asked = fake.say("ada", "general", "hidden", files=[fake.file("a.txt", b"a")])
        fake.mention("ada", "general", "named")
        fake.reply("ada", fake.general.messages[str(mine.id)], "replied")
        fake.reply("ada", asked, "hidden twice")
        fake.dm("ada", "private")
        await client.got("message", 6)
        read = [message.content for message in client.of("message")]
        assert read == ["mine", "", f"<@{fake.bot.id}> named", "replied", "", "private"]
        assert client.of("message")[1].attachments == []
        assert (await channel.fetch_message(int(asked.id))).content == "hidden"
        fake.app.switches.clear()
        assert (await channel.fetch_message(int(asked.id))).content == ""


async def test_a_preview_is_no_edit(fake: FakeDiscord, bot: Listener) -> None:
    """An update comes, with the same words and without a moment of editing; so it does for a thread."""
    said = fake.say("ada", "general", "https://example.org")
    fake.unfurl(said, "Example")
    fake.open_thread("ada", said, "about it")
    await bot.got("raw_message_edit", 2)
    updates = [payload.message for payload in bot.of("raw_message_edit")]
    assert [(one.content, one.edited_at) for one in updates] == [("https://example.org", None)] * 2
    assert (updates[0].embeds[0].title, said.shown) == ("Example", "https://example.org\nExample")


async def test_history_is_read_in_pages(fake: FakeDiscord, bot: Listener) -> None:
    said = [fake.say("ada", "general", str(number)) for number in range(7)]
    channel: Any = bot.get_channel(int(fake.general.id))
    assert [m.content async for m in channel.history(limit=3)] == ["6", "5", "4"]
    middle = discord.Object(int(said[3].id))
    assert [m.content async for m in channel.history(limit=2, after=middle)] == ["4", "5"]
    assert [m.content async for m in channel.history(limit=2, before=middle)] == ["2", "1"]
    around = [m.content async for m in channel.history(limit=3, around=middle)]
    assert sorted(around) == ["2", "3", "4"]


async def test_history_has_its_rules(fake: FakeDiscord, bare: Bare) -> None:
    """A hundred at most, one bound, nothing without the right to read."""
    fake.say("ada", "general", "x")
    path = f"/channels/{fake.general.id}/messages"
    await bare.refused(50035, "GET", f"{path}?limit=101")
    await bare.refused(50035, "GET", f"{path}?before=1&after=2")
    await bare.refused(50035, "GET", f"{path}?before=yesterday")
    fake.build.permit(fake.general, fake.bot, deny=Can.READ_MESSAGE_HISTORY)
    assert (await bare("GET", path)).body == []


async def test_a_nonce_makes_one_message(fake: FakeDiscord, bare: Bare, clock: ManualClock) -> None:
    """For some minutes, and only where it is asked for."""
    path = f"/channels/{fake.general.id}/messages"
    sent = {"content": "once", "nonce": "reply-1", "enforce_nonce": True}
    first, again = await bare("POST", path, sent), await bare("POST", path, sent)
    assert (first.body["id"], first.body["nonce"]) == (again.body["id"], "reply-1")
    assert len(fake.shown("general")) == 1
    assert "nonce" not in (await bare("GET", f"{path}/{first.body['id']}")).body
    await bare("POST", path, {"content": "again", "nonce": "reply-1"})
    await clock.advance(301)
    await bare("POST", path, sent)
    assert [message.shown for message in fake.shown("general")] == ["once", "again", "once"]


Body = dict[str, Any]
WRONG: list[tuple[Body, str]] = [
    ({"content": "x" * 2_001}, "content BASE_TYPE_MAX_LENGTH"),
    ({"content": 7}, "content STRING_TYPE_CONVERT"),
    ({"content": "x", "nonce": "n" * 26}, "nonce NONCE_TYPE_TOO_LONG"),
    ({"content": "x", "colour": "red"}, "colour UNKNOWN_FIELD"),
    ({"content": "x", "flags": 1 << 6}, "flags BITFIELD_INVALID"),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions.parse MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0 BASE_TYPE_CHOICES"),
    ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference REPLIES_UNKNOWN_MESSAGE"),
    ({"content": "x", "attachments": [{"id": "0"}]}, "attachments.0 ATTACHMENT_NOT_FOUND"),
]


@pytest.mark.parametrize(("body", "wrong"), WRONG)
async def test_content_that_does_not_fit(fake: FakeDiscord, bare: Bare, body: Body, wrong: str) -> None:
    """The refusal says where and what; nothing is there."""
    answer = await bare.refused(50035, "POST", f"/channels/{fake.general.id}/messages", body)
    assert (answer.status, answer.wrong) == (400, {wrong})
    assert fake.shown("general") == []


async def test_content_is_trimmed_and_never_empty(fake: FakeDiscord, bare: Bare) -> None:
    path = f"/channels/{fake.general.id}/messages"
    for empty in ({}, {"content": ""}, {"content": " \n"}):
        await bare.refused(50006, "POST", path, empty)
    answer = await bare("POST", path, {"content": "  x\n"})
    assert answer.body["content"] == "x"
    await bare.refused(50006, "PATCH", f"{path}/{answer.body['id']}", {"content": ""})
    await bare.refused(50109, "POST", path, data=b"{", headers={"Content-Type": "application/json"})
    await bare.refused(400, "POST", path, data=b"content=x")


async def test_only_ones_own_messages_are_edited(fake: FakeDiscord, bare: Bare) -> None:
    """Those of others are deleted by who manages messages."""
    theirs = fake.say("ada", "general", "mine")
    path = f"/channels/{fake.general.id}/messages/{theirs.id}"
    await bare.refused(50005, "PATCH", path, {"content": "yours"})
    await bare.refused(50013, "DELETE", path)
    fake.build.change_role(fake.build.bot_role(fake.app), Can.VIEW_CHANNEL | Can.MANAGE_MESSAGES)
    assert (await bare("DELETE", path)).status == 204
    await bare.refused(10008, "DELETE", path)


async def test_pings_are_those_that_were_allowed(fake: FakeDiscord, bare: Bare) -> None:
    """By default all; an edit parses again, with the default unless it says otherwise; code never pings."""
    role = fake.build.role("team", mentionable=True)
    text = f"@everyone {fake.ada.mention} <@&{role.id}> `{fake.grace.mention}`"
    path = f"/channels/{fake.general.id}/messages"
    silent = {"content": text, "allowed_mentions": {"parse": []}}
    posted = (await bare("POST", path, silent)).body
    message = fake.general.messages[posted["id"]]
    assert (message.pings, posted["mentions"]) == (set(), [])
    await bare("PATCH", f"{path}/{message.id}", {"content": text})
    assert message.pings == {"everyone", fake.ada.id, role.id}
    assert fake.pings() == [(message, message.pings)]
    await bare(
        "PATCH", f"{path}/{message.id}", {"content": text, "allowed_mentions": {"users": [fake.ada.id]}}
    )
    assert message.pings == {fake.ada.id}
    fake.build.change_role(fake.guild.everyone, Can.VIEW_CHANNEL | Can.SEND_MESSAGES)
    await bare("POST", path, {"content": "@here"})
    assert fake.shown("general")[-1].pings == set()


async def test_a_reply_pings_unless_told_not_to(fake: FakeDiscord, bot: Listener) -> None:
    fake.say("ada", "general", "hello")
    got = await bot.got("message")
    await got.reply("a")
    await got.reply("b", mention_author=False)
    await got.reply("c", allowed_mentions=NOBODY)
    assert [message.pings for message in fake.shown("general")[1:]] == [{fake.ada.id}, set(), set()]


async def test_files_travel_both_ways(fake: FakeDiscord, bot: Listener, clock: ManualClock) -> None:
    """In by an address that ends after a day, out as a form; an edit keeps those it names."""
    said = fake.mention("ada", "general", "look", files=[fake.file("notes.txt", b"facts")])
    got = await bot.got("message")
    assert await got.attachments[0].read() == b"facts"
    files = [
        discord.File(io.BytesIO(b"one"), "one.txt", description="first"),
        discord.File(io.BytesIO(b"2"), "2.md"),
    ]
    answer = await got.channel.send("here", files=files)
    sent = fake.shown("general")[-1].attachments
    assert [(file.name, file.data, file.description) for file in sent] == [
        ("one.txt", b"one", "first"),
        ("2.md", b"2", ""),
    ]
    edited = await answer.edit(attachments=[answer.attachments[1], discord.File(io.BytesIO(b"3"), "3.csv")])
    assert [file.filename for file in edited.attachments] == ["2.md", "3.csv"]
    await clock.advance(86_401)
    fake.book.expect("cdn", "404")
    with pytest.raises(discord.NotFound):
        await got.attachments[0].read()
    fresh = await got.channel.fetch_message(int(said.id))
    assert await fresh.attachments[0].read() == b"facts"


async def test_files_have_their_sizes(fake: FakeDiscord, bot: Listener) -> None:
    """Ten of ten MiB each; what the boosts of a server add counts."""
    channel: Any = bot.get_channel(int(fake.general.id))
    assert channel.guild.filesize_limit == 10 << 20
    fake.book.expect("create_message", "40005", times=1)
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send(file=discord.File(io.BytesIO(bytes((10 << 20) + 1)), "big.bin"))
    assert (caught.value.status, caught.value.code) == (413, 40005)
    fake.guild.tier = 2
    await channel.send(file=discord.File(io.BytesIO(bytes((10 << 20) + 1)), "big.bin"))
    fake.build.permit(fake.general, fake.bot, deny=Can.ATTACH_FILES)
    fake.book.expect("create_message", "50013", times=1)
    with pytest.raises(discord.Forbidden):
        await channel.send(file=discord.File(io.BytesIO(b"x"), "x.txt"))


async def test_channels_have_their_rights(fake: FakeDiscord, bare: Bare) -> None:
    """What is not there, not seen and not allowed are three different refusals."""
    await bare.refused(10003, "POST", "/channels/17/messages", {"content": "x"})
    await bare.refused(50001, "POST", f"/channels/{fake.private.id}/messages", {"content": "x"})
    fake.build.permit(fake.general, fake.guild, deny=Can.SEND_MESSAGES)
    path = f"/channels/{fake.general.id}/messages"
    await bare.refused(50013, "POST", path, {"content": "x"})
    fake.build.permit(fake.general, fake.bot, allow=Can.SEND_MESSAGES, deny=Can.EMBED_LINKS)
    await bare("POST", path, {"content": "x"})
    await bare.refused(50013, "POST", path, {"embeds": [{"title": "x"}]})
    fake.build.kick(fake.bot)
    await bare.refused(50001, "POST", path, {"content": "x"})


async def test_many_are_deleted_at_once(fake: FakeDiscord, bare: Bare, clock: ManualClock) -> None:
    """By who manages messages, and not those of last month."""
    said = [fake.say("ada", "general", str(number)) for number in range(3)]
    path = f"/channels/{fake.general.id}/messages/bulk-delete"
    some = {"messages": [message.id for message in said[:2]]}
    await bare.refused(50013, "POST", path, some)
    fake.build.permit(fake.general, fake.build.bot_role(fake.app), allow=Can.MANAGE_MESSAGES)
    await bare.refused(50035, "POST", path, {"messages": [said[0].id]})
    assert (await bare("POST", path, some)).status == 204
    assert fake.shown("general") == said[2:]
    await clock.advance(15 * 86_400)
    await bare.refused(50035, "POST", path, {"messages": [said[2].id, said[1].id]})


async def test_the_cdn_has_its_rules(fake: FakeDiscord, bare: Bare) -> None:
    """What is not whole is not found; the moments when it is away can be chosen."""
    file = fake.file("a.txt", b"data")
    fake.say("ada", "general", "x", files=[file])
    url = fake.world.signed.url(file)
    fake.book.expect("cdn", "404", times=3)
    async with aiohttp.ClientSession() as session:
        for wrong in (url.replace("ex=", "ex=f"), url.split("?")[0], url.replace(file.id, "17")):
            async with session.get(wrong) as answer:
                assert answer.status == 404
        fake.cdn.away = True
        async with session.get(url) as answer:
            assert answer.status == 503
        fake.cdn.away = False
        async with session.get(url) as answer:
            assert (await answer.read(), answer.content_type) == (b"data", "text/plain")
    assert fake.cdn.fetched == [file.id]


async def test_reactions_are_symbols_and_few(fake: FakeDiscord, bare: Bare) -> None:
    fake.meters_off = True
    said = fake.say("ada", "general", "x")
    path = f"/channels/{fake.general.id}/messages/{said.id}/reactions"
    for place in range(20):
        await bare("PUT", f"{path}/{chr(0x1F600 + place)}/@me")
    assert len(said.reactions) == 20
    await bare.refused(30010, "PUT", f"{path}/👍/@me")
    await bare.refused(10014, "PUT", f"{path}/thumbsup/@me")
    await bare("DELETE", f"{path}/😀/@me")
    fake.build.permit(fake.general, fake.bot, deny=Can.ADD_REACTIONS)
    await bare.refused(50013, "PUT", f"{path}/👍/@me")
    fake.react("ada", said, "👍")
    assert (await bare("PUT", f"{path}/👍/@me")).status == 204
    assert [user["username"] for user in (await bare("GET", f"{path}/👍")).body] == ["ada", "switchboard"]


async def test_direct_messages(fake: FakeDiscord, bot: Listener) -> None:
    """Opened by either side; a channel is there even to who takes none, but nothing gets in."""
    fake.dm("ada", "hello")
    got = await bot.got("message")
    assert isinstance(got.channel, discord.DMChannel)
    await got.channel.send("hi")
    assert [message.shown for message in fake.dms("ada")] == ["hello", "hi"]
    grace = await bot.fetch_user(int(fake.grace.id))
    fake.close_dms("grace")
    stranger = fake.build.user("mallory", member=False)
    fake.book.expect("create_message", "50007", times=1)
    fake.book.expect("create_message", "50278", times=1)
    for user, code in ((grace, 50007), (await bot.fetch_user(int(stranger.id)), 50278)):
        with pytest.raises(discord.Forbidden) as caught:
            await user.send("hi")
        assert caught.value.code == code


async def test_typing_lasts_ten_seconds(fake: FakeDiscord, bot: Listener, clock: ManualClock) -> None:
    """Or until a message comes."""
    channel: Any = bot.get_channel(int(fake.general.id))
    fake.type("ada", "general")
    assert (await bot.got("raw_typing")).user_id == int(fake.ada.id)
    assert not fake.typing("general")
    await channel.typing()
    assert fake.typing("general")
    await clock.advance(10)
    assert not fake.typing("general")
    await channel.typing()
    await channel.send("x")
    assert not fake.typing("general")


async def test_unknown_addresses_and_keys(fake: FakeDiscord, bare: Bare) -> None:
    await bare.refused(404, "GET", "/channels/1/webhooks")
    await bare.refused(405, "PUT", f"/channels/{fake.general.id}/messages")
    bare.token = "Bot nobody"
    await bare.refused(401, "GET", "/users/@me")
    bare.token = fake.app.token
    await bare.refused(401, "GET", "/users/@me")
