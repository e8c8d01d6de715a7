"""Markdown that grows in a native stream, where nothing shown can be taken back."""

from __future__ import annotations

import asyncio

import pytest

from bot.conversation.pages.pager import Pager
from bot.conversation.reply import Reply
from tests.bot.adapters.slack.playing import FOOTER, WAYS, Played, run, stage
from tests.bot.adapters.slack.seeing import dm_thread, ours
from tests.fakes.measure import Row

ANSWER = """# Kettles

A **kettle** boils `water`, see [the guide](https://example.com/kettles_and_more) or https://example.com/a_b.

```python
def boil(water):
    # @here nobody is called
    return water ** 2
```

| kind | price |
|------|-------|
| **steel** | 1 |
| glass | 2 |

1. Fill it, ~~or not~~
   - with *fresh* water
2. <@U123> waits for @channel
"""


async def played_in(played: Played, text: str, step: int) -> None:
    """Let a model say the text in small pieces, with time to show each."""
    played.text = text
    reply = Reply(
        Row().journal(),
        played.delivery,
        played.surface,
        played.place,
        new_key=lambda: f"k{next(played.keys)}",
    )
    for at in range(0, len(text), step):
        reply.feed(text[at : at + step])
        await asyncio.sleep(0.5)
    await reply.finish(footer=FOOTER, buttons=WAYS)
    await asyncio.sleep(150)


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_a_page_of_markdown_only_grows(step: int) -> None:
    """It is streamed to its end without one correction, and reads as it was written; nobody is called."""

    async def scene() -> None:
        async with stage(dm_thread, stream_seconds=10_000.0) as played:
            played.slack.world.stream_seconds = 10_000.0
            await played_in(played, ANSWER, step)
            (message,) = ours(played.slack, played.place)
            pager = Pager(played.surface.limits)
            assert message.text == pager.page(ANSWER, 0).text
            assert message.pings == set()
            assert set(played.methods()) == {"startStream", "appendStream", "stopStream"}
            assert played.slack.unexpected() == []

    run(scene())


@pytest.mark.parametrize("step", [23, 60])
def test_pages_of_markdown(step: int) -> None:
    """A page ends where the next begins, each with its own fences, whatever had been shown of it before."""
    text = "\n".join(ANSWER.replace("Kettles", f"Kettles, part {n}") for n in range(22))

    async def scene() -> None:
        async with stage(dm_thread) as played:
            await played_in(played, text, step)
            pager = Pager(played.surface.limits)
            pager.turn(text)
            shown = [one.text or one.written("markdown") for one in ours(played.slack, played.place)]
            pages = [pager.page(text, index).text for index in range(len(pager.starts))]
            assert len(shown) == len(pages) >= 2
            for message, page in zip(ours(played.slack, played.place), pages, strict=True):
                assert page in (message.text, message.written("markdown"))
                assert message.pings == set()
            assert played.slack.unexpected() == []

    run(scene())
