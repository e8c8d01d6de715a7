"""Pictures in Discord: where one cannot be shown the words are."""

from __future__ import annotations

from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.core.view import Picture, View
from tests.bot.adapters.discord.seeing import all_seen, thread
from tests.contracts.surfaces import KEY, PNG
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord

VIEW = View("Last week", picture=Picture(PNG, "Bar chart: $3 in all. " + "x" * 2_000, "spending.png"))


async def test_a_post_that_is_repeated_is_one_message(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """Its nonce is ours, with a picture too; words that are too long for Discord are cut."""
    fake.book.expect("get_message", "10008")
    place = thread(fake)
    first = await surface.post(place, VIEW, KEY)
    assert (await surface.post(place, VIEW, KEY)).message_id == first.message_id
    (seen,) = all_seen(fake, place)
    assert (seen.png, len(seen.alt)) == (PNG, 1_024)


async def test_a_server_that_does_not_allow_files(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """The words go alone."""
    fake.book.expect("get_message", "10008")
    fake.book.expect("create_message", "50013")
    fake.build.permit(fake.general, fake.guild, deny=Can.ATTACH_FILES)
    place = thread(fake)
    await surface.post(place, VIEW, KEY)
    (seen,) = all_seen(fake, place)
    assert (seen.text, seen.png) == ("Last week", b"")
