"""Who asks, behind a reverse proxy: its word is taken where it is named, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.browser.program import Program

WRONG = "/sign-in/nothing-of-ours"
LIMIT = 10  # links that do not work, from one address


async def refused_at(url: str, forwarded: str, tries: int = LIMIT + 1) -> int:
    """The status of the last of so many tries of somebody for whom a proxy speaks."""
    async with httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": forwarded}) as client:
        for _ in range(tries):
            status = (await client.post(WRONG, headers={"Sec-Fetch-Site": "same-origin"})).status_code
        return status


@pytest.mark.parametrize(
    ("trusted", "another"),
    [("127.0.0.1", False), ("127.0.0.0/8", False), ("", True), ("10.0.0.1", True)],
)
async def test_a_limit_counts_the_visitors_of_a_proxy_that_is_named(
    tmp_path: Path, trusted: str, another: bool
) -> None:
    """Behind a proxy that is named one visitor's tries are not another's; else all count as one."""
    program = Program(tmp_path, TRUSTED_PROXIES=trusted)
    await program.start()
    try:
        assert await refused_at(program.url, "203.0.113.1") == 429
        # What a visitor claims himself stands before what the proxy saw.
        assert await refused_at(program.url, "198.51.100.9, 203.0.113.1", tries=1) == 429
        assert (await refused_at(program.url, "203.0.113.2", tries=1) == 429) is another
    finally:
        assert await program.stop() == 0
