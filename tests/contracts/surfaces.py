"""What every surface has to do, whatever platform is behind it.

A platform's tests subclass ``SurfaceContract`` and give it a ``stage``: a connected surface, a thread to
speak in, and eyes that see what people would see there, read from the platform itself, not from our records.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bot.core.errors import PlaceGone, PlatformDown
from bot.core.place import Place
from bot.core.surface import Surface, Verb
from bot.core.view import Button, Picture, Tone, View

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
KEY = "k0123456789abcdefghijklm"
OTHER = "o0123456789abcdefghijklm"


@dataclass(frozen=True)
class Seen:
    """A message of ours as a person sees it: plain words of its text, its footer and its buttons' labels.

    Of a picture its words, and its bytes as whoever sees it would get them.
    """

    message_id: str
    text: str
    footer: str = ""
    buttons: tuple[str, ...] = ()
    alt: str = ""
    png: bytes = b""


@dataclass(frozen=True)
class Stage:
    """A surface with an audience. ``delete`` removes a message; ``cut`` takes the platform away."""

    surface: Surface
    place: Place
    elsewhere: Place
    look: Callable[[], Awaitable[list[Seen]]]
    delete: Callable[[str], Awaitable[None]]
    cut: Callable[[], Awaitable[None]]


class SurfaceContract:
    """To be subclassed as ``Test...`` where a ``stage`` fixture is."""

    async def test_the_platform_is_that_of_its_places(self, stage: Stage) -> None:
        """A place tells which surface it belongs to."""
        assert stage.surface.platform == stage.place.platform

    async def test_a_post_is_seen(self, stage: Stage) -> None:
        """Text, footer and buttons all reach the people in the thread."""
        view = View("Good morning", footer="demo/quick", buttons=(Button("Retry", "retry #1"),))
        posted = await stage.surface.post(stage.place, view, KEY)
        assert await stage.look() == [Seen(posted.message_id, "Good morning", "demo/quick", ("Retry",))]

    async def test_a_picture_is_seen(self, stage: Stage) -> None:
        """With its words for those who do not see it; and it is found by its key, so that none is shown twice."""
        picture = Picture(PNG, "Bar chart: $3 in all.", "spending.png")
        view = View("Last week", buttons=(Button("More", "usage"),), picture=picture)
        posted = await stage.surface.post(stage.place, view, KEY)
        shown = Seen(posted.message_id, "Last week", "", ("More",), "Bar chart: $3 in all.", PNG)
        assert await stage.look() == [shown]
        assert await stage.surface.find(stage.place, [KEY]) == {KEY: posted.message_id}

    async def test_an_edit_replaces_all_that_is_seen(self, stage: Stage) -> None:
        """Text, footer and buttons of before are gone."""
        before = View("Good", footer="so far", buttons=(Button("Stop", "stop"),), growing=True)
        posted = await stage.surface.post(stage.place, before, KEY)
        after = View("Good morning", footer="in all", buttons=(Button("Retry", "retry #1"),))
        edited = await stage.surface.edit(stage.place, posted.message_id, after)
        assert edited.message_id == posted.message_id
        assert await stage.look() == [Seen(posted.message_id, "Good morning", "in all", ("Retry",))]

    async def test_an_edit_may_be_repeated(self, stage: Stage) -> None:
        """An edit whose answer was lost is simply done again."""
        posted = await stage.surface.post(stage.place, View("Good"), KEY)
        for _ in range(2):
            await stage.surface.edit(stage.place, posted.message_id, View("Good morning"))
        assert await stage.look() == [Seen(posted.message_id, "Good morning")]

    async def test_every_tone_is_shown(self, stage: Stage) -> None:
        """Notices and errors are messages too."""
        for number, tone in enumerate(Tone):
            await stage.surface.post(stage.place, View(f"In {tone}", tone=tone), f"key{number}")
        assert [seen.text for seen in await stage.look()] == [f"In {tone}" for tone in Tone]

    async def test_our_keys_are_found_again(self, stage: Stage) -> None:
        """After a crash the keys that we carried tell which posts were applied, and under which ids."""
        posted = await stage.surface.post(stage.place, View("Good morning"), KEY)
        assert await stage.surface.find(stage.place, [KEY, OTHER]) == {KEY: posted.message_id}

    async def test_a_key_survives_edits(self, stage: Stage) -> None:
        """However often a message was edited, it is found by its key."""
        posted = await stage.surface.post(stage.place, View("Good", growing=True), KEY)
        await stage.surface.edit(stage.place, posted.message_id, View("Good morning"))
        assert await stage.surface.find(stage.place, [KEY]) == {KEY: posted.message_id}

    async def test_keys_of_other_places_are_not_found(self, stage: Stage) -> None:
        """A key stands in one place only."""
        await stage.surface.post(stage.place, View("Good morning"), KEY)
        assert await stage.surface.find(stage.elsewhere, [KEY]) == {}

    async def test_a_thread_begins_with_a_message_of_ours(self, stage: Stage) -> None:
        """Where it goes on is the same each time; what is posted there next stands, and so does the first message."""
        surface = stage.surface
        beginning = await surface.beginning(stage.place, KEY)
        assert beginning == await surface.beginning(stage.place, KEY)
        opening = (await surface.post(beginning, View("Fork of something"), KEY)).message_id
        begun = await surface.begun(beginning, opening)
        assert begun == await surface.begun(beginning, opening)
        assert begun.home == stage.place.home
        posted = await surface.post(begun, View("Good morning"), OTHER)
        assert await surface.find(beginning, [KEY]) == {KEY: opening}
        assert await surface.find(begun, [OTHER]) == {OTHER: posted.message_id}
        assert surface.link(begun)

    async def test_a_full_page_fits(self, stage: Stage) -> None:
        """As much text as the limits allow is shown whole."""
        limits = stage.surface.limits
        ascii_page = "x" * min(limits.page_chars, limits.page_bytes)
        wide_page = "語" * min(limits.page_chars, limits.page_bytes // 3)
        for key, text in ((KEY, ascii_page), (OTHER, wide_page)):
            await stage.surface.post(stage.place, View(text), key)
        assert [seen.text for seen in await stage.look()] == [ascii_page, wide_page]

    async def test_editing_what_was_deleted_says_so(self, stage: Stage) -> None:
        """A message that people removed is gone for good: no retry can help."""
        posted = await stage.surface.post(stage.place, View("Good morning"), KEY)
        await stage.delete(posted.message_id)
        with pytest.raises(PlaceGone):
            await stage.surface.edit(stage.place, posted.message_id, View("Good evening"))

    async def test_a_platform_that_is_away_says_so(self, stage: Stage) -> None:
        """Whatever fails beneath, callers see PlatformDown and nothing else."""
        posted = await stage.surface.post(stage.place, View("Good morning"), KEY)
        await stage.cut()
        with pytest.raises(PlatformDown):
            await stage.surface.post(stage.place, View("Good evening"), OTHER)
        with pytest.raises(PlatformDown):
            await stage.surface.edit(stage.place, posted.message_id, View("Good evening"))
        with pytest.raises(PlatformDown):
            await stage.surface.find(stage.place, [KEY])

    async def test_a_status_never_fails(self, stage: Stage) -> None:
        """It is best effort, whether the platform is there or not."""
        await stage.surface.status(stage.place, "demo/quick is thinking…")
        await stage.surface.status(stage.place, "")
        await stage.cut()
        await stage.surface.status(stage.place, "demo/quick is thinking…")

    @pytest.mark.parametrize("verb", list(Verb))
    async def test_every_call_names_its_budgets(self, stage: Stage, verb: Verb) -> None:
        """The budgets are the same each time, named by verb, and allow something."""
        spends = stage.surface.spends(verb, stage.place)
        assert spends
        assert list(spends) == list(stage.surface.spends(verb, stage.place))
        assert all(spend.rate.calls >= 1 and spend.rate.seconds > 0 for spend in spends)
        other = next(each for each in Verb if each is not verb)
        assert {spend.name for spend in spends} != {
            spend.name for spend in stage.surface.spends(other, stage.place)
        }
