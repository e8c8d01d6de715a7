"""Files, refusals, lost connections and hostile text, in a real browser against the real program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Route, expect

from tests.bot.knowledge.test_files import PNG
from tests.browser.conftest import Visit
from tests.browser.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PICTURE = FilePayload(name="boat.png", mimeType="image/png", buffer=PNG)
NOTES = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"Buy a kettle.")
BROKEN = FilePayload(name="boat.png", mimeType="image/png", buffer=PNG[:-8])
REFUSED = re.compile("the server responded with a status of 4")


async def test_files_are_chosen_dropped_again_and_sent(visit: Visit) -> None:
    """Chips name each file with its size; one can be taken away; the sent message keeps a receipt."""
    chat = await visit.chat()
    await chat.page.set_input_files("#files", files=[PICTURE, NOTES])
    chips = chat.page.locator("#chips li")
    await expect(chips).to_have_count(2)
    await expect(chips.nth(1)).to_contain_text("13 B")
    await chat.page.get_by_role("button", name="Take boat.png away").click()
    await expect(chips).to_have_count(1)
    reply = await chat.ask("What is in this file?")
    await expect(chat.page.locator(".receipt")).to_contain_text("notes.txt")
    await expect(reply).to_contain_text("notes.txt")
    await expect(chips).to_have_count(0)


async def test_a_picture_is_pasted(visit: Visit) -> None:
    """What is on the clipboard becomes a chip with a small picture."""
    chat = await visit.chat()
    await chat.text.focus()
    await chat.page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        list(PNG),
    )
    await expect(chat.page.locator("#chips li")).to_contain_text("pasted.png")
    await expect(chat.page.locator("#chips img")).to_have_attribute("src", re.compile("^blob:"))
    await chat.ask("Look at this")
    await expect(chat.page.locator(".receipt")).to_contain_text("pasted.png")


async def test_nothing_is_not_sent(visit: Visit) -> None:
    """An empty message gets a sentence."""
    chat = await visit.chat()
    await chat.say("   ")
    await expect(chat.problem).to_have_text("Write something first.")
    await expect(chat.posts).to_have_count(0)


async def test_a_message_of_three_megabytes_is_refused_and_kept(visit: Visit) -> None:
    """The sentence says how much is allowed; what was typed is still there."""
    chat = await visit.chat()
    await chat.text.evaluate("(box) => { box.value = 'x'.repeat(3_000_000); }")
    await chat.text.press("Enter")
    await expect(chat.problem).to_contain_text("3,000,000")
    assert len(await chat.text.input_value()) == 3_000_000


async def test_files_that_are_too_large_are_refused_at_once(visit: Visit, tmp_path: Path) -> None:
    """The limit is said before anything is sent."""
    large = tmp_path / "huge.png"
    large.write_bytes(PNG[:8] + b"\0" * 5_000_001)
    chat = await visit.chat()
    await chat.page.set_input_files("#files", large)
    await expect(chat.problem).to_contain_text("an image may have 5.0 MB")
    await expect(chat.page.locator("#chips li")).to_have_count(0)
    await chat.page.set_input_files("#files", files=[NOTES] * 11)
    await expect(chat.problem).to_contain_text("10 files")
    await expect(chat.page.locator("#chips li")).to_have_count(10)


async def test_a_broken_file_is_refused_and_everything_kept(visit: Visit) -> None:
    """The server looks into the file; text and chips stay for another try."""
    chat = await visit.chat()
    await chat.page.set_input_files("#files", files=[BROKEN, NOTES])
    await chat.say("What is this?")
    await expect(chat.problem).to_contain_text("“boat.png” is broken")
    await expect(chat.text).to_have_value("What is this?")
    await expect(chat.page.locator("#chips li")).to_have_count(2)
    await chat.page.get_by_role("button", name="Take boat.png away").click()
    await chat.text.press("Enter")
    await expect(chat.complete).to_have_count(1)
    visit.watch.forgive(REFUSED)


async def test_a_mistyped_command_is_explained_where_it_stands(visit: Visit) -> None:
    """The nearest command is named; the typing can be mended."""
    chat = await visit.chat()
    await chat.say("/modle")
    await expect(chat.problem.locator("code").nth(1)).to_have_text("/model")
    await expect(chat.text).to_have_value("/modle")
    visit.watch.forgive(REFUSED)


async def test_a_lost_answer_never_doubles_a_message(visit: Visit) -> None:
    """The server took the message, its answer was lost: sending again is the same message."""
    chat = await visit.chat()

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await chat.page.route("**/say", lose)
    await chat.say("say: done")
    await expect(chat.problem).to_contain_text("cannot be reached")
    await expect(chat.text).to_have_value("say: done")
    await chat.page.unroute("**/say")
    await chat.text.press("Enter")
    await expect(chat.complete).to_have_count(1)
    await expect(chat.page.locator(".post.person")).to_have_count(1)
    await chat.page.reload()
    await expect(chat.page.locator(".post.person")).to_have_count(1)
    await expect(chat.complete).to_have_count(1)
    visit.watch.forgive(re.compile("net::ERR_CONNECTION_RESET"))


async def test_pressing_enter_many_times_sends_once(visit: Visit) -> None:
    """Impatience costs nothing."""
    chat = await visit.chat()
    await chat.text.fill("say: done")
    for _ in range(5):
        await chat.text.press("Enter")
    await expect(chat.complete).to_have_count(1)
    await expect(chat.page.locator(".post.person")).to_have_count(1)


async def test_the_page_comes_back_by_itself(program: Program, visit: Visit) -> None:
    """While the program is away a banner says so; when it is back, the talk goes on where it was."""
    chat = await visit.chat()
    await chat.ask("say: done")
    await program.stop()
    await expect(chat.banner).to_be_visible()
    await chat.say("Are you there?")
    await expect(chat.problem).to_contain_text("cannot be reached")
    await expect(chat.text).to_have_value("Are you there?")
    await program.start()
    await expect(chat.banner).to_be_hidden()
    await chat.text.press("Enter")
    await expect(chat.complete).to_have_count(2)
    await expect(chat.page.locator(".post.person")).to_have_count(2)
    # A program that is on its way out says so with a 503.
    visit.watch.forgive(re.compile(r"net::ERR_|EventSource|503 \(Service Unavailable\)"))


async def test_a_draft_survives_a_reload(visit: Visit) -> None:
    """What is half written is there again."""
    chat = await visit.chat()
    await chat.ask("say: done")
    await chat.text.fill("And then")
    await chat.page.reload()
    await expect(chat.text).to_have_value("And then")


async def test_hostile_text_is_only_text(visit: Visit) -> None:
    """What a model or a person writes cannot run, fetch or break anything."""
    chat = await visit.chat()
    hostile = (
        "<img src=x onerror=alert(1)> <script>alert(2)</script> ![p](http://tracker.test/p.png)\n\n"
        "[a](javascript:alert(3)) <b onclick=alert(4)>b</b>\n\n```html\n<script>alert(5)</script>\n```\n"
    )
    reply = await chat.ask(f"repeat: {hostile}")
    await expect(reply.locator("script, img, b")).to_have_count(0)
    await expect(reply.locator(".picture")).to_have_attribute("href", "http://tracker.test/p.png")
    await expect(reply.locator("[href^=javascript]")).to_have_count(0)
    await expect(chat.page.locator(".post.person .body")).to_contain_text("<img src=x onerror=alert(1)>")


async def test_code_is_copied(visit: Visit) -> None:
    """The button beside a block of code puts it on the clipboard."""
    await visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = await visit.chat()
    reply = await chat.ask("repeat: ```python\nprint('<1>')\n```")
    await reply.get_by_role("button", name="Copy").click()
    await expect(reply.get_by_role("button", name="Copied")).to_be_visible()
    assert await chat.page.evaluate("navigator.clipboard.readText()") == "print('<1>')\n"


async def test_on_a_phone_everything_fits(visit: Visit) -> None:
    """Nothing scrolls sideways; the threads are a drawer that opens, closes and gives the focus back."""
    chat = await visit.chat()
    page = chat.page
    await page.set_viewport_size({"width": 360, "height": 740})
    reply = await chat.ask("Show me every kind of Markdown formatting once.")
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(sideways)
    await expect(reply.locator("pre").first).to_be_visible()
    threads = page.get_by_role("complementary", name="Threads")
    await expect(threads).to_be_hidden()
    opener = page.get_by_role("button", name="Open the list of threads")
    await opener.click()
    await expect(threads).to_be_visible()
    await expect(page.get_by_role("button", name="Close the list of threads")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(threads).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_shift_enter_starts_a_new_line(visit: Visit) -> None:
    """A message may have several lines, and keeps them."""
    chat = await visit.chat()
    await chat.text.press_sequentially("one")
    await chat.text.press("Shift+Enter")
    await chat.text.press_sequentially("two")
    await chat.text.press("Enter")
    await expect(chat.page.locator(".post.person .body")).to_have_text("one\ntwo", use_inner_text=True)


async def test_the_first_load_is_light(visit: Visit) -> None:
    """Page, styles, scripts and fonts of the first load stay under 150 kB."""
    page = await visit.context.new_page()
    await page.goto(visit.url + "/try", wait_until="networkidle")
    sizes: list[int] = await page.evaluate(
        """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
          .map((entry) => entry.transferSize)"""
    )
    assert 10_000 < sum(sizes) < 150_000


async def test_signing_out_ends_it_in_every_tab(visit: Visit) -> None:
    """The session is over at once here, and the other tab says so."""
    chat, other = await visit.chat(), await visit.chat()
    await other.ask("say: done")
    await chat.page.get_by_role("button", name="Sign out").click()
    await expect(chat.page.get_by_text("Please sign in")).to_be_visible()
    await expect(other.page.get_by_text("You are signed out.")).to_be_visible()
    visit.watch.forgive(re.compile("status of 401"))
