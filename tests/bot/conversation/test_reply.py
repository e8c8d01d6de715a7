"""One reply and its row: what is written when, how it ends, how it is taken up again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.reply import Reply
from bot.core.errors import PlaceGone
from bot.core.place import Place
from bot.core.surface import Posted, Verb
from bot.core.view import Button, Tone, View
from tests.fakes import clock, scenes
from tests.fakes.measure import Row, ink, words
from tests.fakes.platform import Discord, Fault, Kind, Message, Platform, Slack

T = TypeVar("T")
PLACE = Place("discord", "T1", "C1")


class Lost(Exception):
    """The claim on the conversation was lost to another process."""


@dataclass(frozen=True)
class Saved:
    number: int
    key: str
    start: int
    message_id: str | None = None
    state: str = "intended"


class Keys:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"key{self.count}"


@dataclass
class Desk:
    """A reply on a platform, with its row."""

    platform: Platform
    delivery: Delivery
    row: Row

    def reply(self, text: str = "", pages: tuple[Saved, ...] = ()) -> Reply:
        journal = self.row.journal()
        self.row.pages = {page.key: page.message_id for page in pages}
        keys = Keys()
        keys.count = 100 * len(pages)
        return Reply(journal, self.delivery, self.platform, PLACE, new_key=keys, text=text, pages=pages)

    def messages(self) -> list[Message]:
        return list(self.platform.messages.values())

    def texts(self) -> list[str]:
        return [message.view.text for message in self.messages()]


def at_desk(scene: Callable[[Desk], Awaitable[T]], platform: Platform | None = None) -> T:
    async def main() -> T:
        async with scenes.running() as delivery:
            return await scene(Desk(platform or Discord(), delivery, Row()))

    return clock.run(main())


def test_text_is_journalled_before_it_is_shown() -> None:
    """At every call the row already holds all the text of that call, and the page's row its key."""

    class Watched(Discord):
        row: Row

        async def _call(self, request: object) -> Posted:
            view: View = request.view  # type: ignore[attr-defined]
            assert ink(view.text) in ink(self.row.text)
            if request.verb is Verb.POST:  # type: ignore[attr-defined]
                assert request.key in self.row.pages  # type: ignore[attr-defined]
                assert self.row.pages[request.key] is None  # type: ignore[attr-defined]
            return await super()._call(request)  # type: ignore[arg-type]

    async def scene(desk: Desk) -> None:
        assert isinstance(desk.platform, Watched)
        desk.platform.row = desk.row
        reply = desk.reply()
        for word in words(1200):
            reply.feed(word)
            await asyncio.sleep(0.0125)
        await reply.finish()
        assert len(desk.messages()) > 1
        assert desk.row.text == reply.text
        assert desk.row.shown <= reply.shown == len(reply.text)

    at_desk(scene, Watched())


def test_the_first_text_is_posted_at_the_first_token() -> None:
    """The answer is there as soon as its first word is."""

    async def scene(desk: Desk) -> None:
        desk.reply().feed("Hello")
        await asyncio.sleep(0.03)
        assert [(m.history[0][0], m.view.text, m.view.growing) for m in desk.messages()] == [
            (0.025, "Hello", True)
        ]

    at_desk(scene)


def test_the_running_footer_goes_with_the_next_edit_only() -> None:
    """A new figure alone causes no call; the next text carries it; the last text carries the last one."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        reply.note("0.1 ¢")
        reply.feed("Hello")
        await asyncio.sleep(3)
        reply.note("0.2 ¢")
        await asyncio.sleep(3)
        assert [view.footer for _, view in desk.messages()[0].history] == ["0.1 ¢"]
        reply.feed(" ")
        await asyncio.sleep(3)
        reply.feed("you")
        await asyncio.sleep(3)
        await reply.finish(footer="0.3 ¢", buttons=(Button("Again", "retry"),))
        views = [view for _, view in desk.messages()[0].history]
        assert [view.footer for view in views] == ["0.1 ¢", "0.2 ¢", "0.3 ¢"]
        assert views[-1] == View("Hello you", "0.3 ¢", (Button("Again", "retry"),))

    at_desk(scene)


def test_a_long_footer_is_clipped() -> None:
    """A footer never pushes a message over the platform's limit."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        for word in words(480):
            reply.feed(word)
        reply.note("€" * 500)
        await reply.finish(footer="€" * 500)
        assert desk.messages()[0].view.footer.endswith("€…")

    at_desk(scene)


def test_nothing_is_shown_before_there_is_something_to_see() -> None:
    """White space and half marks post no empty message."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        for piece in ("\n", " ", "", "\n", "`", "``", "py", "\n"):
            reply.feed(piece)
            await asyncio.sleep(1)
        assert desk.messages() == []
        reply.feed("x = 1\n")
        await asyncio.sleep(1)
        assert desk.texts() == [" \n```py\nx = 1\n```"]

    at_desk(scene)


def test_an_answer_without_text_shows_its_notice() -> None:
    """Where the provider failed before its first word, the sentence is the message."""

    async def scene(desk: Desk) -> None:
        await desk.reply().finish(notice="openai failed.", footer="f", tone=Tone.ERROR)
        assert [m.view for m in desk.messages()] == [View("openai failed.", "f", tone=Tone.ERROR)]
        assert desk.row.starts == [0]

    at_desk(scene)


def test_an_answer_without_anything_shows_nothing() -> None:
    """No text and no notice is no message."""

    async def scene(desk: Desk) -> None:
        await desk.reply().finish(footer="f")
        assert desk.messages() == []

    at_desk(scene)


def test_a_notice_stands_beneath_the_text() -> None:
    """What went wrong is told under the text so far, pings taken out of it."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        reply.feed("Half an ans")
        await reply.finish(notice="openai broke off, @everyone.", tone=Tone.ERROR)
        assert desk.texts() == ["Half an ans\n\nopenai broke off, @\u200beveryone."]
        assert reply.text == "Half an ans"

    at_desk(scene)


def test_a_notice_that_does_not_fit_gets_a_message_of_its_own() -> None:
    """A full page stays as it is; the sentence, the footer and the buttons follow it."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        text = "".join(words(510))
        reply.feed(text)
        await reply.finish(notice="It broke off. " * 20, footer="f", buttons=(Button("Go on", "go"),))
        first, second = desk.messages()
        assert ink(first.view.text) == ink(text)
        assert not first.view.buttons
        assert second.view.text.startswith("It broke off.")
        assert second.view.buttons
        assert desk.row.sealed == ["key1", "key2"]

    at_desk(scene)


def test_a_stop_request_is_passed_on_once() -> None:
    """Somebody asked another process to stop: the next journal write says so, and the engine is told."""

    async def scene(desk: Desk) -> None:
        reply, told = desk.reply(), []
        reply.on_stop = lambda: told.append(reply.text)
        reply.feed("One")
        await asyncio.sleep(2)
        desk.row.stop = True
        for piece in (" two", " three", " four"):
            reply.feed(piece)
            await asyncio.sleep(2)
        assert told == ["One two"]
        await reply.finish()
        assert desk.texts() == ["One two three four"]

    at_desk(scene)


def test_a_lost_claim_stops_the_reply_at_once() -> None:
    """After the journal refused, no further call is made, the engine is told to stop, finish raises it."""

    async def scene(desk: Desk) -> None:
        reply, told = desk.reply(), []
        reply.on_stop = lambda: told.append(reply.text)
        reply.feed("One")
        await asyncio.sleep(2)
        desk.row.error = Lost("another process has it")
        reply.feed(" two")
        await asyncio.sleep(2)
        assert told == ["One two"]
        reply.feed(" three")
        calls = len(desk.platform.calls)
        with pytest.raises(Lost):
            await reply.finish()
        assert len(desk.platform.calls) == calls == 1
        assert not desk.delivery.open_slots()

    at_desk(scene, Slack())


def test_a_lost_claim_during_the_last_text() -> None:
    """The same at the very end: what the journal raised comes out of finish."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        reply.feed("One")
        desk.row.error = Lost("another process has it")
        with pytest.raises(Lost):
            await reply.finish()
        assert desk.messages() == []

    at_desk(scene)


def test_a_place_that_is_gone_stops_the_stream() -> None:
    """Nobody pays for text that nobody can see: the engine hears of it before the end."""

    async def scene(desk: Desk) -> None:
        desk.platform.faults = [Fault(Kind.GONE, after=1)]
        reply, told = desk.reply(), []
        reply.on_stop = lambda: told.append(True)
        reply.feed("One")
        await asyncio.sleep(2)
        reply.feed(" two")
        await asyncio.sleep(2)
        assert told == [True]
        with pytest.raises(PlaceGone):
            await reply.finish()

    at_desk(scene)


def test_an_abandoned_reply_makes_no_further_call() -> None:
    """At a shutdown the row and its messages are left for the next process."""

    async def scene(desk: Desk) -> None:
        desk.reply().abandon()
        reply = desk.reply()
        reply.feed("One")
        await asyncio.sleep(2)
        reply.feed(" two")
        reply.abandon()
        reply.feed(" three")
        await asyncio.sleep(10)
        assert desk.texts() == ["One"]
        assert reply.text == "One two three"
        assert not desk.delivery.open_slots()

    at_desk(scene, Slack())


@pytest.mark.parametrize("calls", range(1, 9))
def test_a_reply_is_taken_up_again_after_any_call(calls: int) -> None:
    """A process that dies after any of its calls leaves a row from which the next one completes the answer."""

    async def scene(desk: Desk) -> None:
        first = desk.reply()
        pieces = words(1000)
        for piece in pieces:
            first.feed(piece)
            await asyncio.sleep(0.0125)
            if len(desk.platform.calls) >= calls:
                break
        first.abandon()
        rows = [
            Saved(n + 1, key, desk.row.starts[n], known, "sealed" if key in desk.row.sealed else "sent")
            for n, (key, known) in enumerate(desk.row.pages.items())
        ]
        # The worst moment: the post is applied, its id not yet written.
        rows[-1] = Saved(rows[-1].number, rows[-1].key, rows[-1].start)
        text = desk.row.text
        second = desk.reply(text, tuple(rows))
        second.shown = desk.row.shown
        await second.finish(notice="Interrupted.")
        await asyncio.sleep(60)
        assert ink("".join(desk.texts())) == ink(text) + "Interrupted."
        assert not any(message.view.growing for message in desk.messages())
        assert len({message.key for message in desk.messages()}) == len(desk.messages())

    at_desk(scene)


def test_a_page_that_was_only_intended_is_posted() -> None:
    """A key that no message carries belongs to a post that never happened."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply("Hello", (Saved(1, "key1", 0),))
        await reply.finish()
        assert [(m.key, m.view.text) for m in desk.messages()] == [("key1", "Hello")]
        assert desk.platform.found == 1

    at_desk(scene)


def test_a_reply_whose_pages_are_all_sealed_only_gets_its_ending() -> None:
    """A crash between the last seal and the end of the reply repeats one edit and nothing else."""

    async def scene(desk: Desk) -> None:
        posted = await desk.platform.post(PLACE, View("Hello"), "key1")
        reply = desk.reply("Hello", (Saved(1, "key1", 0, posted.message_id, "sealed"),))
        await reply.finish(footer="f")
        assert [m.view for m in desk.messages()] == [View("Hello", "f")]

    at_desk(scene)


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["\ud83d", "\ude00 ok"], "\U0001f600 ok"),
        (["a\ud83d"], "a\ufffd"),
        (["a\udc00b"], "a\ufffdb"),
        (["a\0b"], "a\ufffdb"),
        (["h\u00e9", "\ud83d", " x"], "h\u00e9\ufffd x"),
    ],
)
def test_broken_characters_are_mended(pieces: list[str], text: str) -> None:
    """Halves of a character from two chunks become one; what no database takes is replaced."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        for piece in pieces:
            reply.feed(piece)
            await asyncio.sleep(2)
        await reply.finish()
        assert (reply.text, desk.row.text, desk.texts()) == (text, text, [text])

    at_desk(scene)


def test_text_with_marks_that_end_a_page_is_not_posted_empty() -> None:
    """Where only the closing line of the code is left for the last page, the page before carries the ending."""

    async def scene(desk: Desk) -> None:
        text = "```py\n" + "\n".join(f"x{n} = {n:040}" for n in range(36))
        for extra in range(60):
            reply = desk.reply()
            reply.feed(text + "\n" + "y" * extra + "\n```")
            await reply.finish(footer="f", notice="n")
        assert all(message.view.text for message in desk.messages())
        assert desk.platform.mistakes == []

    at_desk(scene)


def test_chunks_while_a_call_is_in_flight_make_no_further_task() -> None:
    """Feeding costs a list entry: no task per chunk, whatever comes while a call is on its way."""

    async def scene(desk: Desk) -> None:
        reply = desk.reply()
        reply.feed("One")
        await asyncio.sleep(0.001)
        tasks = len(asyncio.all_tasks())
        for _ in range(1000):
            reply.feed(" more")
        await asyncio.sleep(0.001)
        assert len(asyncio.all_tasks()) == tasks

    at_desk(scene)
