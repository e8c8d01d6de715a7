"""Direct messages with an agent: every message roots a thread, and replies are native streams."""

from __future__ import annotations

from itertools import pairwise

from tests.fakes.home import OTHER
from tests.fakes.orders import Fault
from tests.fakes.provider import answer_for
from tests.fakes.slack.messages import StreamState
from tests.fakes.slack_house import SlackHouse
from tests.fakes.surface import WHOLE, ink


def methods(house: SlackHouse) -> list[str]:
    return [name for _, name, _ in house.slack.api.calls]


async def test_a_reply_is_a_native_stream(agency: SlackHouse) -> None:
    """The text flows, then stands with its footer and its buttons; it was never edited."""
    agency.provider.script(text="word " * 100, speed=300, holds=(20,))
    first = agency.dm("ada", "Tell me a story.")
    growing = await agency.grows(first)
    agency.provider.go_on()
    assert growing.streaming
    shown = await agency.answered(first)
    assert shown.text.split() == ["word"] * 100
    assert shown.labels == WHOLE
    assert growing.stream is not None
    assert growing.stream.state is StreamState.STOPPED
    texts = [ink(text) for _, text in growing.history]
    assert all(after.startswith(before) for before, after in pairwise(texts))
    assert {"chat.startStream", "chat.appendStream", "chat.stopStream"} <= set(methods(agency))
    assert "chat.update" not in methods(agency)


async def test_turns_and_another_model(agency: SlackHouse) -> None:
    """A thread is a conversation: it remembers, and its model is switched by a word."""
    first = agency.dm("ada", "First question.")
    await agency.answered(first)
    agency.slack.say("ada", first.channel, "!model gpt-6-luna", thread_ts=first.ts)
    await agency.until(lambda: any(OTHER in word for word in agency.words(first)), "the switch")
    agency.reply("ada", first, "Second question.")
    assert (await agency.answered(first)).footer.startswith(OTHER)
    assert answer_for("First question.") in agency.read()
    other = agency.dm("ada", "Something else.")
    await agency.answered(other)
    assert "First question." not in agency.read()


async def test_slacks_own_stop(agency: SlackHouse) -> None:
    """Slack's stop button ends the provider's stream too; the text so far is kept, with a way on."""
    agency.provider.script(text="word " * 5000, speed=40)
    first = agency.dm("ada", "Tell me a story.")
    await agency.grows(first, 40)
    agency.order(first, "stopped")
    agency.slack.book.expect(error="stopped_by_user")
    agency.slack.stop("ada", first.channel, first.ts)
    shown = await agency.answered(first)
    await agency.provider.all_closed()
    assert not agency.provider.billed[0].completed
    assert "stopped" in shown.footer
    session = agency.slack.session(first.channel, first.ts)
    assert session is not None
    assert session.status != "processing"


async def test_the_title_of_a_conversation(agency: SlackHouse) -> None:
    """A conversation bears the title of its first question; a person's own title stays."""
    first = agency.dm("ada", "What is for dinner?")
    await agency.answered(first)

    def title() -> str:
        session = agency.slack.session(first.channel, first.ts)
        return session.title if session else ""

    await agency.until(lambda: "dinner" in title(), "a title")
    agency.slack.rename("ada", first.channel, first.ts, "Food")
    await agency.slack.quiet()
    agency.reply("ada", first, "And for lunch?")
    await agency.answered(first)
    assert title() == "Food"


async def test_suggested_prompts(agency: SlackHouse) -> None:
    """Whoever opens the messages tab is offered something to begin with."""
    agency.slack.open_home("ada", "messages")
    await agency.until(lambda: bool(agency.slack.prompts("ada")), "prompts")
    assert len(agency.slack.prompts("ada")) <= 4


async def test_a_stream_that_slack_closes(agency: SlackHouse) -> None:
    """Slack closes a stream before its time: the text goes on by other ways, complete and once."""
    agency.provider.script(text="word " * 150, speed=300, holds=(40,))
    first = agency.dm("ada", "Tell me a story.")
    growing = await agency.grows(first)
    agency.slack.book.expect(error="message_not_in_streaming_state")
    assert growing.stream is not None
    growing.stream.state = StreamState.EXPIRED
    agency.provider.go_on()
    shown = await agency.answered(first)
    assert shown.text.split() == ["word"] * 150


async def test_a_workspace_without_streams(agency: SlackHouse) -> None:
    """Where Slack knows no streams, the first reply is posted all the same, and it is not asked again."""
    agency.fault(Fault.REFUSED, "chat.startStream", error="feature_not_enabled", times=1)
    first = agency.dm("ada", "First question.")
    assert (await agency.answered(first)).text == answer_for("First question.")
    agency.reply("ada", first, "Second question.")
    await agency.answered(first)
    assert "chat.startStream" not in methods(agency)


async def test_a_long_answer(agency: SlackHouse) -> None:
    """What fits no single stream goes on in the next, word for word."""
    text = " ".join(f"word{number}" for number in range(1500))
    agency.provider.script(text=text)
    first = agency.dm("ada", "Tell me everything.")
    shown = await agency.answered(first)
    assert len(shown.lines) >= 3
    assert ink(shown.text) == ink(text)


async def test_in_a_channel_an_agent_edits(agency: SlackHouse) -> None:
    """In a channel a native stream would flow for one person only: there replies grow by edits."""
    agency.provider.script(text="word " * 60, speed=300, holds=(20,))
    first = agency.mention("ada", "general", "Tell me a story.")
    await agency.grows(first)
    agency.provider.go_on()
    await agency.answered(first)
    assert "chat.startStream" not in methods(agency)
