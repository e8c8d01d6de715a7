"""Messages that the platform takes no edits of any more, while their answer goes on."""

import asyncio

import pytest

from bot.conversation.reply import Reply
from bot.core.errors import MessageFrozen, PlatformDown
from bot.core.place import Place
from bot.core.surface import Limits, Posted
from bot.core.view import Button, View
from tests.fakes import clock, scenes
from tests.fakes.measure import Row
from tests.fakes.platform import Slack

PLACE = Place("slack", "T1", "C1", "t1")
RETRY = (Button("Retry", "retry"),)


class Freezing(Slack):
    """Edits are taken for ``window`` seconds after the post; ``lost`` ones are not answered before that."""

    limits = Limits(600, 2400)
    window, lost = 3.0, 0

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        now = asyncio.get_running_loop().time()
        if now > self.messages[message_id].history[0][0] + self.window:
            raise MessageFrozen("the window is closed")
        if self.lost:
            self.lost -= 1
            raise PlatformDown("lost")
        return await super().edit(place, message_id, view)


async def told(platform: Freezing, words: int, pause: float = 0.1) -> None:
    async with scenes.running() as delivery:
        keys = iter(f"k{n}" for n in range(99))
        reply = Reply(Row().journal(), delivery, platform, PLACE, new_key=lambda: next(keys))
        for number in range(words):
            reply.feed(f"word{number} ")
            await asyncio.sleep(pause)
        await asyncio.sleep(5)
        await reply.finish(footer="in all", buttons=RETRY)


def shown(platform: Freezing) -> list[View]:
    return [message.view for message in platform.messages.values()]


@pytest.mark.parametrize("words", [60, 200])
def test_the_rest_goes_out_in_new_messages(words: int) -> None:
    """What the frozen message does not show comes once, at the end, with footer and buttons beneath it."""
    platform = Freezing()
    clock.run(told(platform, words))
    views = shown(platform)
    assert " ".join(view.text for view in views).split() == [f"word{n}" for n in range(words)]
    assert (views[-1].footer, views[-1].buttons, views[-1].growing) == ("in all", RETRY, False)
    assert len(views) == (2 if words == 60 else 4)
    assert platform.mistakes == []


def test_a_frozen_message_that_shows_everything_is_enough() -> None:
    """There is no second message without text."""
    platform = Freezing()
    clock.run(told(platform, 2))
    assert [view.text for view in shown(platform)] == ["word0 word1"]


def test_a_frozen_message_of_which_nobody_knows_what_it_shows() -> None:
    """Its page is said again in a new message rather than lost."""
    platform = Freezing()
    platform.lost = 99
    clock.run(told(platform, 30))
    assert shown(platform)[-1].text.split() == [f"word{n}" for n in range(30)]
