"""One program and one Chromium for a module of tests; every test has a browser profile of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests import demo
from tests.browser.chat import ARGUMENTS, CHROMIUM, Chat, Watch
from tests.browser.program import Program
from tests.conftest import require

_PATIENCE = 30_000  # milliseconds

in_module = pytest_asyncio.fixture(scope="module", loop_scope="module")


@in_module
async def program(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """Switchboard with an empty data folder and no keys: the demo answers."""
    require(CHROMIUM.exists(), "Chromium (apt install chromium)")
    started = Program(tmp_path_factory.mktemp("program"))
    await started.start()
    yield started
    assert await started.stop() == 0


@asynccontextmanager
async def demo_program(folders: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """Switchboard over the demo's database: what a company has used in a quarter."""
    require(CHROMIUM.exists(), "Chromium (apt install chromium)")
    folder = folders.mktemp("program")
    await demo.fill(folder)
    started = Program(folder)
    await started.start()
    yield started
    assert await started.stop() == 0


@in_module
async def chromium(program: Program) -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    expect.set_options(timeout=_PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@in_module
async def signed_in(program: Program, chromium: Browser) -> Any:
    """The cookies of a browser that used the printed link."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(program.link)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/start")
    state = await context.storage_state()
    await context.close()
    return state


@dataclass
class Visit:
    """One person's browser."""

    context: BrowserContext
    watch: Watch
    url: str

    async def chat(self, path: str = "/try") -> Chat:
        """Open a tab."""
        return await Chat.open(self.context, self.url, self.watch, path)


@pytest_asyncio.fixture(loop_scope="module")
async def visit(program: Program, chromium: Browser, signed_in: Any) -> AsyncIterator[Visit]:
    """A signed-in browser; afterwards nothing may have been complained about or fetched from elsewhere."""
    context = await chromium.new_context(storage_state=signed_in, viewport={"width": 1280, "height": 860})
    context.set_default_timeout(_PATIENCE)
    watch = Watch()
    yield Visit(context, watch, program.url)
    await context.close()
    assert watch.complaints == []
    assert watch.hosts <= {program.url.removeprefix("http://")}
