"""Helpers: processes of our own that do one thing for us and end, so that nothing waits for it but who asked."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass

# The path is ours and nothing else decides it: neither the environment nor a user's own packages.
_START = "import sys; sys.path[:] = {path!r}; from {module} import main; main()"
_PIECE = 65_536


class NoHelper(Exception):
    """No process could be started just now."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a helper wrote to its stdout, and its exit code; below 0 the signal that ended it."""

    data: bytes
    code: int


async def asked(module: str, given: bytes, *, most: int, patience: float) -> Said:
    """Let the ``main`` of a module read ``given`` from stdin in a process of its own, which has ended afterwards.

    Its environment is empty, its folder ``/``. Raises NoHelper, and TimeoutError after ``patience`` seconds; where it
    says more than ``most`` bytes it is ended and what it said is nothing.
    """
    path = [folder for folder in sys.path if folder]
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START.format(path=path, module=module)),
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,  # a Ctrl-C is ours: what is being done is finished first
        )
    except OSError as error:
        raise NoHelper(str(error)) from error
    try:
        async with asyncio.timeout(patience):
            data = await _exchanged(process, given, most)
            return Said(data, await process.wait())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _exchanged(process: asyncio.subprocess.Process, given: bytes, most: int) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    feeding = asyncio.ensure_future(_fed(process.stdin, given))
    said = bytearray()
    try:
        while piece := await process.stdout.read(_PIECE):
            said += piece
            if len(said) > most:
                process.kill()
                return b""
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
    return bytes(said)


async def _fed(pipe: asyncio.StreamWriter, given: bytes) -> None:
    with suppress(ConnectionError):
        pipe.write(given)
        await pipe.drain()
        pipe.close()
