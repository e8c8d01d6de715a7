"""How far each place was read."""

import asyncio

import pytest

from storage.store import Store
from tests.storage.given import claimed, said

PLACE = "discord:1/2/3"


async def test_a_watermark_only_moves_forward(store: Store) -> None:
    """Ids are numbers: a longer one is newer, and an older one changes nothing."""
    assert await store.places.watermark(PLACE) is None
    for written, stands in (("99", "99"), ("100", "100"), ("99", "100"), ("1528000000000000001",) * 2):
        await store.places.set_watermark(PLACE, written)
        assert await store.places.watermark(PLACE) == stands


async def test_what_is_no_number_is_refused(store: Store) -> None:
    """Nothing of such a batch is written."""
    with pytest.raises(ValueError, match="not a number"):
        await store.places.set_watermarks({PLACE: "7", "discord:1/2": "a"})
    assert await store.places.watermarks("discord") == {}


async def test_places_that_are_read_are_listed_the_last_used_first(store: Store) -> None:
    """Of a platform or a workspace: those with a watermark or a conversation, and no neighbour's."""
    await store.places.set_watermarks({"discord:1/2": "5", "discord:12/2": "6", "discord:a_b/1": "7"})
    await claimed(store, said(place=PLACE))
    assert next(iter(await store.places.watermarks("discord"))) == PLACE
    assert await store.places.watermarks("discord:1") == {PLACE: None, "discord:1/2": "5"}
    assert await store.places.watermarks("discord:aXb") == {}
    assert await store.places.watermarks("discord:a_b") == {"discord:a_b/1": "7"}
    assert await store.places.watermarks("slack") == {}


async def test_a_watermark_leaves_the_place_as_it_is(store: Store) -> None:
    """Its conversation goes on, and it does not count as used."""
    claim = await claimed(store, said(place=PLACE))
    await claimed(store, said(key="2", place="discord:1/9"))
    await store.places.set_watermark(PLACE, "5")
    current = await store.conversations.current(PLACE)
    assert current is not None
    assert current.id == claim.conversation_id
    assert await store.places.watermarks("discord") == {"discord:1/9": None, PLACE: "5"}


async def test_many_at_the_same_moment(store: Store) -> None:
    """Writers of the same places neither wait for one another forever nor take one another back."""
    places = [f"discord:{number % 3}/{number}" for number in range(12)]
    forth = {place: str(number + 90) for number, place in enumerate(places)}
    back = dict(reversed([(place, str(number + 95)) for number, place in enumerate(places)]))
    await asyncio.gather(*(store.places.set_watermarks(some) for some in (forth, back) * 4))
    assert await store.places.watermarks("discord") == back
