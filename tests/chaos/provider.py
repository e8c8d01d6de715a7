"""The fake provider in a process of its own, at a speed one can read along; its bill is a file that outlives kills."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from json import loads
from pathlib import Path

from tests.chaos.program import KEY, ROOT
from tests.fakes.provider import Billed, ProviderServer, Script
from tests.fakes.rules import Model


@dataclass(frozen=True, slots=True)
class Provider:
    """A running one."""

    url: str
    log: Path

    def billed(self) -> list[Billed]:
        """Its bill so far."""
        if not self.log.exists():
            return []
        return [Billed(**loads(line)) for line in self.log.read_text().splitlines()]


@asynccontextmanager
async def running(folder: Path, *, delay: float = 0.0, speed: float = 0.0) -> AsyncIterator[Provider]:
    """Start it; leaving ends it. ``delay`` seconds before the first token, then ``speed`` tokens a second."""
    log = folder / "billed.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.chaos.provider", log, str(delay), str(speed)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            url = (await process.stdout.readline()).decode().strip()
        yield Provider(url, log)
    finally:
        process.kill()
        await process.wait()


async def _serve(log: Path, script: Script) -> None:
    async with ProviderServer(key=KEY, models=(Model("gpt-4o-mini"),), default=script, log=log) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), Script(delay=float(sys.argv[2]), speed=float(sys.argv[3]))))
