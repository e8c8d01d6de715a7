"""What a message of Slack's is to us: its words, its place, and whether it is meant for us."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.incoming.addressed import (
    heard,
    is_to_another,
    may_speak,
    mentions_us,
    place_of,
    words_for_us,
)
from bot.adapters.slack.incoming.wording import readable, text_of, without_mention
from bot.adapters.slack.settings import App, SlackSettings
from tests.bot.adapters.slack.edge_stage import workspace

SETTINGS = SlackSettings(apps=(App(("xoxb-1",)),))


def message(text: str = "hello", **more: Any) -> dict[str, Any]:
    """An event as Slack sends it."""
    return {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "1700.000001",
            "text": text, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt; stays what was typed", "&lt; stays what was typed"),
        ("&copy; is no escape of Slack's", "&copy; is no escape of Slack's"),
        ("<https://a.example/x?y=1&amp;z=2>", "https://a.example/x?y=1&z=2"),
        ("<https://a.example|the &lt;page&gt;>", "[the <page>](https://a.example)"),
        ("<http://a.example|a.example>", "http://a.example"),
        ("<mailto:ada@acme.example|ada@acme.example>", "ada@acme.example"),
        ("<mailto:ada@acme.example|Ada>", "[Ada](mailto:ada@acme.example)"),
        ("<tel:+49123|+49123>", "+49123"),
        ("<@U2|ada> and <@U3> and <@U4>", "@ada and @Grace and @U4"),
        ("<#C1|general> and <#C2>", "#general and #C2"),
        ("<!here> <!channel> <!everyone|everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@ops> <!subteam^S2>", "@ops @S2"),
        ("<!date^1700000000^{date}|14 November>", "14 November"),
        ("<!date^1700000000^{date}>", "date"),
        ("`<@U3> &lt;b&gt;` and ```a &amp; b <https://a.example>```", "`<@U3> <b>` and ```a & b https://a.example```"),
        ("2 < 3 and > without their pairs", "2 < 3 and > without their pairs"),
        ("", ""),
    ],
)  # fmt: skip
def test_words_are_read_as_a_person_reads_them(written: str, read: str) -> None:
    """Escapes are undone once, mentions and links written out, code left alone."""
    assert readable(written, {"U3": "Grace"}) == read


@given(st.text())
def test_reading_never_fails(text: str) -> None:
    """Whatever Slack sends has some reading; what was typed without a bracket or a code comes back as typed."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert readable(escaped) == text
    assert isinstance(readable(text), str)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("<@UBOT> what is a monad?", ("what is a monad?", True)),
        ("  <@UBOT>: what?", ("what?", True)),
        ("<@UBOT|switchboard>, what?", ("what?", True)),
        ("what is a monad, <@UBOT>", ("what is a monad,", False)),
        ("ask <@UBOT> about it", ("ask <@UBOT> about it", False)),
        ("<@UBOT>", ("", True)),
        ("<@U2> <@UBOT> hello", ("<@U2> <@UBOT> hello", False)),
        ("in code `<@UBOT>`", ("in code `<@UBOT>`", False)),
    ],
)
def test_our_name_is_taken_from_the_ends(written: str, left: tuple[str, bool]) -> None:
    """Where a sentence needs it, it stays."""
    assert without_mention(written, "UBOT") == left


def test_our_name_within_a_sentence_is_a_name() -> None:
    """Not an id that no model could read."""
    assert words_for_us(workspace(), heard(message("ask <@UBOT> &amp; <@U2>")), {"U2": "Grace"}) == (
        "ask @Switchboard & @Grace",
        False,
    )


def test_blocks_are_read_where_there_is_no_text() -> None:
    """And only there: the text is what the person wrote."""
    typed = [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "user", "user_id": "UBOT"},
                        {"type": "text", "text": " is a < b? "},
                        {"type": "link", "url": "https://a.example", "text": "see"},
                        {"type": "emoji", "name": "wave"},
                        {"type": "text", "text": "x()", "style": {"code": True}},
                    ],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "1 > 0"}]},
            ],
        },
        {"type": "section", "text": {"type": "mrkdwn", "text": "a &amp; b"}},
        {"type": "section", "fields": [{"type": "plain_text", "text": "f"}]},
    ]
    assert text_of(typed) == (
        "<@UBOT> is a &lt; b? <https://a.example|see>:wave:`x()`\n```1 &gt; 0```\na &amp; b\nf"
    )
    assert heard(message("", blocks=typed)).text.startswith("<@UBOT>")
    assert heard(message("typed", blocks=typed)).text == "typed"
    assert text_of(["nonsense", {"type": "divider"}, {"text": 3}, {"elements": None}]) == ""


@pytest.mark.parametrize(
    ("more", "agent", "place"),
    [
        ({}, False, "slack:T1/C1/1700.000001"),
        ({"thread_ts": "1600.000001"}, False, "slack:T1/C1/1600.000001"),
        ({"channel": "G1", "channel_type": "mpim"}, True, "slack:T1/G1/1700.000001"),
        ({"channel": "D1", "channel_type": "im"}, False, "slack:T1/D1"),
        ({"channel": "D1", "channel_type": "im", "thread_ts": "1600.000001"}, False, "slack:T1/D1/1600.000001"),
        ({"channel": "D1", "channel_type": "im", "thread_ts": "1700.000001"}, False, "slack:T1/D1"),
        ({"channel": "D1", "channel_type": "im"}, True, "slack:T1/D1/1700.000001"),
        ({"channel": "D1", "channel_type": "im", "thread_ts": "1600.000001"}, True, "slack:T1/D1/1600.000001"),
    ],
)  # fmt: skip
def test_every_thread_is_a_place(more: dict[str, Any], agent: bool, place: str) -> None:
    """A message roots its own; the direct messages of an app without the agent view are one flat place."""
    assert str(place_of(workspace(agent=agent), heard(message(**more)))) == place


@pytest.mark.parametrize(
    ("more", "heeded"),
    [
        ({}, True),
        ({"subtype": "file_share"}, True),
        ({"subtype": "thread_broadcast"}, True),
        ({"subtype": "me_message"}, True),
        ({"subtype": "channel_join"}, False),
        ({"subtype": "tombstone", "user": "USLACKBOT"}, False),
        ({"user": "UBOT"}, False),
        ({"user": "U9", "bot_id": "BBOT"}, False),
        ({"user": "U9", "bot_id": "B9", "app_id": "A9"}, False),
        ({"subtype": "bot_message", "user": None, "bot_id": "B9"}, False),
        ({"user": None}, False),
        ({"ts": None}, False),
    ],
)
def test_people_are_heeded(more: dict[str, Any], heeded: bool) -> None:
    """Neither we ourselves, nor other bots, nor what Slack says of its own accord."""
    assert may_speak(workspace(), SETTINGS, heard(message(**more))) is heeded


@pytest.mark.parametrize("name", ["B9", "A9", "U9"])
def test_a_bot_may_be_heeded(name: str) -> None:
    """By its own id, its app's or its user's."""
    settings = SlackSettings(apps=(App(("xoxb-1",)),), bots=frozenset({name}))
    said = heard(message(user="U9", bot_id="B9", app_id="A9", subtype="bot_message"))
    assert may_speak(workspace(), settings, said)


def test_only_a_mention_outside_of_code_is_one() -> None:
    """Code that is shown to others mentions nobody."""
    assert mentions_us(workspace(), heard(message("hi <@UBOT|sb>")))
    assert not mentions_us(workspace(), heard(message("`<@UBOT>` ```\n<@UBOT>\n``` <@U2>")))


def test_what_begins_with_a_name_is_to_its_owner() -> None:
    """Our own name does not make it somebody else's."""
    assert is_to_another(workspace(), heard(message(" <@U2> what do you think?")))
    assert not is_to_another(workspace(), heard(message("<@UBOT> what do you think?")))
    assert not is_to_another(workspace(), heard(message("what does <@U2> think?")))
