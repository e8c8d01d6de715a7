"""The real program, started as a person starts it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

_READY = re.compile(r"ready at (http://\S+?)/?\s")
_LINK = re.compile(r"Sign in: (http://\S+)")
_PATIENCE = 60.0  # seconds for starting and for stopping


class Program:
    """``switchboard run`` over one data folder; it may be stopped and started again on the same port."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder, self._environment = folder, environment
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.url = self.link = ""

    async def start(self) -> None:
        """Start it and read what it prints: where it is, and how to sign in."""
        script = Path(sys.executable).with_name("switchboard")
        port = self.url.rpartition(":")[2] or "0"
        environment = os.environ | {"SWITCHBOARD_DATA": str(self._folder), "HOST": "127.0.0.1", "PORT": port}
        environment |= self._environment
        self._process = await asyncio.create_subprocess_exec(
            script, "run", cwd=self._folder, env=environment, stdout=PIPE
        )
        self.link = ""
        async with asyncio.timeout(_PATIENCE):
            while not self.link:
                self._note(await self._line())
        self._reader = asyncio.create_task(self._drain())

    async def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; gives the exit code."""
        assert self._process is not None
        assert self._reader is not None
        self._process.send_signal(signal.SIGINT)
        async with asyncio.timeout(_PATIENCE):
            code = await self._process.wait()
            await self._reader
        return code

    def _note(self, line: str) -> None:
        if found := _READY.search(line):
            self.url = found[1]
        if found := _LINK.search(line):
            self.link = found[1]

    async def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the program ended before it was ready"
        return line.decode()

    async def _drain(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        await self._process.stdout.read()
