"""How views look in Slack, and that they stay within what Slack takes."""

from __future__ import annotations

import pytest

from bot.adapters.slack.outgoing.render import EVENT, THUMBS, blocks, fallback
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.core.view import Button, Tone, View
from tests.bot.adapters.slack.seeing import dm_thread, ours, thread
from tests.contracts.surfaces import KEY
from tests.fakes.slack.server import FakeSlack

THUMB_BUTTONS = (Button("👍", "rate good #7"), Button("👎", "rate bad #7"))
PINGS = "<!channel> <@U123> @here @channel @everyone <!here|here> <!subteam^S1> &lt;!channel&gt; <#C1|x>"


async def test_everything_a_view_may_hold(slack: FakeSlack, surface: SlackSurface) -> None:
    """Text, footer, buttons that say their command, and the thumbs as Slack's own element."""
    view = View("# Hi", "demo · $0.01", (Button("Retry", "retry #7"), *THUMB_BUTTONS))
    place = thread(slack)
    await surface.post(place, view, KEY)
    (message,) = ours(slack, place)
    kinds = [block["type"] for block in message.blocks]
    assert kinds == ["markdown", "context", "actions", "context_actions"]
    assert (message.actions["say:0"]["value"], message.text) == ("retry #7", "# Hi")
    thumbs = message.actions[THUMBS]
    assert thumbs["positive_button"]["value"] == "rate good #7"
    assert thumbs["negative_button"]["value"] == "rate bad #7"
    assert message.metadata == {"event_type": EVENT, "event_payload": {"key": KEY}}


async def test_one_thumb_alone_is_a_button(slack: FakeSlack, surface: SlackSurface) -> None:
    """Slack's element takes both or none."""
    place = thread(slack)
    await surface.post(place, View("Hi", buttons=THUMB_BUTTONS[:1]), KEY)
    assert ours(slack, place)[0].actions["say:0"]["value"] == "rate good #7"


async def test_nothing_is_too_long_for_slack(slack: FakeSlack, surface: SlackSurface) -> None:
    """Labels, footers and pages are clipped to what Slack takes, in posts, updates and streams."""
    many = tuple(Button(f"{n} {'x' * 200}", f"model {'y' * 1_900}{n}") for n in range(40))
    wide = View("&<>" * 1_300, "f" * 5_000, many)
    for place in (thread(slack), dm_thread(slack)):
        await surface.post(place, wide, "k1")
        posted = await surface.post(place, View("Hi", growing=True), "k2")
        await surface.edit(place, posted.message_id, View("Hi there", wide.footer, many))
        await surface.edit(place, posted.message_id, wide)
        assert len(ours(slack, place)[0].actions) == 25
        assert len(ours(slack, place)[1].actions) == 25


def test_the_fallback_is_escaped_whole() -> None:
    """No escape is cut, and what is missing is shown to be."""
    text = fallback(View("a&" * 2_000))
    assert 3_990 <= len(text) <= 4_000
    assert text.removesuffix("…").replace("a&amp;", "") in ("", "a")
    assert fallback(View("a < b & c")) == "a &lt; b &amp; c"


async def test_a_command_too_long_for_a_button(slack: FakeSlack, surface: SlackSurface) -> None:
    """Cut, it would say something else; so there is no such button."""
    place = thread(slack)
    await surface.post(place, View("Hi", buttons=(Button("A", "a" * 2_001), Button("B", "b"))), KEY)
    assert [one["value"] for one in ours(slack, place)[0].actions.values()] == ["b"]


async def test_buttons_alone(slack: FakeSlack, surface: SlackSurface) -> None:
    """A view without text still says in a notification what it offers."""
    place = thread(slack)
    await surface.post(place, View("", buttons=(Button("Retry", "retry"), Button("Model", "model"))), KEY)
    (message,) = ours(slack, place)
    assert ([block["type"] for block in message.blocks], message.text) == (["actions"], "Retry, Model")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("No such model.", "⚠️ No such model."), ("- one\n- two", "⚠️\n\n- one\n- two"), ("", "")],
)
def test_errors_are_marked(text: str, shown: str) -> None:
    """A mark in front, that turns no list into a paragraph; other tones have none."""
    assert "".join(str(block["text"]) for block in blocks(View(text, tone=Tone.ERROR))) == shown
    assert "".join(str(block["text"]) for block in blocks(View(text, tone=Tone.NOTICE))) == text


async def test_nobody_is_ever_pinged(slack: FakeSlack, surface: SlackSurface) -> None:
    """Whatever a model says, in whichever part of a message, posted, updated, streamed or whispered."""
    said = View(PINGS, PINGS, (Button(PINGS, "x"),))
    for place in (thread(slack), dm_thread(slack)):
        await surface.post(place, said, "k1")
        posted = await surface.post(place, View("Hi", growing=True), "k2")
        await surface.edit(place, posted.message_id, View(f"Hi {PINGS}", growing=True))
        await surface.edit(place, posted.message_id, View(f"Hi {PINGS} {PINGS}", PINGS, said.buttons))
        await surface.edit(place, posted.message_id, said)
        assert [message.pings for message in ours(slack, place)] == [set(), set()]
    await surface.post(thread(slack), View(PINGS, private_to=slack.ada.id), "k3")
    assert [message.pings for message in slack.whispers("ada")] == [set()]


async def test_private_words(slack: FakeSlack, surface: SlackSurface) -> None:
    """One person sees them, in the thread, and they are not found again."""
    place = thread(slack)
    await surface.post(place, View("No budget left.", private_to=slack.ada.id, tone=Tone.ERROR), KEY)
    (whisper,) = slack.whispers("ada")
    assert (whisper.shown, whisper.thread_ts) == ("⚠️ No budget left.", place.thread)
    assert slack.whispers("grace") == []
    assert await surface.find(place, [KEY]) == {}
