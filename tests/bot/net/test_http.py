"""The HTTP client, against small servers on real ports."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.net.errors import NetBroken, NetTimeout, TooLarge
from bot.net.http import Http

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers every request with what it was made with; keeps the heads it saw, and counts connections."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self.heads, self.connections = answer, list[bytes](), 0
        self.asked, self.hung_up = asyncio.Event(), asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                self.asked.set()
                await self._answer(self.heads[-1], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: bytes | Answer) -> AsyncIterator[Server]:
    async def plain(head: bytes, writer: asyncio.StreamWriter) -> None:
        assert isinstance(answer, bytes)
        writer.write(answer)

    server = Server(plain if isinstance(answer, bytes) else answer)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        yield server


async def test_an_answer_comes_whole() -> None:
    """Status, headers in lower case, body."""
    async with serving(OK) as server, Http() as http:
        answer = await http.request("GET", server.url)
        assert (answer.status, answer.headers["content-length"], answer.body) == (200, "2", b"ok")


async def test_a_connection_serves_the_next_request_too() -> None:
    """Connections are kept alive and used again."""
    async with serving(OK) as server, Http() as http:
        for _ in range(3):
            await http.request("POST", server.url, json={"a": 1})
        assert server.connections == 1


async def test_a_closed_client_opens_again() -> None:
    """Closing ends the connections, not the client's life."""
    async with serving(OK) as server, Http() as http:
        await http.request("GET", server.url)
        await http.aclose()
        await server.hung_up.wait()
        assert (await http.request("GET", server.url)).status == 200


async def test_leaving_a_stream_hangs_up() -> None:
    """A stream that is left before its end is closed at the server too."""
    async with serving(CHUNKED) as server, Http() as http:
        async with http.stream("GET", server.url) as response:
            assert await anext(response.chunks()) == b"hello"
        async with asyncio.timeout(30):
            await server.hung_up.wait()


@pytest.mark.parametrize("answer", [b"", CHUNKED])
async def test_cancelling_hangs_up(answer: bytes) -> None:
    """Whoever is cancelled while waiting for headers or bytes closes the connection."""
    async with serving(answer) as server, Http() as http:
        waiting = asyncio.create_task(http.request("GET", server.url))
        async with asyncio.timeout(30):
            await server.asked.wait()
            waiting.cancel()
            await server.hung_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_redirects_are_not_followed() -> None:
    """A key would travel to the other host."""
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with serving(moved) as server, Http() as http:
        assert (await http.request("GET", server.url)).status == 307


async def test_cookies_are_not_kept() -> None:
    """What one answer sets is not sent with the next request."""
    baked = OK.replace(b"OK\r\n", b"OK\r\nSet-Cookie: a=b\r\n", 1)
    async with serving(baked) as server, Http() as http:
        for _ in range(2):
            await http.request("GET", server.url)
        assert b"cookie" not in server.heads[-1].lower()


async def test_a_body_has_a_cap() -> None:
    """Over its cap a body is an error, and its connection is closed."""
    async with serving(CHUNKED) as server, Http() as http:
        with pytest.raises(TooLarge, match="over 4 bytes"):
            await http.request("GET", server.url, limit=4)
        async with asyncio.timeout(30):
            await server.hung_up.wait()


async def test_compressed_bodies_are_read() -> None:
    """An answer may come compressed."""
    body = gzip.compress(b"hello")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with serving(head + body) as server, Http() as http:
        assert (await http.request("GET", server.url)).body == b"hello"


async def test_a_broken_body_is_told() -> None:
    """A connection that ends within the body is NetBroken, and so is a body that is not what it says."""

    async def cut(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        await writer.drain()
        writer.close()

    async with serving(cut) as server, Http() as http:
        with pytest.raises(NetBroken):
            await http.request("GET", server.url)
    false = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"
    async with serving(false) as server, Http() as http:
        with pytest.raises(NetBroken):
            await http.request("GET", server.url)


async def test_no_connection_is_told(unused_port: int) -> None:
    """A refused connection, a server that hangs up and what is no address are NetBroken."""

    async def hang_up(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serving(hang_up) as server, Http() as http:
        for url in (
            server.url,
            f"http://127.0.0.1:{unused_port}/",
            "nonsense",
            "ftp://127.0.0.1/",
            "http://[",
        ):
            with pytest.raises(NetBroken):
                await http.request("POST", url)


async def test_connecting_has_a_deadline() -> None:
    """A host that does not answer to the call is NetTimeout."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        async with Http(connect_timeout=0.05) as http:
            with pytest.raises(NetTimeout):
                await http.request("GET", f"http://127.0.0.1:{full.getsockname()[1]}/")
        for caller in callers:
            caller.close()


async def test_a_proxy_is_used_only_where_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxies do not count; one given does."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with serving(OK) as server:
        async with Http() as http:
            assert (await http.request("GET", server.url)).status == 200
        async with Http(proxy=server.url) as http:
            assert (await http.request("GET", "http://provider.invalid/v1")).status == 200
        assert server.heads[-1].startswith(b"GET http://provider.invalid/v1 ")


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_any_text_can_be_sent() -> None:
    """Half a surrogate pair in a text is no reason to fail."""

    async def echo(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async with serving(echo) as server, Http() as http:
        assert (await http.request("POST", server.url, json={"text": "a\ud800b ü"})).status == 200
        assert b"content-type: application/json" in server.heads[0].lower()
        assert b"content-length: 18" in server.heads[0].lower()
