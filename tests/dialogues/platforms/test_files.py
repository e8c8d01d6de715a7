"""Files that come with a question: fetched with the bot's token, read by the model, and told of beneath the answer."""

from __future__ import annotations

from tests.bot.knowledge.documents import excel
from tests.dialogues.test_talk import PNG
from tests.fakes.platform_house import PlatformHouse


async def test_a_text_file_is_read(house: PlatformHouse) -> None:
    """Its words stand in the question, and its name beneath the answer."""
    menu = house.file("menu.txt", b"Soup, then more soup.")
    first = house.mention("ada", "general", "What do you make of this?", files=[menu])
    shown = await house.answered(first)
    assert "Soup, then more soup." in house.read()[-1]
    assert "Read menu.txt" in shown.last.text


async def test_an_image_is_looked_at(house: PlatformHouse) -> None:
    """A model with eyes gets the picture itself."""
    table = house.file("table.png", PNG, "image/png")
    first = house.dm("ada", "What is in the picture?", files=[table])
    shown = await house.answered(first)
    parts = house.provider.requests[-1]["messages"][-1]["content"]
    assert [part["type"] for part in parts].count("image_url") == 1
    assert "table.png: looked at" in shown.last.text


async def test_files_in_a_follow_up(house: PlatformHouse) -> None:
    """A file that is put into a thread the bot answers in is read too."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    menu = house.file("menu.txt", b"Soup, then more soup.")
    house.reply("ada", first, "And this?", files=[menu])
    await house.answered(first)
    assert "Soup, then more soup." in house.read()[-1]


async def test_a_file_that_cannot_be_read(house: PlatformHouse) -> None:
    """The answer comes all the same, and says what was not read."""
    strange = house.file("data.bin", bytes(range(256)) * 4, "application/octet-stream")
    first = house.mention("ada", "general", "What is this?", files=[strange])
    shown = await house.answered(first)
    assert "data.bin" in shown.last.text
    assert "was not read" in shown.last.text


async def test_an_office_file_is_read(house: PlatformHouse) -> None:
    """A table from Excel stands in the question as lines, and what was read of it beneath the answer."""
    costs = house.file("costs.xlsx", excel(), "application/octet-stream")
    first = house.mention("ada", "general", "What does this cost?", files=[costs])
    shown = await house.answered(first)
    assert "2026-03-01,2.5" in house.read()[-1]
    assert "Read costs.xlsx: 2 sheets, 4 rows, " in shown.last.text
