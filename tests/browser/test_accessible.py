"""Every page of the site, filled, looked at by axe-core: no serious fault, in the light, in the dark, on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, BrowserContext, ViewportSize

from tests.browser.chat import Watch
from tests.browser.conftest import demo_program, in_module
from tests.browser.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PATHS = (
    "/start",
    "/try",
    "/try/00000000",
    "/usage",
    "/usage?span=week&by=person",
    "/budgets",
    "/digest",
    "/models",
    "/providers",
    "/providers/openai",
    "/defaults",
    "/conversations",
    "/conversations/1",
    "/operations",
    "/operations/people",
    "/operations/alerts",
    "/operations/alerts/webhooks",
    "/operations/audit",
    "/me",
)
_GRAVE = ("serious", "critical")


@in_module
async def program(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """Switchboard over the demo's database."""
    async with demo_program(tmp_path_factory) as started:
        yield started


@pytest_asyncio.fixture(
    loop_scope="module", params=["light, wide", "dark, wide", "light, phone", "dark, phone"]
)
async def context(
    request: pytest.FixtureRequest, chromium: Browser, signed_in: Any
) -> AsyncIterator[BrowserContext]:
    """A browser of the owner's."""
    scheme, _, size = request.param.partition(", ")
    opened = await chromium.new_context(
        storage_state=signed_in,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        viewport=ViewportSize(width=390, height=844)
        if size == "phone"
        else ViewportSize(width=1280, height=860),
    )
    yield opened
    await opened.close()


async def test_no_page_has_a_serious_fault(program: Program, context: BrowserContext) -> None:
    """What axe-core finds is named with its page, its rule and the elements; nothing is wider than the window."""
    found, axe, watch = [], Axe(), Watch()
    for path in PATHS:
        page = await context.new_page()
        await watch.over(page)
        await page.goto(program.url + path, wait_until="load")
        await page.evaluate("document.fonts.ready")
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: wider than the window")
        for fault in (await axe.run(page)).response["violations"]:
            if fault["impact"] in _GRAVE:
                where = [node["html"][:160] for node in fault["nodes"]]
                found.append(f"{path}: {fault['id']}: {fault['help']}: {where[:4]} ({len(where)})")
        await page.close()
    assert found == []
    assert watch.complaints == []
