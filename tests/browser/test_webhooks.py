"""A webhook from its first day, in a real browser against the real program and a receiver of this machine."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.fakes.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_webhook_is_added_tried_and_removed(visit: Visit) -> None:
    """The secret is shown once, what the test came to stands in its line and its log; nothing spills on a phone."""
    page = (await visit.chat("/operations")).page
    async with Receiver() as receiver:
        await page.get_by_role("link", name="Webhooks").click()
        await expect(page.get_by_role("heading", name="No webhook yet")).to_be_visible()
        add = page.get_by_role("region", name="Add a webhook")
        await add.get_by_label("Name").fill("ops")
        await add.get_by_label("Address").fill(receiver.url)
        await add.get_by_role("button", name="Add it").click()
        await expect(add.get_by_text("which is not a public address")).to_be_visible()
        await expect(add.get_by_label("Address")).to_have_value(receiver.url)
        visit.watch.complaints = [one for one in visit.watch.complaints if "422" not in one]
        await add.get_by_label("It may be on this machine or network").check()
        await add.get_by_role("button", name="Add it").click()
        receiver.secret = await page.get_by_label("Secret of ops").input_value()
        assert receiver.secret.startswith("whsec_")

        line = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="ops"))
        await line.get_by_role("button", name="Test").focus()
        await page.keyboard.press("Enter")
        await expect(line.get_by_role("status").first).to_have_text("“ops” answered 204: it took the test.")
        await expect(page.get_by_label("Secret of ops")).to_have_value(receiver.secret)
        receiver.answers = [503]
        await expect(line.get_by_role("button", name="Test")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(line.get_by_role("status").first).to_have_text(
            "“ops” did not take the test: answered 503."
        )
        assert [one["event"] for one in receiver.told] == ["test"]
        assert receiver.mistakes == []

        await line.get_by_role("link", name="Log").click()
        rows = page.get_by_role("table").get_by_role("row")
        await expect(rows).to_have_count(3)
        await expect(rows.nth(1)).to_contain_text("answered 503")
        await expect(rows.nth(2)).to_contain_text("answered 204")
        await page.set_viewport_size({"width": 390, "height": 800})
        for path in (page.url, f"{visit.url}/operations/alerts/webhooks", f"{visit.url}/operations/alerts"):
            await page.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        await page.goto(f"{visit.url}/operations/alerts/webhooks")
        await expect(page.get_by_label("Secret of ops")).to_have_count(0)
        await page.get_by_role("button", name="Remove").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("status")).to_contain_text("its secret is wiped")
        await expect(page.get_by_role("heading", name="No webhook yet")).to_be_visible()


async def test_alerts_come_to_a_thread_of_ones_own(visit: Visit) -> None:
    """The thread is chosen by its title; a test of the way arrives there, and the page says so by itself."""
    chat = await visit.chat()
    await chat.ask("say: something to watch")
    thread = chat.page.url
    page = (await visit.chat("/operations/alerts")).page
    await expect(page.get_by_text("No mail can be sent from here.")).to_be_visible()
    await page.get_by_label("Add a thread of yours").select_option("say: something to watch")
    await page.get_by_label("Unpriced").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text(
        "go to one channel from now on, but for one kind."
    )
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.get_by_role("status")).to_contain_text("A test is on its way to one place")
    told = page.get_by_role("region", name="Told lately")
    await expect(told.get_by_text("taken", exact=True)).to_be_visible()
    await page.goto(thread)
    await expect(page.locator(".post.notice").last).to_contain_text("A test: alerts of This site come here.")
