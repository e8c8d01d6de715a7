"""Takes docs/first-screen.png: the real program with the demo, a real browser, a short talk.

``make screenshots``, or ``python -m tests.screenshots FILE``. It needs Chromium (apt install chromium).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.browser.chat import ARGUMENTS, Chat, Watch
from tests.browser.program import Program

CHROMIUM = Path("/usr/bin/chromium")
FIRST_SCREEN = Path(__file__).parent.parent / "docs" / "first-screen.png"
SIZE = ViewportSize(width=1280, height=800)
_PATIENCE = 30_000  # milliseconds

# Threads that fill the side bar, the oldest first, and the one that is shown.
BEFORE = (
    "A list for the weekend",
    "Aqueducts, with sources",
    "Python: text into pages",
)
SHOWN = "Ways to work: a table?"
SWITCH = "/model thorough"


async def take(file: Path) -> None:
    """Start everything, talk, and write the picture to ``file``."""
    expect.set_options(timeout=_PATIENCE)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder))
        await program.start()
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                await _talk(await _signed_in(browser, program), program, file)
                await browser.close()
        finally:
            await program.stop()


async def _signed_in(browser: Browser, program: Program) -> BrowserContext:
    context = await browser.new_context(
        viewport=SIZE,
        device_scale_factor=2,
        color_scheme="light",
        locale="en-GB",
        timezone_id=_where_it_is_morning(),
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(program.link)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/try")
    await page.close()
    return context


def _where_it_is_morning() -> str:
    """A time zone in which the clock now shows ten, so that pictures look alike whenever they are taken."""
    ahead = datetime.now(UTC).hour - 10
    return f"Etc/GMT{min(ahead, 12):+d}"  # the sign of these zones is that of the way back to UTC


async def _talk(context: BrowserContext, program: Program, file: Path) -> None:
    for text in BEFORE:
        chat = await Chat.open(context, program.url, Watch())
        await chat.ask(text)
        await chat.page.close()
    chat = await Chat.open(context, program.url, Watch())
    await chat.ask(SHOWN)
    await chat.order(SWITCH)
    await _at_rest(chat.page)
    await chat.page.screenshot(path=file, animations="disabled", caret="hide")


async def _at_rest(page: Page) -> None:
    """Fonts are there, nothing is selected, and the last word is in view."""
    await expect(page.get_by_role("button", name="Retry").last).to_be_visible()
    await page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else FIRST_SCREEN))
