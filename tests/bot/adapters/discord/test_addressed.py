"""What a message is to us, and how it reads."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.discord.incoming.addressed import (
    Heard,
    Us,
    Where,
    heard,
    id_at,
    is_to_another,
    may_speak,
    moment_of,
    names_us,
    words_for_us,
    words_of,
)
from bot.adapters.discord.incoming.wording import NOBODY, Names, mentioned, readable, without_mention
from bot.adapters.discord.settings import DiscordSettings

US = Us(frozenset({"1", "2"}), frozenset({"9"}))
SETTINGS = DiscordSettings(("token",), bots=frozenset({"77"}))
ADA = {"id": "5", "username": "ada", "global_name": "Ada"}


def said(content: str = "", **more: Any) -> Heard:
    """A message of Ada's in a server."""
    named = [{"id": one, "username": f"name{one}"} for one in dict.fromkeys(mentioned(content)) if one != "9"]
    roles = ["9"] if "<@&9>" in content else []
    event = {"id": "100", "channel_id": "10", "guild_id": "3", "type": 0, "author": ADA, "content": content}
    return heard({**event, "mentions": named, "mention_roles": roles, **more})


OURS = {"id": "90", "channel_id": "10", "author": {"id": "1", "bot": True}, "content": "an answer"}
GRACES = {"id": "91", "channel_id": "10", "author": {"id": "6", "username": "grace"}, "content": "mine"}
REPLY = {"type": 19, "message_reference": {"message_id": "90"}}


@pytest.mark.parametrize(
    ("message", "ours"),
    [
        (said("hello"), False),
        (said("<@1> hello"), True),
        (said("<@!2> hello"), True),
        (said("hello <@&9>"), True),
        (said("hello <@6>"), False),
        (said("`<@1>` is my name", mentions=[{"id": "1"}]), False),
        (said("and this?", **REPLY, referenced_message=OURS), True),
        (said("and this?", **REPLY, referenced_message=GRACES), False),
        (said("and this?", **REPLY, mentions=[{"id": "1"}]), True),
        (said("and this?", **REPLY), False),
        (said("@everyone", mention_everyone=True), False),
    ],
)
def test_who_is_meant(message: Heard, ours: bool) -> None:
    """Our name, the role that is ours alone, a reply to what we said; not code, not everyone."""
    assert names_us(US, message) is ours


@pytest.mark.parametrize(
    ("message", "listens"),
    [
        (said("x"), True),
        (said("x", type=19), True),
        (said("x", type=7), False),  # somebody joined
        (said("x", type=21), False),
        (said("x", author={"id": "1", "bot": True}), False),
        (said("x", author={"id": "2"}), False),
        (said("x", author={"id": "8", "bot": True}), False),
        (said("x", author={"id": "77", "bot": True}), True),
        (said("x", author={"id": "8", "bot": True}, webhook_id="8"), False),
        (said("x", author={"id": "8", "bot": True}, application_id="77"), True),
    ],
)
def test_who_may_speak(message: Heard, listens: bool) -> None:
    """People, and the bots of the settings; no system messages, no bot of ours, no webhooks."""
    assert may_speak(US, SETTINGS, message) is listens


def test_who_is_spoken_to_first() -> None:
    assert is_to_another(US, said("<@6> what do you think?"))
    assert not is_to_another(US, said("what do you think, <@6>?"))
    assert not is_to_another(US, said("<@1> ask <@6>"))


def test_an_author_has_the_name_of_the_server() -> None:
    """The nickname, else the name everywhere, else the handle."""
    assert said("x", member={"nick": "Countess"}).name == "Countess"
    assert said("x", member={"nick": None}).name == "Ada"
    assert said("x", author={"id": "5", "username": "ada"}).name == "ada"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@1> what is <@6>'s plan?", ("what is @name6's plan?", True)),
        ("what is it, <@1>", ("what is it,", False)),
        ("ask <@1> about it", ("ask @Switchboard about it", False)),
        ("<@1>: `<@6>` stays", ("`<@6>` stays", True)),
        ("<@&9> hello", ("hello", True)),
        ("in <#12>, says <@&44>", ("in #general, says @admins", False)),
        ("<:blob:123> <a:dance:5>", (":blob: :dance:", False)),
        ("at <t:0:R>", ("at 1970-01-01 00:00 UTC", False)),
        ("at <t:99999999999999>", ("at <t:99999999999999>", False)),
        ("</model set:55> in <id:guide>", ("/model set in #guide", False)),
        ("a < b and <nothing>", ("a < b and <nothing>", False)),
        ("```py\n<@1>\n```", ("```py\n<@1>\n```", False)),
    ],
)
def test_words_read_as_people_see_them(written: str, read: tuple[str, bool]) -> None:
    names = Names({}, {"44": "admins"}, {"12": "general"})
    assert words_for_us(US, said(written), names) == read


def test_a_mention_at_the_end_of_code_stays() -> None:
    assert without_mention("`x <@1>`", frozenset({"1"})) == ("`x <@1>`", False)
    assert without_mention("``a ` <@1>``", frozenset({"1"})) == ("``a ` <@1>``", False)
    assert readable("``<@1> ` ``") == "``<@1> ` ``"


def test_what_is_no_text_is_named() -> None:
    """Stickers, polls, and what is forwarded, its files too."""
    file = {"id": "4", "filename": "a.txt"}
    message = said(
        "look",
        sticker_items=[{"id": "1", "name": "wave"}],
        poll={"question": {"text": "Tea?"}, "answers": [{"poll_media": {"text": "yes"}}]},
        message_reference={"type": 1, "message_id": "80"},
        message_snapshots=[{"message": {"content": "first\nsecond", "attachments": [file]}}],
    )
    words, _ = words_for_us(US, message, NOBODY)
    assert words == "look\n[sticker: wave]\n[poll: Tea? yes]\n> first\n> second"
    assert [one["filename"] for one in message.files] == ["a.txt"]
    assert message.reply_to == ""
    assert words_of(US, message, NOBODY).endswith("[file: a.txt]")


def test_places_and_moments() -> None:
    assert str(Where("3", "10").place) == "discord:3/10"
    assert str(Where("3", "11", "10").place) == "discord:3/10/11"
    assert str(Where("", "12").place) == "discord:@me/12"
    moment = moment_of("1180000000000000000")
    assert moment.year == 2023
    assert id_at(moment) == 1180000000000000000 >> 22 << 22
