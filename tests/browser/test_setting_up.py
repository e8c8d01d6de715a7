"""Setting up in a real browser: a key, Slack, a model of Ollama; at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.chat import CHROMIUM
from tests.browser.conftest import Visit, in_module
from tests.browser.program import Program
from tests.conftest import require
from tests.fakes.ollama import FakeOllama
from tests.fakes.provider import ProviderServer
from tests.fakes.slack.server import FakeSlack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SIZES = {"desk": ViewportSize(width=1280, height=860), "phone": ViewportSize(width=390, height=844)}
MODELS = {"desk": "qwen3:8b", "phone": "gemma3:4b"}
ANSWERED = re.compile(r"status of 422")  # Chromium notes every refusal of a form


@dataclass
class Town:
    """Everybody the program speaks to."""

    provider: ProviderServer
    ollama: FakeOllama
    slack: FakeSlack


@in_module
async def town() -> AsyncIterator[Town]:
    """A provider, an Ollama with its library, and a Slack workspace."""
    async with ProviderServer() as provider, FakeOllama() as ollama, FakeSlack() as slack:
        for name in (*MODELS.values(), "llama3.2:latest"):
            ollama.publish(name, 40_000_000, 1_000_000)
        ollama.install("llama3.2:latest")
        yield Town(provider, ollama, slack)
        assert ollama.mistakes == []
        assert slack.unexpected() == []


@in_module
async def program(town: Town, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """Switchboard, which knows where they are and has no keys and tokens."""
    require(CHROMIUM.exists(), "Chromium (apt install chromium)")
    folder = tmp_path_factory.mktemp("setting-up")
    started = Program(folder, SLACK_API_URL=town.slack.api_url, OLLAMA_REGISTRY_URL=town.ollama.url)
    await started.start()
    yield started
    assert await started.stop() == 0


async def page_of(visit: Visit, size: str, path: str) -> Page:
    """A page of the site at a size."""
    page = await visit.context.new_page()
    await page.set_viewport_size(SIZES[size])
    await visit.watch.over(page)
    await page.goto(visit.url + path)
    return page


async def wide(page: Page) -> list[str]:
    """What sticks out of the screen at its right, where the page can be pushed sideways."""
    found: list[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [
          `${document.documentElement.scrollWidth} of ${window.innerWidth}`,
          ...[...document.querySelectorAll("main *")]
            .filter((each) => each.getBoundingClientRect().right > window.innerWidth)
            .map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`),
        ]"""
    )
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_is_added_tried_replaced_and_removed(visit: Visit, town: Town, size: str) -> None:
    """What is wrong stands at its field, what was done above the page; the eye shows what is typed and no more."""
    page = await page_of(visit, size, "/providers")
    await page.get_by_role("link", name=re.compile("^OpenAI")).first.click()
    secret = page.get_by_label("Key", exact=True)
    await page.get_by_label("Name").fill("Work")
    await secret.fill(town.provider.key)
    await expect(secret).to_have_attribute("type", "password")
    await page.get_by_role("button", name="Show what is typed").first.click()
    await expect(secret).to_have_attribute("type", "text")
    await page.get_by_text("Another address").click()
    await page.get_by_label("Address").fill(town.provider.url)
    await page.get_by_role("button", name="Add and test it").click()
    await expect(page.get_by_text("which is not a public address")).to_be_visible()
    await expect(page.get_by_label("Name")).to_have_value("Work")
    await expect(secret).to_have_value("")
    await secret.fill(town.provider.key)
    await page.get_by_label("This is a server of mine").check()
    await page.get_by_role("button", name="Add and test it").click()
    await expect(page.get_by_role("status").first).to_contain_text("“Work” is stored. OpenAI answers")
    assert await wide(page) == []
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("OpenAI answers by “Work”")
    await page.get_by_role("link", name="Edit or replace").click()
    await page.get_by_label("New key").fill("sk-wrong-0123456789abcdef")
    await page.get_by_role("button", name="Replace and test it").click()
    await expect(page.get_by_role("status").first).to_contain_text("OpenAI rejected the key")
    await page.get_by_role("link", name="Edit or replace").click()
    await page.get_by_label("New key").fill(town.provider.key)
    await page.get_by_role("button", name="Replace and test it").click()
    await expect(page.get_by_role("status").first).to_contain_text("OpenAI answers")
    await page.get_by_role("link", name="3 models").click()
    await expect(page.get_by_role("link", name="gpt-6-luna")).to_be_visible()
    assert await wide(page) == []
    await page.go_back()
    await page.get_by_role("button", name="Remove", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status").first).to_contain_text("“Work” is removed")
    await page.goto(f"{visit.url}/providers")
    await page.get_by_role("button", name="Take back").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(page.get_by_role("status").first).to_contain_text("127.0.0.1 is no longer allowed")
    visit.watch.forgive(ANSWERED)


@pytest.mark.parametrize("size", SIZES)
async def test_a_model_of_ollama_is_installed_with_its_bar(visit: Visit, town: Town, size: str) -> None:
    """The bar grows by itself, is there after a reload, and gives way to the model; which is removed again."""
    name, ollama = MODELS[size], town.ollama
    page = await page_of(visit, size, "/models/ollama")
    if await page.get_by_role("link", name="Connect it").is_visible():
        await page.get_by_role("link", name="Connect it").click()
        await page.get_by_label("Name").fill("Ollama here")
        await page.get_by_label("Address").fill(ollama.url)
        await page.get_by_role("button", name="Add and test it").click()
        await page.get_by_label("This is a server of mine").check()
        await page.get_by_role("button", name="Add and test it").click()
        await page.get_by_role("link", name="Install and remove models").click()
    await expect(page.locator("#installed")).to_contain_text("llama3.2")
    assert await wide(page) == []
    ollama.order(hold=0.5)
    await page.get_by_role("textbox", name="Name").fill(name)
    await page.get_by_role("button", name="Install", exact=True).click()
    bar = page.get_by_role("progressbar")
    await expect(bar).to_have_attribute("value", re.compile(r"2\d{7}"))
    await expect(page.get_by_text(re.compile(r"2\d MB of 41 MB"))).to_be_visible()
    await page.reload()
    await expect(bar).to_have_attribute("value", re.compile(r"2\d{7}"))
    assert await wide(page) == []
    ollama.go_on()
    await expect(page.locator("#pulls")).to_contain_text("is here")
    await expect(bar).to_have_count(0)
    await expect(page.locator("#installed")).to_contain_text(name)
    row = page.locator("#installed tr").filter(has_text=name)
    await row.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status").first).to_contain_text(f"{name} is removed")
    await expect(page.locator("#installed")).not_to_contain_text(name)
    visit.watch.forgive(ANSWERED)


async def test_slack_is_connected_by_what_is_pasted(visit: Visit, town: Town) -> None:
    """Tokens are tried, kept, and connected with at once; the step turns green without a reload."""
    page = await page_of(visit, "phone", "/start#slack")
    await expect(page.locator("#checks")).to_contain_text("opens and takes writes")
    step = page.locator("#slack")
    await expect(step.get_by_label("Manifest of the Slack app")).to_have_value(re.compile("slash_commands"))
    await step.get_by_label("Bot User OAuth Token").fill("xoxb-1-wrong-0123456789")
    await step.get_by_label("App-level token").fill(town.slack.app.app_token)
    town.slack.book.expect("auth.test", "invalid_auth")
    await step.get_by_role("button", name="Try them and connect").click()
    await expect(step.get_by_role("alert").first).to_contain_text("Slack does not know it")
    assert await wide(page) == []
    await step.get_by_label("Bot User OAuth Token").fill(town.slack.bot.token)
    await step.get_by_label("App-level token").fill(town.slack.app.app_token)
    await step.get_by_role("button", name="Try them and connect").click()
    await expect(page.get_by_role("status").first).to_contain_text("The tokens work and are stored")
    await expect(step).to_contain_text("Slack hears and answers")
    await town.slack.connected()
    visit.watch.forgive(ANSWERED)
