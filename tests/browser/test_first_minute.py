"""The first minute in a real browser against the real program."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chat import Chat, Watch
from tests.browser.conftest import Visit
from tests.browser.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FOOTER = re.compile(r"demo/quick · [\d,]+ tokens · \$\d+\.\d\d\S* · \d")


async def grown(page: Page) -> list[int]:
    """The lengths that a growing reply had, by the browser's own account, until it was complete."""
    lengths: list[int] = await page.evaluate(
        """() => new Promise((resolve) => {
          const lengths = [];
          const look = () => {
            const reply = document.querySelector(".post.reply");
            if (reply) lengths.push(reply.querySelector(".body").textContent.length);
            if (reply && !("growing" in reply.dataset)) { seen.disconnect(); resolve(lengths); }
          };
          const seen = new MutationObserver(look);
          seen.observe(document.getElementById("posts"), { childList: true, subtree: true, attributes: true });
        })"""
    )
    return lengths


async def test_from_the_printed_link_to_a_reply_with_its_cost(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A stranger is told to use the link; it signs in; a question streams its answer; a reload keeps it."""
    program = Program(tmp_path_factory.mktemp("first"))
    await program.start()
    context = await chromium.new_context()
    watch = Watch()
    page = await context.new_page()
    await page.goto(program.url)
    await expect(page.get_by_text("printed a sign-in link")).to_be_visible()
    await watch.over(page)
    await page.goto(program.link)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/start")
    await page.get_by_text("A first message").click()
    await page.get_by_role("link", name="Open the chat").click()
    await page.wait_for_url("**/try")
    chat = Chat(page, program.url)
    await expect(chat.text).to_be_focused()
    await chat.say("Show me every kind of Markdown formatting once.")
    lengths = await grown(page)
    assert len(set(lengths)) > 5, "it did not grow"
    assert lengths == sorted(lengths), "it shrank"
    await expect(chat.replies.locator(".cost")).to_have_text(FOOTER)
    await expect(page.get_by_role("navigation").get_by_text("Show me every kind")).to_be_visible()
    words = await chat.posts.all_inner_texts()
    await page.reload()
    assert await chat.posts.all_inner_texts() == words
    assert page.url.startswith(f"{program.url}/try/")
    assert watch.complaints == []
    await context.close()
    assert await program.stop() == 0


async def test_stop_keeps_the_text_so_far(visit: Visit) -> None:
    """While a reply grows there is a Stop button; what was written stays, and can be continued."""
    chat = await visit.chat()
    await expect(chat.stop).to_be_hidden()
    await chat.say("Tell me a long story.")
    await expect(chat.replies.locator(".body")).to_contain_text("lighthouse")
    await chat.stop.click()
    await expect(chat.complete.locator(".cost")).to_contain_text("stopped")
    await expect(chat.stop).to_be_hidden()
    kept = await chat.replies.locator(".body").inner_text()
    assert len(kept) > 20
    await expect(chat.page.get_by_role("button", name="Continue")).to_be_visible()


async def test_escape_stops_too(visit: Visit) -> None:
    """The keyboard is enough."""
    chat = await visit.chat()
    await chat.say("Tell me a long story.")
    await expect(chat.replies.locator(".body")).to_contain_text("lighthouse")
    await chat.page.keyboard.press("Escape")
    await expect(chat.complete.locator(".cost")).to_contain_text("stopped")


async def test_retry_answers_once_more(visit: Visit) -> None:
    """The button beneath a reply asks the same again; the first answer stays."""
    chat = await visit.chat()
    first = await chat.ask("say: second")
    await first.get_by_role("button", name="Retry").click()
    await expect(chat.complete).to_have_count(2)
    await expect(chat.page.locator(".post.person")).to_have_count(1)


async def test_a_model_is_chosen_by_completion(visit: Visit) -> None:
    """A slash opens the list of commands; Tab completes; the chosen model answers from then on."""
    chat = await visit.chat()
    await chat.text.press_sequentially("/mo")
    await expect(chat.suggestions.get_by_role("option")).to_have_count(2)
    await chat.text.press("Tab")
    await expect(chat.text).to_have_value("/model ")
    await chat.text.press_sequentially("demo/s")
    await expect(chat.suggestions.get_by_role("option").first).to_contain_text("demo/story")
    await chat.text.press("Enter")
    await expect(chat.text).to_have_value("/model demo/story")
    await chat.text.press("Escape")
    await chat.text.press("Enter")
    await expect(chat.page.locator(".post.notice")).to_contain_text("demo/story")
    reply = await chat.ask("say: hello")
    await expect(reply.locator(".cost")).to_contain_text("demo/story")


async def test_the_model_button_begins_the_choice(visit: Visit) -> None:
    """The command stands in the box with all models above it; what was being written comes back after it."""
    chat = await visit.chat()
    first = await chat.ask("say: hello")
    await chat.text.fill("A thought of mine")
    await first.get_by_role("button", name="Model").click()
    await expect(chat.text).to_have_value("/model ")
    await expect(chat.text).to_be_focused()
    await expect(chat.suggestions.get_by_role("option")).to_have_count(3)
    await chat.text.fill("/model story")
    await chat.text.press("Escape")
    await chat.text.press("Enter")
    await expect(chat.page.locator(".post.notice")).to_contain_text("demo/story")
    await expect(chat.text).to_have_value("A thought of mine")
    await first.get_by_role("button", name="Model").click()
    await chat.text.fill("")
    await expect(chat.text).to_have_value("A thought of mine")


async def test_a_thumb_is_a_verdict(visit: Visit) -> None:
    """It is thanked for in passing, and shows which of the two it was."""
    chat = await visit.chat()
    answer = await chat.ask("say: hello")
    good, bad = (answer.get_by_role("button", name=f"{word} answer") for word in ("Good", "Bad"))
    await good.click()
    await expect(chat.page.get_by_text("Thanks, noted.")).to_be_visible()
    await expect(good).to_have_attribute("aria-pressed", "true")
    await bad.click()
    await expect(bad).to_have_attribute("aria-pressed", "true")
    await expect(good).to_have_attribute("aria-pressed", "false")
    await expect(chat.posts).to_have_count(2)


async def test_a_choice_of_suggestions_by_arrow_keys(visit: Visit) -> None:
    """Arrows move, Escape closes without stopping anything or sending."""
    chat = await visit.chat()
    await chat.text.press_sequentially("/")
    options = chat.suggestions.get_by_role("option")
    await expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    await chat.text.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(chat.text).to_have_attribute("aria-activedescendant", "suggestion-1")
    await chat.text.press("ArrowUp")
    await chat.text.press("ArrowUp")
    await expect(options.last).to_have_attribute("aria-selected", "true")
    await chat.text.press("Escape")
    await expect(chat.suggestions).to_be_hidden()
    await expect(chat.posts).to_have_count(0)


async def test_commands_answer_in_the_thread(visit: Visit) -> None:
    """/help lists what can be said; /new starts afresh; neither costs anything."""
    chat = await visit.chat()
    await expect(await chat.order("/help")).to_contain_text("/retry")
    await expect(await chat.order("/new")).to_contain_text("starts here")
    await expect(chat.page.locator(".post.command")).to_have_count(2)


async def test_an_example_is_asked_with_one_click(visit: Visit) -> None:
    """The empty page offers something to begin with."""
    chat = await visit.chat()
    await chat.page.get_by_role("button", name="Write some code").click()
    await expect(chat.complete).to_have_count(1)
    await expect(chat.page.locator("#welcome")).to_be_hidden()
    await expect(chat.complete.locator(".code-head")).to_contain_text("python")


async def test_threads_are_listed_and_opened(visit: Visit) -> None:
    """The newest thread stands first; another one is a click away."""
    chat = await visit.chat()
    await chat.ask("say: kettles")
    # Until the new page has loaded, the old one would be typed into.
    async with chat.page.expect_navigation(wait_until="load"):
        await chat.page.get_by_role("link", name="New thread").first.click()
    await expect(chat.posts).to_have_count(0)
    await chat.ask("say: teapots")
    titles = chat.page.get_by_role("navigation").get_by_role("link")
    await expect(titles.nth(0)).to_contain_text("teapots")
    await titles.nth(1).click()
    await expect(chat.posts.first).to_contain_text("kettles")
    await expect(titles.nth(1)).to_have_attribute("aria-current", "page")


async def test_two_tabs_show_the_same(visit: Visit) -> None:
    """What is said in one tab appears in the other, growing there too."""
    one = await visit.chat()
    await one.ask("say: first")
    two = await visit.chat(one.page.url.removeprefix(one.url))
    await one.ask("say: second")
    await expect(two.complete).to_have_count(2)
    assert await two.posts.all_inner_texts() == await one.posts.all_inner_texts()
