"""The digest of a channel, from its page: scheduled, looked at, sent, turned off, undone; on a desk and on a phone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests import demo
from tests.browser.conftest import Visit, demo_program, in_module
from tests.browser.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SIZES = {"desk": ViewportSize(width=1280, height=860), "phone": ViewportSize(width=390, height=844)}


@in_module
async def program(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """Switchboard over the demo's database."""
    async with demo_program(tmp_path_factory) as started:
        yield started


async def picture_is_drawn(page: Page) -> bool:
    """Whether the picture of the preview came and is one."""
    picture = page.get_by_role("img", name=re.compile("cost", re.IGNORECASE))
    await expect(picture).to_be_visible()
    drawn: bool = await picture.evaluate(
        "async (image) => { await image.decode(); return image.naturalWidth > 300; }"
    )
    return drawn


@pytest.mark.parametrize("size", SIZES)
async def test_a_digest_is_scheduled_and_looked_at(visit: Visit, size: str) -> None:
    """Its day, hour and contents are chosen, the preview follows; where Slack is away, sending it says so."""
    page = await visit.context.new_page()
    await visit.watch.over(page)
    await page.set_viewport_size(SIZES[size])
    await page.goto(f"{visit.url}/digest?workspace={demo.HOME}")
    preview = page.locator(".card", has=page.get_by_role("heading", name="How it would read now"))
    await expect(preview).to_contain_text("Ada Okafor")
    assert await picture_is_drawn(page)

    await page.get_by_label("How often").select_option("Every week")
    await page.get_by_label("Day of a weekly one").select_option("Friday")
    await page.get_by_label("At", exact=True).fill("08:30")
    await page.get_by_label("People by name").uncheck()
    await page.get_by_label("Chart").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("every Friday at 08:30")
    await expect(preview).to_contain_text("claude-sonnet-5-5")
    await expect(preview).not_to_contain_text("Ada Okafor")
    await expect(preview.get_by_role("img")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.get_by_role("button", name="Send it now").click()
    await expect(page.get_by_role("status")).to_contain_text("stands below")
    sent = page.locator(".card", has=page.get_by_role("heading", name="Sent before"))
    async with asyncio.timeout(60):
        while "not connected" not in await sent.inner_text():
            await page.reload()
    await page.get_by_role("button", name="Turn it off").click()
    await expect(page.get_by_role("button", name="Turn it on")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("status")).to_contain_text("Undone.")
    await expect(page.get_by_label("At", exact=True)).to_have_value("08:30")
    await page.get_by_role("button", name="Turn it off").click()
    await expect(page.get_by_role("button", name="Turn it on")).to_be_visible()
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.get_by_role("button", name="Save")).to_be_visible()
    await page.get_by_label("People by name").check()
    await page.get_by_label("Chart").check()
    await page.get_by_role("button", name="Save").click()
    await expect(preview).to_contain_text("Ada Okafor")
