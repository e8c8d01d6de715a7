"""The provider core: microseconds of CPU per chunk against bare clients and an SDK, in one run.

``burst`` is one stream as fast as it comes, ``16 streams`` the same sixteen times at once, ``paced`` 25 streams
at 80 chunks a second each, every chunk its own packet, as real providers send. Server and clients are
processes of their own, so that nobody pays for another.
"""

# ruff: noqa: PLC0415 - a client's process imports what it measures, and nothing else

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

HEAD = ("", "import s", "rss MB", "burst µs", "16 streams µs", "paced µs", "first chunk ms")
GOALS = ("goal", "0.15", "45", "1.3 x httpx", "1.5 x httpx", "60, below httpx", "1.0")
CLIENTS = ("httpx", "httpx over aiohttp", "aiohttp", "openai", "switchboard")

_BURST, _MANY, _PACED = 20_000, (16, 1_000), (25, 240)  # chunks; streams and chunks of each
_PACE = 80.0  # chunks a second
_ROUNDS = 3

Go = Callable[[str], Awaitable[int]]
"""Streams one answer from a path of the server, and counts the pieces of text in it."""


async def measure() -> list[tuple[str, ...]]:
    """A row per client under HEAD, then the goals, then Switchboard's ratios to bare httpx."""
    rows, figures = [], dict[str, list[float]]()
    async with _server() as url:
        for client in CLIENTS:
            if client == "openai" and find_spec("openai") is None:
                rows.append(("openai SDK", "not installed", *[""] * 5))
                continue
            figures[client] = await _measured(client, url)
            rows.append((client, *_shown(figures[client])))
    ratios = [ours / bare for ours, bare in zip(figures["switchboard"], figures["httpx"], strict=True)]
    return [*rows, GOALS, ("switchboard / httpx", *(f"{ratio:.2f} x" for ratio in ratios))]


def rows() -> list[tuple[str, ...]]:
    """As ``measure``, for callers without an event loop."""
    return asyncio.run(measure())


def _shown(figures: Sequence[float]) -> tuple[str, ...]:
    digits = (2, 0, 1, 1, 1, 2)
    return tuple(f"{figure:.{places}f}" for figure, places in zip(figures, digits, strict=True))


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    command = (sys.executable, "-m", "tests.benchmarks.providers", "--serve")
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.kill()
        await process.wait()


async def _measured(client: str, url: str) -> list[float]:
    """The medians of several runs of a client."""
    runs = []
    for _ in range(_ROUNDS):
        command = (sys.executable, "-m", "tests.benchmarks.providers", "--client", client, "--url", url)
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        runs.append(json.loads((await process.communicate())[0]))
    return [median(figures) for figures in zip(*runs, strict=True)]


# --- the client's process


async def _client(name: str, url: str) -> list[float]:
    # httpx imports these tools of ours where it finds them; whoever runs the program has not got them.
    absent: dict[str, Any] = dict.fromkeys(("rich", "pygments"))
    sys.modules.update(absent)
    started = time.perf_counter()
    opened = _OPENERS[name](url)
    async with opened as go:
        imported = time.perf_counter() - started
        await go("burst/500")
        burst = await _cpu(go, "burst", 1, _BURST)
        many = await _cpu(go, "burst", *_MANY)
        paced = await _cpu(go, "paced", *_PACED)
        first = [await _first(go) for _ in range(30)]
    return [imported, _peak_mb(), burst, many, paced, median(first)]


def _peak_mb() -> float:
    """Peak memory of this very program: getrusage would count the process it was started from as well."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


async def _cpu(go: Go, kind: str, streams: int, chunks: int) -> float:
    """Microseconds of CPU per chunk."""
    started = time.process_time()
    counts = await asyncio.gather(*(go(f"{kind}/{chunks}") for _ in range(streams)))
    assert counts == [chunks] * streams, f"{chunks} chunks were sent, {counts} came"
    return (time.process_time() - started) / (streams * chunks) * 1e6


async def _first(go: Go) -> float:
    """Milliseconds to the only chunk of a short answer, over a connection that is open."""
    started = time.perf_counter()
    await go("burst/1")
    return (time.perf_counter() - started) * 1000


def _text(line: str) -> int:
    """1 where a line of the stream holds text: what a bare loop does with it."""
    if not line.startswith("data: ") or line == "data: [DONE]":
        return 0
    choices = json.loads(line[6:])["choices"]
    return int(bool(choices and choices[0]["delta"].get("content")))


@asynccontextmanager
async def _httpx(url: str, over_aiohttp: bool = False) -> AsyncIterator[Go]:
    import httpx

    transport = None
    if over_aiohttp:
        from httpx_aiohttp import AiohttpTransport

        transport = AiohttpTransport()
    client = httpx.AsyncClient(timeout=httpx.Timeout(None), trust_env=False, transport=transport)
    async with client:

        async def go(path: str) -> int:
            async with client.stream("POST", f"{url}/{path}/", json={}) as response:
                return sum([_text(line) async for line in response.aiter_lines()])

        yield go


@asynccontextmanager
async def _aiohttp(url: str) -> AsyncIterator[Go]:
    import aiohttp

    async with aiohttp.ClientSession() as client:

        async def go(path: str) -> int:
            async with client.post(f"{url}/{path}/", json={}) as response:
                return sum([_text(line.decode().rstrip("\n")) async for line in response.content])

        yield go


@asynccontextmanager
async def _openai(url: str) -> AsyncIterator[Go]:
    import openai

    client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0)

    async def go(path: str) -> int:
        answer = await client.with_options(base_url=f"{url}/{path}").chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        return sum([1 async for chunk in answer if chunk.choices and chunk.choices[0].delta.content])

    yield go
    await client.close()


@asynccontextmanager
async def _switchboard(url: str) -> AsyncIterator[Go]:
    from bot.core.message import Role
    from bot.core.provider import ChatMessage, ChatRequest, Text
    from bot.net.http import Http
    from bot.providers.catalog import CATALOG
    from bot.providers.resilience import Deadlines, Resilient
    from bot.providers.wires.openai import OpenAI

    request = ChatRequest("gpt-4.1", (ChatMessage(Role.USER, "Hi"),))
    async with Http() as http:

        async def go(path: str) -> int:
            wire = OpenAI(replace(CATALOG[0], base_url=f"{url}/{path}"), "none", http)
            events = Resilient("openai", wire, Deadlines()).chat(request)
            return sum([1 async for event in events if isinstance(event, Text)])

        yield go


_OPENERS = {
    "httpx": _httpx,
    "httpx over aiohttp": lambda url: _httpx(url, over_aiohttp=True),
    "aiohttp": _aiohttp,
    "openai": _openai,
    "switchboard": _switchboard,
}


# --- the server's process


def _chunk(number: int) -> bytes:
    chunk = {
        "id": "chatcmpl-0123456789abcdef",
        "object": "chat.completion.chunk",
        "created": 1_763_600_000,
        "model": "gpt-4.1",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [
            {"index": 0, "delta": {"content": f" word{number}"}, "logprobs": None, "finish_reason": None}
        ],
        "usage": None,
    }
    return _framed(b"data: " + json.dumps(chunk).encode() + b"\n\n")


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = _framed(
    b'data: {"id":"0","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


async def _answer(writer: asyncio.StreamWriter, kind: str, count: int, chunks: Sequence[bytes]) -> None:
    loop = asyncio.get_running_loop()
    writer.write(_HEAD)
    due = loop.time()
    for number in range(count):
        writer.write(chunks[number % len(chunks)])
        if kind == "paced":
            due += 1 / _PACE
            await asyncio.sleep(max(0.0, due - loop.time()))
        elif number % 50 == 0:
            await writer.drain()
    writer.write(_END + b"0\r\n\r\n")
    await writer.drain()


async def _serve() -> None:
    chunks = [_chunk(number) for number in range(1_000)]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
                _, kind, count = head.split()[1].split("/")[:3]
                await _answer(writer, kind, int(count), chunks)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Measure and print; or be the server or a client of a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--client", choices=CLIENTS)
    parser.add_argument("--url")
    given = parser.parse_args()
    if given.serve:
        asyncio.run(_serve())
    elif given.client:
        print(json.dumps(asyncio.run(_client(given.client, given.url))))
    else:
        for row in [HEAD, *rows()]:
            print("  ".join(f"{cell:<20}" for cell in row).rstrip())


if __name__ == "__main__":
    main()
