"""Choosing who answers, in a real browser: in the chat's head, and for everybody on the page of defaults."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_model_is_picked_by_the_keyboard(visit: Visit) -> None:
    """The button says who answers; words narrow the list; Enter switches; what was being written stays."""
    chat = await visit.chat()
    button = chat.page.get_by_role("button", name="Model: demo/quick")
    await chat.text.fill("A thought of mine")
    await button.focus()
    await chat.page.keyboard.press("Enter")
    search = chat.page.get_by_role("combobox", name="Search the models")
    await expect(search).to_be_focused()
    options = chat.page.get_by_role("listbox", name="Models").get_by_role("option")
    await expect(options.first).to_contain_text("answers now")
    await search.fill("nothing has these")
    await expect(chat.page.get_by_text("No model has these words.")).to_be_visible()
    await search.fill("demo stays")
    await expect(options).to_have_count(3)
    await search.press("Escape")
    await expect(search).to_be_hidden()
    await button.click()
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await search.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await search.fill("story")
    await expect(options).to_have_count(1)
    await search.press("Enter")
    await expect(chat.page.locator(".post.notice")).to_contain_text("demo/story answers here")
    await expect(chat.page.get_by_role("button", name="Model: demo/story")).to_be_visible()
    await expect(chat.text).to_have_value("A thought of mine")
    reply = await chat.ask("say: hello")
    await expect(reply.locator(".cost")).to_contain_text("demo/story")


async def test_who_types_faster_than_the_list_comes_is_understood(visit: Visit) -> None:
    """Words and Enter count once the list is there; until then nobody reads that nothing was found."""
    chat = await visit.chat()
    listed = asyncio.Event()

    async def held(route: Route) -> None:
        await listed.wait()
        await route.continue_()

    await chat.page.route("**/try/*/models", held)
    await chat.page.get_by_role("button", name="Model: demo/quick").click()
    search = chat.page.get_by_role("combobox", name="Search the models")
    await search.fill("story")
    await search.press("Enter")
    await expect(chat.page.get_by_text("Loading the models…")).to_be_visible()
    listed.set()
    await expect(search).to_be_hidden()
    await expect(chat.page.get_by_role("button", name="Model: demo/story")).to_be_visible()


async def test_from_the_chat_to_the_defaults_and_back(visit: Visit) -> None:
    """The side bar leads to the pages; a default set there answers the next thread; nothing spills on a phone."""
    chat = await visit.chat()
    page = chat.page
    await page.get_by_text("Pages", exact=True).click()
    await page.get_by_role("link", name="Defaults").click()
    await page.wait_for_url("**/defaults")
    await page.get_by_role("button", name="Choose…").first.click()
    await page.get_by_role("combobox", name="Search the models").fill("thorough")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Model for this installation")).to_have_value("demo/thorough")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("demo/thorough answers from the next message on")
    await page.get_by_role("link", name="Access").click()
    await page.wait_for_url("**/defaults/access**")
    await page.get_by_role("button", name="Choose…").click()
    search = page.get_by_role("combobox", name="Search the models")
    await search.fill("story")
    await expect(page.get_by_role("listbox", name="Models").get_by_role("option")).to_have_count(1)
    await search.press("Enter")
    field = page.get_by_role("combobox", name="Models", exact=True)
    await expect(field).to_have_value("demo/story")
    await expect(field).to_be_focused()
    await page.get_by_role("button", name="Deny these").click()
    await expect(page.get_by_role("table")).to_contain_text("demo/story")
    await page.goto(visit.url + "/models/one?model=demo/story&workspace=")
    await expect(page.get_by_role("row", name="Everywhere")).to_contain_text("may not be used")
    await page.get_by_role("link", name="Change for Everywhere").click()
    await page.wait_for_url("**/defaults/access?workspace=")
    await page.set_viewport_size({"width": 390, "height": 800})
    for path in (
        "/models/one?model=demo/story",
        "/defaults",
        "/defaults/access",
        "/defaults/agents",
        "/defaults/agents/new",
    ):
        await page.goto(visit.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await page.set_viewport_size({"width": 1280, "height": 860})
    await page.get_by_role("link", name="Try it").click()
    await page.wait_for_url("**/try")
    await page.get_by_role("button", name="Model: demo/thorough").click()
    options = page.get_by_role("listbox", name="Models").get_by_role("option")
    await expect(options.filter(has_text="demo/")).to_have_count(2)
    await page.keyboard.press("Escape")
    await page.goto(visit.url + "/defaults/access")
    await page.get_by_role("button", name="Take all rules of this installation back").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take all rules").click()
    await expect(page.get_by_text("No models are named")).to_be_visible()
    await page.get_by_role("button", name="Undo").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Undone.")
    await expect(page.get_by_role("table")).to_contain_text("demo/story")
    await expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    await page.get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("No models are named")).to_be_visible()
