"""A budget from its first day to an admin's word, in a real browser against the real program."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Page, expect

from storage.price_overrides import NewOverride
from storage.store import Store
from tests.browser.chat import Chat, Watch
from tests.browser.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def once_used(page: Page, url: str) -> None:
    """Open the usage page once it has figures: an answer is shown a moment before it is in the books."""
    await page.goto(url)
    async with asyncio.timeout(60):
        while not await page.locator("[data-chart]").count():
            await page.reload()


async def test_a_budget_refuses_and_is_approved(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It is set on its page, a question finds no room, the request waits there, and goes on once approved."""
    folder = tmp_path_factory.mktemp("budget")
    store = await Store.open(f"sqlite:///{folder}/switchboard.db", folder)
    dear = NewOverride("demo", "quick", datetime(2026, 1, 1, tzinfo=UTC), input="1", output="100")
    await store.price_overrides.add(dear)
    await store.close()
    program, watch = Program(folder), Watch()
    await program.start()
    context = await chromium.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await watch.over(page)
    await page.goto(program.link)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/start")

    await page.goto(f"{program.url}/budgets")
    new = page.get_by_role("region", name="Set a budget")
    await new.get_by_label("US dollars").fill("one cent")
    await new.get_by_role("button", name="Set budget").click()
    await expect(new.get_by_text("“one cent” is no amount.")).to_be_visible()
    await expect(new.get_by_label("US dollars")).to_be_focused()
    await new.get_by_label("US dollars").fill("0.01")
    await new.get_by_label("When it is spent").select_option("They are refused, and an admin is asked")
    await new.get_by_role("button", name="Set budget").click()
    await expect(page.get_by_role("status")).to_contain_text("$0.01 a month from now on")

    await page.goto(f"{program.url}/try")
    chat = Chat(page, program.url)
    await chat.say("say: sunflower")
    await expect(chat.posts.last).to_contain_text("An admin was asked")
    thread = page.url
    await page.goto(f"{program.url}/budgets")
    waiting = page.get_by_role("region", name="Waiting for you")
    await expect(waiting).to_contain_text("for an answer by demo/quick")
    await waiting.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("status")).to_contain_text("The question goes on.")
    await expect(waiting).to_have_count(0)
    await page.goto(thread)
    await expect(chat.complete.last).to_contain_text("sunflower")

    await once_used(page, f"{program.url}/usage")
    await expect(page.locator(".chart canvas")).to_have_count(2)
    await page.locator("main").get_by_role("link", name="demo/quick").click()
    await page.locator("main").get_by_role("link", name="Owner").click()
    await expect(page.locator(".step")).to_have_count(2)
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page is wider than the phone"
    await page.get_by_text("As a table").first.click()
    await expect(page.get_by_role("table").first).to_be_visible()
    # The form that was refused on purpose is the only complaint.
    assert [one for one in watch.complaints if "400" not in one] == []
    assert watch.hosts <= {program.url.removeprefix("http://")}
    await context.close()
    assert await program.stop() == 0
