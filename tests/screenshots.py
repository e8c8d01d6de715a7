"""Takes the pictures of docs/: the real program over a seeded demo, and a real browser.

``make screenshots``, or ``python -m tests.screenshots FOLDER``. It needs Chromium (apt install chromium).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests import demo
from tests.browser.chat import ARGUMENTS, CHROMIUM, Chat, Watch
from tests.browser.program import Program

DOCS = Path(__file__).parent.parent / "docs"
SIZE = ViewportSize(width=1280, height=800)
_PATIENCE = 30_000  # milliseconds

FIRST_SCREEN = "first-screen.png"
SHOWN = "Ways to work: a table?"
SWITCH = "/model thorough"
PAGES: Mapping[str, str] = {
    "usage.png": f"/usage?workspace={demo.HOME}&span=month&by=model",
    "budgets.png": "/budgets",
}
"""Pictures of pages, and where those are."""


async def take(folder: Path) -> None:
    """Start everything, talk, look at the pages, and write the pictures into ``folder``."""
    expect.set_options(timeout=_PATIENCE)
    with tempfile.TemporaryDirectory() as data:
        await demo.fill(Path(data))
        program = Program(Path(data))
        await program.start()
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                context = await _signed_in(browser, program)
                await _talk(context, program, folder / FIRST_SCREEN)
                for name, path in PAGES.items():
                    await _look(context, program.url + path, folder / name)
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
    await page.wait_for_url("**/start")
    await page.close()
    return context


def _where_it_is_morning() -> str:
    """A time zone in which the clock now shows ten, so that pictures look alike whenever they are taken."""
    ahead = datetime.now(UTC).hour - 10
    return f"Etc/GMT{min(ahead, 12):+d}"  # the sign of these zones is that of the way back to UTC


async def _talk(context: BrowserContext, program: Program, file: Path) -> None:
    chat = await Chat.open(context, program.url, Watch())
    await chat.ask(SHOWN)
    await chat.order(SWITCH)
    await expect(chat.page.get_by_role("button", name="Retry").last).to_be_visible()
    await _picture(chat.page, file)


async def _look(context: BrowserContext, url: str, file: Path) -> None:
    page = await context.new_page()
    await page.goto(url, wait_until="load")
    await _picture(page, file)
    await page.close()


async def _picture(page: Page, file: Path) -> None:
    """Once the fonts are there, without a caret."""
    await page.evaluate("document.fonts.ready")
    await page.screenshot(path=file, animations="disabled", caret="hide")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
