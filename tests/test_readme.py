"""The README's commands do what it says."""

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.test_project import ENVIRONMENT, ROOT

LINK = re.compile(rb"http://127\.0\.0\.1:(\d+)/")
FIRST_SCREEN = (ROOT / "README.md").read_text().split("```")[1]


@asynccontextmanager
async def started(*words: str, **environment: str) -> AsyncIterator[Process]:
    """A command in a process group of its own, which Ctrl-C ends."""
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=ROOT,
        env=ENVIRONMENT | environment,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=None,
        process_group=0,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGINT)
            await asyncio.wait_for(process.communicate(), 60)


async def test_the_first_command_serves_and_prints_a_link(tmp_path: Path) -> None:
    """`make run` on any free port with an empty data folder; /healthz answers; Ctrl-C ends it."""
    words = re.findall(r"^(make run) +#", FIRST_SCREEN, re.MULTILINE)[0].split()
    async with started(*words, PORT="0", SWITCHBOARD_DATA=str(tmp_path / "data")) as process:
        assert process.stdout is not None
        async with asyncio.timeout(90):
            while not (link := LINK.search(await process.stdout.readline())):
                assert not process.stdout.at_eof(), "it ended without a link"
            reader, writer = await asyncio.open_connection("127.0.0.1", int(link[1]))
            writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert b" 200 OK\r\n" in await reader.readline()
            writer.close()
            await writer.wait_closed()
