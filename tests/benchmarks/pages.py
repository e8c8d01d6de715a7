"""How soon the settings site's pages answer, and what a browser fetches to show each for the first time.

The real program over a database with 1,000,000 entries and 100,000 conversations of four messages each; the one who
looks is the owner, who took part in 2,000 of them. Times are those of a client on the same machine, so they are a
little more than what the server takes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from playwright.async_api import Browser, Page, async_playwright

from storage.sqlite import SqliteDatabase
from storage.store import Store
from tests.benchmarks.usage import AT, seed
from tests.browser.chat import ARGUMENTS, CHROMIUM
from tests.browser.program import Program

HEAD = ("page", "median ms", "kB at first load")
GOAL = ("goal", "50", "150")
CONVERSATIONS, MESSAGES = 100_000, 4
OWNERS = 50  # every so many-th conversation is the owner's
ROUNDS = 15
PATHS: Mapping[str, str] = {
    "start": "/start",
    "try it": "/try",
    "usage of a month": "/usage",
    "usage of a week, by person": "/usage?span=week&by=person",
    "budgets": "/budgets",
    "digest": "/digest?workspace=slack:T1&channel=slack:T1/C0",
    "models": "/models",
    "providers and keys": "/providers",
    "defaults": "/defaults",
    "conversations": "/conversations",
    "conversations, searched": "/conversations?q=aqueduct+4850",
    "a conversation": "/conversations/50000",
    "operations": "/operations",
    "people": "/operations/people",
    "audit": "/operations/audit",
    "me": "/me",
}

_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
_TALKS = (
    "INSERT INTO conversations (id, place, workspace_id, title, person_id, created_at, updated_at, head_id)"  # noqa: S608
    f" {_NUMBERS} SELECT i, 'slack:T1/C' || (i % 80) || '/' || i, 'slack:T1', 'About aqueduct ' || i,"
    f" CASE WHEN i % {OWNERS} = 0 THEN 1 ELSE 2 + i % 400 END, ?, ?, i * {MESSAGES} FROM n"
)
_SAID = (
    "INSERT INTO messages (id, conversation_id, parent_id, role, person_id, author_name, text, model, created_at, day)"  # noqa: S608
    f" {_NUMBERS} SELECT i, (i + {MESSAGES - 1}) / {MESSAGES},"
    f" CASE WHEN i % {MESSAGES} = 1 THEN NULL ELSE i - 1 END,"
    " CASE WHEN i % 2 = 1 THEN 'user' ELSE 'assistant' END,"
    f" CASE WHEN i % 2 = 0 THEN NULL WHEN (i + {MESSAGES - 1}) / {MESSAGES} % {OWNERS} = 0 THEN 1"
    f" ELSE 2 + (i + {MESSAGES - 1}) / {MESSAGES} % 400 END,"
    " 'Ann', 'A question or an answer of ordinary length about water, arches and number ' || i,"
    " CASE WHEN i % 2 = 0 THEN 'demo/quick' END, ?, '2026-12-20' FROM n"
)


async def rows() -> list[tuple[str, ...]]:
    """The table's rows, the goal last; sizes are "-" where there is no Chromium."""
    with TemporaryDirectory() as folder:
        await _fill(Path(folder))
        program = Program(Path(folder))
        await program.start()
        try:
            cookies, times = await _times(program)
            sizes = await _sizes(program, cookies)
        finally:
            await program.stop()
    measured = [(name, f"{times[name]:.0f}", sizes.get(name, "-")) for name in PATHS]
    return [*measured, GOAL]


async def _fill(folder: Path) -> None:
    """A year of use, and what was said in it."""
    await (await Store.open(f"sqlite:///{folder}/switchboard.db", folder)).close()
    db = await SqliteDatabase.open(folder / "switchboard.db")
    try:
        await seed(db)
        await db.write("INSERT INTO workspaces (id, name, created_at) VALUES ('slack:T1', 'Company', ?)", AT)
        await db.write(_TALKS, CONVERSATIONS, AT, AT)
        await db.write(_SAID, CONVERSATIONS * MESSAGES, AT)
        await db.write("ANALYZE")
    finally:
        await db.close()


async def _times(program: Program) -> tuple[httpx.Cookies, dict[str, float]]:
    """Milliseconds that each page takes, and the cookies of who is signed in."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=program.url, headers=headers, timeout=60) as client:
        await client.post(program.link)
        return client.cookies, {name: await _typical(client, path) for name, path in PATHS.items()}


async def _typical(client: httpx.AsyncClient, path: str) -> float:
    (await client.get(path)).raise_for_status()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await client.get(path)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


async def _sizes(program: Program, cookies: httpx.Cookies) -> dict[str, str]:
    """What a browser with an empty cache fetches for each page, in kB of 1,000 bytes."""
    if not os.access(CHROMIUM, os.X_OK):
        return {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            return {
                name: f"{await _size(browser, program.url + path, cookies) / 1000:.0f}"
                for name, path in PATHS.items()
            }
        finally:
            await browser.close()


async def _size(browser: Browser, url: str, cookies: httpx.Cookies) -> int:
    context = await browser.new_context()
    await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    try:
        page = await context.new_page()
        await page.goto(url, wait_until="load")
        await page.evaluate("document.fonts.ready")
        return await _fetched(page)
    finally:
        await context.close()


async def _fetched(page: Page) -> int:
    found: int = await page.evaluate(
        "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
        ".reduce((sum, entry) => sum + entry.transferSize, 0)"
    )
    return found
