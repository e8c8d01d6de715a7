"""The real program in a process of its own, to be killed, stopped and started again over the same data."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEY = "sk-fake-0123456789abcdef"
MODEL = "openai/gpt-4o-mini"

_PATIENCE = 60.0  # seconds that a start or an end may take


class Ended(Exception):
    """The program ended before it was ready; ``said`` is what it wrote to standard error."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"exit code {code}: {said[-2000:]}")
        self.code, self.said = code, said


class Program:
    """``switchboard run``, or another module's main with words of its own. ``url`` and ``link`` once it is ready."""

    def __init__(self, folder: Path, provider_url: str, database_url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.url, self.link = folder, "", ""
        self._process: asyncio.subprocess.Process | None = None
        self._errors = folder / "errors.log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "SWITCHBOARD_DATA": str(folder / "data"),
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": provider_url,
            "DEFAULT_MODEL": MODEL,
        }
        if database_url:
            self._environment["DATABASE_URL"] = database_url

    @property
    def database_url(self) -> str:
        """The address of its database."""
        return self._environment.get("DATABASE_URL", f"sqlite:///{self.folder}/data/switchboard.db")

    async def spawn(self, module: str = "bot", *words: str) -> None:
        """Start the process; it is not ready yet."""
        self.url = ""
        with self._errors.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *(words or ("run",)),
                cwd=self.folder,
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )

    async def ready(self) -> None:
        """Wait until it says that it is ready. Raises Ended where it ends before."""
        process = self._running()
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            while line := (await process.stdout.readline()).decode():
                if found := re.match(r"Sign in: (\S+)/sign-in/(\S+)", line):
                    self.url, self.link = found[1], found[2]
                    return
            raise Ended(await process.wait(), self.said)

    async def start(self, module: str = "bot", *words: str) -> None:
        """Start the process and wait until it is ready."""
        await self.spawn(module, *words)
        await self.ready()

    async def kill(self) -> None:
        """Kill -9."""
        process = self._running()
        if process.returncode is None:
            process.kill()
        await process.wait()
        self.url = ""

    def terminate(self) -> None:
        """SIGTERM; see ``ended``."""
        self._running().send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for its end; the exit code, below 0 the signal that killed it."""
        async with asyncio.timeout(_PATIENCE):
            code = await self._running().wait()
        self.url = ""
        return code

    @property
    def said(self) -> str:
        """What it wrote to standard error, all runs together."""
        return self._errors.read_text(errors="replace") if self._errors.exists() else ""

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "not started"
        return self._process
