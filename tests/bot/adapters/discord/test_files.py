"""Files that came with messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.adapters.discord.bots import Bots
from bot.adapters.discord.outgoing import files
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import DiscordSettings
from bot.core.errors import BadInput, PlatformDown
from bot.core.message import Promised
from bot.knowledge.files import MOST_BYTES
from tests.bot.adapters.discord.seeing import dm
from tests.fakes.discord.attached import SECONDS
from tests.fakes.discord.messages import Message
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault
from tests.fakes.times import ManualClock


def promised(fake: FakeDiscord, data: bytes = b"hello", *, message: bool = True) -> tuple[Promised, Message]:
    """A file in a direct message, as the intake promises it."""
    said = fake.dm("ada", "read this", files=[fake.file("notes.txt", data)])
    (file,) = said.attachments
    kept = files.ref(said.channel.id, said.id if message else "", file.id, fake.world.signed.url(file))
    return Promised("notes.txt", "text/plain", len(data), kept), said


async def test_a_file_is_fetched(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """By the address that came with the message."""
    file, _ = promised(fake)
    assert await surface.fetch(dm(fake), file) == b"hello"


async def test_an_address_that_has_expired_is_renewed(
    fake: FakeDiscord, surface: DiscordSurface, clock: ManualClock
) -> None:
    """The message is read again, which holds the one of now."""
    fake.book.expect("cdn", "404")
    file, _ = promised(fake)
    await clock.advance(SECONDS + 1)
    assert await surface.fetch(dm(fake), file) == b"hello"


async def test_a_file_of_a_deleted_message_cannot_be_had(
    fake: FakeDiscord, surface: DiscordSurface, clock: ManualClock
) -> None:
    """Nor one without a message, once its address has expired."""
    fake.book.expect("cdn", "404")
    fake.book.expect("get_message", "10008")
    file, said = promised(fake)
    alone, _ = promised(fake, message=False)
    fake.delete("ada", said)
    await clock.advance(SECONDS + 1)
    for one in (file, alone):
        with pytest.raises(BadInput) as refused:
            await surface.fetch(dm(fake), one)
        assert refused.value.say == "“notes.txt” could not be fetched from Discord; it may have been deleted."


async def test_a_file_that_is_too_large_is_not_fetched_or_not_to_its_end(
    fake: FakeDiscord, surface: DiscordSurface
) -> None:
    """Whatever Discord said of its size."""
    file, _ = promised(fake, b"x" * (MOST_BYTES + 1))
    for size in (MOST_BYTES + 1, 0):
        with pytest.raises(BadInput) as refused:
            await surface.fetch(dm(fake), replace(file, size=size))
        assert "notes.txt" in refused.value.say
    assert len(fake.cdn.fetched) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/file",
        "http://cdn.discordapp.com/file",
        "https://cdn.discordapp.com.example.org/file",
        "https://cdn.discordapp.com:8443/file",
        "https://user@example.org/cdn.discordapp.com",
        "file:///etc/passwd",
        "",
    ],
)
async def test_nothing_is_fetched_from_elsewhere(
    fake: FakeDiscord, surface: DiscordSurface, url: str
) -> None:
    """An address is followed only where Discord keeps its files."""
    file = Promised("notes.txt", "", 0, files.ref("1", "2", "3", url))
    with pytest.raises(BadInput):
        await surface.fetch(dm(fake), file)


async def test_without_an_address_of_ours_the_fakes_is_elsewhere(
    fake: FakeDiscord, bots: Bots, settings: DiscordSettings
) -> None:
    """The settings say where else files may be."""
    file, _ = promised(fake)
    with pytest.raises(BadInput):
        await DiscordSurface(bots, replace(settings, cdn_url="")).fetch(dm(fake), file)


@pytest.mark.parametrize("ref", ["", "[]", "no json", "{}"])
async def test_a_promise_that_cannot_be_read_is_none(
    fake: FakeDiscord, surface: DiscordSurface, ref: str
) -> None:
    """A sentence, not a stack trace."""
    with pytest.raises(BadInput):
        await surface.fetch(dm(fake), Promised("notes.txt", "", 0, ref))


async def test_where_discord_is_away_it_may_be_tried_again(
    fake: FakeDiscord, surface: DiscordSurface, clock: ManualClock
) -> None:
    """The files, or the message that holds the address."""
    file, _ = promised(fake)
    fake.cdn.away = True
    with pytest.raises(PlatformDown):
        await surface.fetch(dm(fake), file)
    fake.cdn.away = False
    fake.book.expect("cdn", "404")
    await clock.advance(SECONDS + 1)
    for fault in (Fault.DOWN, Fault.BUSY, Fault.CUT):
        fake.order(fault, "get_message", times=2 if fault is Fault.CUT else 1)
        with pytest.raises(PlatformDown):
            await surface.fetch(dm(fake), file)
    assert await surface.fetch(dm(fake), file) == b"hello"
