"""The chat page in the words of somebody who uses it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Watch:
    """What a page must not do: complain on the console, break the policy, ask other hosts for anything."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def over(self, page: Page) -> None:
        """Begin to watch. Violations of the policy show on the console too."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._on_request(urlsplit(request.url)))

    def forgive(self, words: re.Pattern[str]) -> None:
        """Take back the complaints that a test provoked on purpose."""
        self.complaints = [complaint for complaint in self.complaints if not words.search(complaint)]

    def _on_request(self, url: SplitResult) -> None:
        # Pictures that were picked are shown from the browser's own memory.
        if url.scheme != "blob":
            self.hosts.add(url.netloc)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


class Chat:
    """One tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.text = page.get_by_label("Message", exact=True)
        self.posts = page.locator(".post")
        self.replies = page.locator(".post.reply")
        self.complete = page.locator(".post.reply:not([data-growing])")
        self.problem = page.locator("#problem")
        self.suggestions = page.get_by_role("listbox", name="Commands")
        self.stop = page.get_by_role("button", name="Stop", exact=True)
        self.banner = page.get_by_text("Connection lost")

    @classmethod
    async def open(cls, context: BrowserContext, url: str, watch: Watch, path: str = "/try") -> Chat:
        """Open a page of ours."""
        page = await context.new_page()
        await watch.over(page)
        await page.goto(url + path)
        return cls(page, url)

    async def say(self, text: str) -> None:
        """Write and press Enter."""
        await self.text.fill(text)
        await self.text.press("Enter")

    async def ask(self, text: str) -> Locator:
        """Say something and wait until its answer is complete."""
        before = await self.complete.count()
        await self.say(text)
        await expect(self.complete).to_have_count(before + 1)
        return self.complete.last

    async def order(self, command: str) -> Locator:
        """Say a command and wait for its answer."""
        notices = self.page.locator(".post.notice")
        before = await notices.count()
        await self.text.fill(command)
        # The list of suggestions must not swallow the Enter.
        await self.text.press("Escape")
        await self.text.press("Enter")
        await expect(notices).to_have_count(before + 1)
        return notices.last
