"""Files that a message promises: fetched before the answer, told of beneath it, and never lost."""

import asyncio
import re

import pytest

from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown
from bot.providers.tokens import estimate
from storage.conversations import Attachment
from tests.bot.knowledge.documents import pdf, word
from tests.fakes.house import House
from tests.fakes.process import Trap

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
MENU = b"Soup, then more soup."
TOKENS = f"{estimate(MENU.decode())} tokens"


async def files_of(house: House, thread: str) -> list[Attachment]:
    """The files of the last question of a thread, as they are kept."""
    question = (await house.last_reply(thread)).question_id
    return (await house.store.conversations.attachments([question])).get(question, [])


def asked(house: House, number: int = -1) -> str:
    """All that a request to the provider said."""
    return str(house.provider.requests[number]["messages"])


async def test_promised_files_are_read_and_looked_at(house: House) -> None:
    """A text file stands in the question, an image beside it, and beneath the answer people read what was read."""
    promised = (house.promise("menu.txt", MENU), house.promise("table.png", PNG))
    await house.say("kitchen", "What do you make of these?", promised=promised)
    shown = await house.answered("kitchen")
    assert f"> Read menu.txt: {TOKENS} · table.png: looked at" in shown.text
    assert "Soup, then more soup." in asked(house)
    assert "image_url" in asked(house)
    assert (house.place("kitchen"), "Reading 2 files…") in house.room.statuses
    assert house.room.fetched.total() == 2


async def test_files_are_fetched_once_and_told_of_once(house: House) -> None:
    """The next answer still reads the file; it is neither fetched again nor spoken of again."""
    await house.say("kitchen", "Read this.", promised=(house.promise("menu.txt", MENU),))
    await house.answered("kitchen")
    assert (house.place("kitchen"), "Reading menu.txt…") in house.room.statuses
    await house.say("kitchen", "And what does it mean?")
    shown = await house.answered("kitchen")
    assert "Read menu.txt" not in shown.text
    assert "Soup, then more soup." in asked(house)
    assert house.room.fetched.total() == 1


async def test_files_that_cannot_be_read_are_told_of(house: House) -> None:
    """A file of no known kind, one that is gone, one too large: each has a line, and the answer comes."""
    large = house.promise("large.bin", b"\0" * 10_000_001)
    promised = (house.promise("movie.mp4", b"\0\1\2"), house.promise("gone.txt"), large)
    await house.say("kitchen", "Watch this.", promised=promised)
    shown = await house.answered("kitchen")
    assert "> movie.mp4 was not read: it is not an image" in shown.text
    assert "> gone.txt was not read: it is not there any more." in shown.text
    assert "> large.bin was not read: it is larger than the 10 MB" in shown.text
    assert "Read " not in shown.text
    assert "[File movie.mp4, which could not be read" in asked(house)
    assert house.room.fetched["ref-large.bin"] == 0
    assert [(file.state, file.data) for file in await files_of(house, "kitchen")] == [("refused", b"")] * 3


async def test_more_files_than_a_message_can_bring(house: House) -> None:
    """Ten are read; of the rest people are told."""
    promised = tuple(house.promise(f"{number}.txt", MENU) for number in range(12))
    await house.say("kitchen", "Read these.", promised=promised)
    shown = await house.answered("kitchen")
    assert shown.text.count(f": {TOKENS}") == 10
    assert "> 11.txt was not read: a message can bring 10 files at most." in shown.text
    assert house.room.fetched.total() == 10


@pytest.mark.parametrize("error", [PlatformDown("ordered"), PlatformBusy("ordered", wait=0.01)])
async def test_a_failure_in_passing_is_tried_again(house: House, error: Exception) -> None:
    """A platform that fails once hands the file out the second time, and nobody hears of it."""
    house.room.unfetchable["ref-menu.txt"] = [error]
    await house.say("kitchen", "Read this.", promised=(house.promise("menu.txt", MENU),))
    shown = await house.answered("kitchen")
    assert f"> Read menu.txt: {TOKENS}" in shown.text
    assert house.room.fetched["ref-menu.txt"] == 2


async def test_a_platform_that_stays_away_is_asked_again_by_a_retry(house: House) -> None:
    """The answer says what it could not read; Retry fetches it after all."""
    house.room.unfetchable["ref-menu.txt"] = [PlatformDown("ordered")] * 3
    await house.say("kitchen", "Read this.", promised=(house.promise("menu.txt", MENU),))
    shown = await house.answered("kitchen")
    assert "> menu.txt was not read: Room did not hand it out just now." in shown.text
    await house.press("kitchen", "Retry")
    shown = await house.answered("kitchen", 2)
    assert f"> Read menu.txt: {TOKENS}" in shown.text
    assert [file.data for file in await files_of(house, "kitchen")] == [MENU]


async def test_a_place_that_is_closed_is_not_asked_again(house: House) -> None:
    """A file whose place is gone is refused for good."""
    house.room.unfetchable["ref-menu.txt"] = [PlaceGone("ordered")]
    await house.say("kitchen", "Read this.", promised=(house.promise("menu.txt", MENU),))
    shown = await house.answered("kitchen")
    assert "> menu.txt was not read: it cannot be reached any more." in shown.text
    assert house.room.fetched["ref-menu.txt"] == 1


async def test_a_file_that_does_not_arrive_is_not_waited_for_for_ever(house: House) -> None:
    """When the time is over the answer begins with what has arrived."""
    house.fetching = 0.3
    await house.restart()
    arrives = house.room.held["ref-slow.txt"] = asyncio.Event()
    promised = (house.promise("menu.txt", MENU), house.promise("slow.txt", MENU))
    await house.say("kitchen", "Read these.", promised=promised)
    shown = await house.answered("kitchen")
    assert f"> Read menu.txt: {TOKENS}" in shown.text
    assert "> slow.txt was not read: it did not arrive in time." in shown.text
    arrives.set()


async def test_a_stop_does_not_wait_for_files(house: House) -> None:
    """Whoever stops while files are being read hears so at once."""
    arrives = house.room.held["ref-menu.txt"] = asyncio.Event()
    house.order("kitchen", "stopped")
    await house.say("kitchen", "Read this.", promised=(house.promise("menu.txt", MENU),))
    await house.until(lambda: house.room.fetched.total() == 1, "the fetch")
    await house.command("kitchen", "/stop")
    shown = await house.answered("kitchen")
    assert "Stopped before anything was written." in shown.text
    assert not house.provider.requests
    arrives.set()


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize("door", ["surface.fetch", "files.keep", "files.give_up"])
@pytest.mark.parametrize("number", [1, 2])
async def test_a_process_dies_while_it_fetches(house: House, door: str, what: str, number: int) -> None:
    """The next one fetches what has not been kept, and each file is there once."""
    named = ["gone1.txt", "gone2.txt"] if door == "files.give_up" else ["one.txt", "two.txt"]
    data = None if door == "files.give_up" else MENU
    house.trap(door, what, number)
    promised = tuple(house.promise(name, data) for name in named)
    await house.say("kitchen", "Read these.", promised=promised)
    await house.died()
    await house.restart()
    shown = await house.answered("kitchen")
    assert [shown.text.count(name) for name in named] == [1, 1]
    files = await files_of(house, "kitchen")
    assert [(file.name, file.data) for file in files] == [(name, data or b"") for name in named]
    assert max(house.room.fetched.values()) <= 2


async def test_a_process_dies_again_and_again_while_it_fetches(house: House) -> None:
    """Whatever was kept before stays kept; in the end each file was read."""
    promised = tuple(house.promise(f"{number}.txt", MENU) for number in range(3))
    house.trap("files.keep", "after")
    await house.say("kitchen", "Read these.", promised=promised)
    for _ in range(2):
        await house.died()
        await house.restart(traps=[Trap("files.keep", "after")])
    await house.died()
    await house.restart()
    shown = await house.answered("kitchen")
    assert shown.text.count(f": {TOKENS}") == 3


async def test_a_file_too_long_for_the_window_is_cut(house: House) -> None:
    """The model reads its beginning and knows so; people read how much of it that was."""
    await house.command("kitchen", "/model openai/gpt-4")
    rows = "".join(f"{number},apples,pears\n" for number in range(3_000)).encode()
    await house.say("kitchen", "Sum this up.", promised=(house.promise("rows.csv", rows),))
    shown = await house.answered("kitchen")
    assert "> Read rows.csv: 3,000 rows, first " in shown.text
    assert "0,apples,pears" in asked(house)
    assert "2999,apples,pears" not in asked(house)
    assert "Only the beginning of rows.csv fits here" in asked(house)


async def test_documents_are_read_once(house: House) -> None:
    """A PDF and a Word file stand in the question as text, beneath the answer what was read; then they are known."""
    promised = (house.promise("plan.docx", word()), house.promise("report.pdf", pdf("Soup", "More soup")))
    await house.say("kitchen", "Compare these.", promised=promised)
    shown = await house.answered("kitchen")
    assert "> Read plan.docx: 5 paragraphs, " in shown.text
    assert " · report.pdf: 2 pages, " in shown.text
    assert "Paint the walls." in asked(house)
    assert "[page 2]" in asked(house)
    files = await files_of(house, "kitchen")
    assert [(file.data, file.size > 0, file.extent) for file in files] == [
        (b"", True, "5 paragraphs"),
        (b"", True, "2 pages"),
    ]
    await house.say("kitchen", "And in one word?")
    await house.answered("kitchen")
    assert "More soup" in asked(house)


async def test_documents_that_cannot_be_read_are_told_of(house: House) -> None:
    """A scan and a file with a password: each has a line, a second answer does not try again."""
    files = (
        house.promise("scan.pdf", pdf("", "")),
        house.promise("locked.pdf", pdf("Soup", password="sesame")),
    )
    await house.say("kitchen", "Read these.", promised=files)
    shown = await house.answered("kitchen")
    assert "> scan.pdf was not read: it has 2 pages but no text in them, as scans have;" in shown.text
    assert "> locked.pdf was not read: it is protected with a password" in shown.text
    assert "[File locked.pdf, which could not be read" in asked(house)
    assert [(file.state, file.data) for file in await files_of(house, "kitchen")] == [("refused", b"")] * 2


async def test_a_document_too_long_for_the_window_is_cut(house: House) -> None:
    """People read how much of it the model got, and up to which page."""
    await house.command("kitchen", "/model openai/gpt-4")
    report = pdf(*(f"Page {n} of the report " + "on soup " * 60 for n in range(1, 81)))
    await house.say("kitchen", "Sum this up.", promised=(house.promise("report.pdf", report),))
    shown = await house.answered("kitchen")
    assert re.search(
        r"> Read report\.pdf: 80 pages, first [\d,]+ of [\d,]+ tokens \(up to page \d+\)", shown.text
    )
    assert "Page 1 of the report" in asked(house)
    assert "Page 80 of the report" not in asked(house)


@pytest.mark.parametrize("door", ["files.set_content", "files.set_unreadable"])
@pytest.mark.parametrize("what", ["before", "after"])
async def test_a_process_dies_while_it_reads(house: House, door: str, what: str) -> None:
    """The next one reads what has not been kept as text."""
    house.trap(door, what, 1)
    document = pdf("Soup") if door == "files.set_content" else pdf("")
    await house.say("kitchen", "Read this.", promised=(house.promise("a.pdf", document),))
    await house.died()
    await house.restart()
    shown = await house.answered("kitchen")
    assert shown.text.count("a.pdf") == 1
    assert house.room.fetched.total() == 1
