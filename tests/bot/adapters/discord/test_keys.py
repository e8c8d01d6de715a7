"""How a post whose answer was lost is found again."""

from __future__ import annotations

from bot.adapters.discord.bots import Bots
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import DiscordSettings
from bot.core.place import Place
from bot.core.view import Button, View
from tests.bot.adapters.discord.seeing import calls, dm, ours
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.times import ManualClock

WAYS = (Button("Retry", "retry #1"),)
LATER = 600.0  # seconds: no nonce is remembered so long


async def test_a_new_process_finds_what_has_buttons(
    fake: FakeDiscord, bots: Bots, surface: DiscordSurface, settings: DiscordSettings
) -> None:
    """However long ago that was: each button carries the key."""
    place = dm(fake)
    posted = await surface.post(place, View("Good", growing=True), "k1")
    await surface.edit(place, posted.message_id, View("Good morning", buttons=WAYS))
    for number in range(130):
        fake.dm("ada", f"and {number}?")
    found = await DiscordSurface(bots, settings).find(place, ["k1", "k2"])
    assert found == {"k1": posted.message_id}


async def test_a_new_process_posts_nothing_twice_within_minutes(
    fake: FakeDiscord, bots: Bots, surface: DiscordSurface, settings: DiscordSettings
) -> None:
    """Discord knows the nonce, and the message is brought up to date."""
    place = dm(fake)
    first = await surface.post(place, View("Good"), "k1")
    again = DiscordSurface(bots, settings)
    assert await again.find(place, ["k1"]) == {}
    second = await again.post(place, View("Good morning"), "k1")
    assert second.message_id == first.message_id
    assert [one.content for one in ours(fake, place)] == ["Good morning"]


async def test_a_new_process_knows_its_own_words(
    fake: FakeDiscord, bots: Bots, surface: DiscordSurface, settings: DiscordSettings, clock: ManualClock
) -> None:
    """A message without buttons and older than the nonce is taken for the post that says just that."""
    place = dm(fake)
    first = await surface.post(place, View("A whole page."), "k1")
    await clock.advance(LATER)
    again = DiscordSurface(bots, settings)
    assert await again.find(place, ["k1"]) == {}
    assert (await again.post(place, View("A whole page."), "k1")).message_id == first.message_id
    assert calls(fake, "create_message") == ["create_message"]


async def test_nothing_is_taken_for_another_answer(
    fake: FakeDiscord, bots: Bots, surface: DiscordSurface, settings: DiscordSettings, clock: ManualClock
) -> None:
    """Not what has a key, not what this process posted under another, not what says something else."""
    place = dm(fake)
    await surface.post(place, View("Yes.", buttons=WAYS), "k1")
    await surface.post(place, View("No."), "k2")
    await clock.advance(LATER)
    assert await surface.find(place, ["k3"]) == {}
    await surface.post(place, View("No."), "k3")
    again = DiscordSurface(bots, settings)
    assert await again.find(place, ["k4"]) == {}
    await again.post(place, View("Yes."), "k4")
    assert [one.content for one in ours(fake, place)] == ["Yes.", "No.", "No.", "Yes."]


async def test_nothing_is_taken_for_a_post_that_nobody_looked_for(
    fake: FakeDiscord, bots: Bots, surface: DiscordSurface, settings: DiscordSettings
) -> None:
    """The same words may be said twice."""
    place = dm(fake)
    await surface.post(place, View("Yes."), "k1")
    await DiscordSurface(bots, settings).post(place, View("Yes."), "k2")
    assert len(ours(fake, place)) == 2


async def test_what_the_gateway_told_of_is_known(
    fake: FakeDiscord, bots: Bots, surface: DiscordSurface, settings: DiscordSettings
) -> None:
    """It tells of our own messages too, with their nonces."""
    place = dm(fake)
    posted = await surface.post(place, View("Yes."), "k1")
    again = DiscordSurface(bots, settings)
    again.heard(place.channel, posted.message_id, "k1")
    assert await again.find(place, ["k1"]) == {"k1": posted.message_id}
    elsewhere = Place("discord", "@me", fake.world.dm(fake.grace, fake.bot).id)
    assert await again.find(elsewhere, ["k1"]) == {}
