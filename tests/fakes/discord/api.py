"""The API's door: keys, limits and orders, then the handler; and how an answer looks on the wire."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.fakes.discord import bodies
from tests.fakes.discord.calls import Call
from tests.fakes.discord.events import Events
from tests.fakes.discord.guilds import App
from tests.fakes.discord.limits import Meters
from tests.fakes.discord.refusals import JSON, Limited, Plain, Refusal
from tests.fakes.discord.routes import Route, find
from tests.fakes.discord.world import World
from tests.fakes.orders import Fault, Order, Orders

_DOWN = {Fault.DOWN: 500, Fault.AWAY: 503}
_VIA = {"Via": "1.1 google"}
PREFIX = "/api/v10"


class Api:
    """``calls`` are all that were applied, in turn: the moment, the endpoint's name, ids, body."""

    def __init__(self, world: World, events: Events, orders: Orders) -> None:
        self._world, self._events, self._orders = world, events, orders
        self.meters = Meters()
        self.calls: list[tuple[float, str, Mapping[str, str], JSON]] = []
        self.round_trip = 0.0  # seconds a call takes on its way, half of them before it is applied

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call, refusals and ordered faults included."""
        await asyncio.sleep(self.round_trip / 2)
        answer = await self._answer(request)
        await asyncio.sleep(self.round_trip / 2)
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name, address = f"{request.method} {request.path}", request.remote or ""
        if self.meters.banned(address, self._world.clock.now()):
            self._world.book.add(name, "banned", "more than 10,000 refused calls in ten minutes")
            return web.Response(status=429, text="error code: 1015", content_type="text/plain")
        headers: Mapping[str, str] = {}
        try:
            route, path = find(request.method, request.rel_url.raw_path.removeprefix(PREFIX))
            name = route.name
            by = self._caller(request, route, path)
            body, uploads = await bodies.read(request)
            order = self._orders.next(name, path.get("channel", ""))
            if order is not None and (failed := self._failed(request, name, order)):
                return failed
            headers = self._meter(route, by, path)
            call = Call(self._world, self._events, self.meters, by, path, request.query, body, uploads)
            answer = route.handler(call)
        except Refusal as refused:
            return self._refused(name, address, refused, headers)
        except ConnectionResetError:
            # Whoever called was gone before it had said everything: nothing arrived, and nobody reads this.
            return web.Response(status=400)
        except Exception as broken:
            # An error of the fake's own is seen by the test too, not only by the client.
            self._world.book.add(name, "the fake is broken", repr(broken))
            raise
        self.calls.append((self._world.clock.now(), name, path, body))
        if order is not None:
            await self._swallow(request, order)
        return (
            _json(answer, 200, headers)
            if answer is not None
            else web.Response(status=204, headers={**_VIA, **headers})
        )

    def _caller(self, request: web.Request, route: Route, path: Mapping[str, str]) -> App:
        if route.token:
            asked = self._world.interactions.get(path["token"])
            if asked is None:
                raise Refusal(10062 if "interaction" in path else 50027)
            return asked.app
        app = self._world.apps.get(request.headers.get("Authorization", "").removeprefix("Bot "))
        if app is None or not request.headers["Authorization"].startswith("Bot "):
            raise Plain(401)
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self._world.book.add(route.name, "user agent", "Discord wants DiscordBot ($url, $version)")
        return app

    def _failed(self, request: web.Request, name: str, order: Order) -> web.StreamResponse | None:
        """The answer to a call that an order stops before anything is applied."""
        if order.fault in (Fault.LOST, Fault.SLOW):
            return None
        self._world.book.add(name, order.error or order.fault.name, ordered=True)
        match order.fault:
            case Fault.BUSY:
                limited = Limited(order.wait, order.error or "user", {})
                return _limited(limited)
            case Fault.REFUSED:
                code = int(order.error)
                refused = Plain(code) if code < 1000 else Refusal(code)
                return _json(refused.body, refused.status, {})
            case Fault.CUT:
                return _cut(request)
            case _:
                return web.Response(
                    status=_DOWN[order.fault], text="<html>upstream error</html>", headers=_VIA
                )

    def _meter(self, route: Route, by: App, path: Mapping[str, str]) -> Mapping[str, str]:
        major = path.get("channel") or path.get("guild") or path.get("token") or ""
        bucket, now = route.bucket or route.name, self._world.clock.now()
        return self.meters.spend(by.id, bucket, major, now, free=route.token)

    def _refused(
        self, name: str, address: str, refused: Refusal, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        detail = str(refused) if refused.errors else refused.message
        self._world.book.add(name, refused.name, detail)
        if refused.status in (401, 403, 429):
            self.meters.refused(address, self._world.clock.now())
        if isinstance(refused, Limited):
            return _limited(refused, headers)
        return _json(refused.body, refused.status, headers)

    async def _swallow(self, request: web.Request, order: Order) -> None:
        """What was applied is not answered, or late."""
        self._world.book.add(order.method or "any", order.fault.name, ordered=True)
        if order.fault is Fault.LOST:
            _cut(request)
        else:
            await self._world.until(lambda: order.withdrawn, seconds=60)


def _json(body: Any, status: int, headers: Mapping[str, str]) -> web.Response:
    """The library reads JSON only where the type is exactly this, without a charset."""
    data = json.dumps(body).encode()
    return web.Response(
        body=data, status=status, headers={**_VIA, **headers}, content_type="application/json"
    )


def _limited(refused: Limited, headers: Mapping[str, str] | None = None) -> web.Response:
    more = {"Retry-After": str(math.ceil(refused.wait)), "X-RateLimit-Scope": refused.scope}
    return _json(refused.body, 429, {**(headers or {}), **refused.headers, **more})


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
