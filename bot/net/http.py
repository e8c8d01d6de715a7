"""The one HTTP client: httpx's interface over aiohttp's transport, a third of the CPU on paced streams.

Redirects are never followed (a key must not travel to another host), cookies are never kept, and a proxy
is used only where one is given. Deadlines on what streams are the caller's: cancelling closes the connection.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from json import dumps
from typing import Any, Self

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from bot.net.errors import NetBroken, NetTimeout, TooLarge
from bot.net.guard import Guard

CONNECT_TIMEOUT = 5.0  # seconds
KEEP_ALIVE = 90.0  # seconds an idle connection is kept for the next request
BODY_LIMIT = 20 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Response:
    """An answer whose body is still to come. Header names are lower case."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it arrives. Raises NetBroken."""
        with _translated():
            async for chunk in self._response.aiter_bytes():
                yield chunk

    async def read(self, limit: int = BODY_LIMIT) -> bytes:
        """The whole body. Raises TooLarge over ``limit`` bytes, and NetBroken."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"the answer is over {limit} bytes")
        return bytes(body)


class Http:
    """A pool of connections shared by the whole process. Use it on one event loop, and close it.

    With a ``guard`` each connection is made only to where that lets it: for addresses that somebody entered.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        connect_timeout: float = CONNECT_TIMEOUT,
        guard: Guard | None = None,
    ) -> None:
        self._proxy, self._connect_timeout, self._guard = proxy, connect_timeout, guard
        self._opened: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Response]:
        """Send a request (``json`` or a ``form`` as its body) and hand over its answer once the headers are there.

        Leaving closes the connection unless the body was read to its end. Raises NetTimeout and NetBroken.
        """
        client = self._client()
        with _translated():
            content = None if form is not None else encoded(json)
            request = client.build_request(method, url, headers=headers, content=content, data=form)
            if self._guard is not None:
                self._guard.check_literal(request.url.host)
            if json is not None:
                request.headers["Content-Type"] = "application/json"
            response = await client.send(request, stream=True)
        try:
            yield Response(response)
        finally:
            await response.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        limit: int = BODY_LIMIT,
    ) -> Answer:
        """Send a request and read the whole answer. Raises any NetError."""
        async with self.stream(method, url, headers=headers, json=json, form=form) as response:
            return Answer(response.status, response.headers, await response.read(limit))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection; the next request would open anew."""
        client, self._opened = self._opened, None
        if client is not None:
            await client.aclose()

    def _client(self) -> httpx.AsyncClient:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> httpx.AsyncClient:
        # httpx's own context: the certificates of certifi, or those that SSL_CERT_FILE names.
        context = httpx.create_ssl_context()
        timeout = httpx.Timeout(None, connect=self._connect_timeout)
        proxy = httpx.Proxy(self._proxy) if self._proxy else None
        transport = AiohttpTransport(
            verify=context, proxy=proxy, client=lambda: _session(context, self._guard)
        )
        headers = {"User-Agent": "Switchboard"}
        none = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        return httpx.AsyncClient(
            transport=transport, timeout=timeout, headers=headers, cookies=none, trust_env=False
        )


def encoded(json: Any) -> bytes | None:
    """The JSON as bytes; half a surrogate pair, which chat platforms let through, becomes a question mark."""
    return None if json is None else dumps(json, ensure_ascii=False).encode("utf-8", "replace")


def _session(context: ssl.SSLContext, guard: Guard | None) -> aiohttp.ClientSession:
    resolver = _Guarded(guard) if guard is not None else None
    connector = aiohttp.TCPConnector(
        ssl=context, limit=0, keepalive_timeout=KEEP_ALIVE, resolver=resolver, use_dns_cache=guard is None
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class _Guarded(AbstractResolver):
    """Names as the system resolves them, each address looked at by the guard."""

    def __init__(self, guard: Guard) -> None:
        self._guard, self._system = guard, aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._system.resolve(host, port, family)
        for each in found:
            self._guard.check(host, each["host"])
        return found

    async def close(self) -> None:
        await self._system.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Both libraries' errors as ours. The transport calls a refusal a timeout, so the cause decides."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        cause = error.__cause__ or error
        kind = NetTimeout if isinstance(cause, TimeoutError) else NetBroken
        raise kind(f"{type(cause).__name__}: {cause}") from error
