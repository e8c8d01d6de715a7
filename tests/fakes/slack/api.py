"""The Web API's door: tokens, scopes, arguments, limits and orders, then the handler."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping

from aiohttp import web

from tests.fakes.orders import Fault, Order, Orders
from tests.fakes.slack import agents, auth, chat, conversations, files, streams, views
from tests.fakes.slack.arguments import arguments_of
from tests.fakes.slack.calls import Call
from tests.fakes.slack.events import Events
from tests.fakes.slack.limits import Meters
from tests.fakes.slack.methods import Method
from tests.fakes.slack.reference import METHODS
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.workspace import App, Installation
from tests.fakes.slack.world import World

HANDLERS: Mapping[str, Callable[[Call], JSON]] = {
    "auth.test": auth.test,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.startStream": streams.start,
    "chat.appendStream": streams.append,
    "chat.stopStream": streams.stop,
    "assistant.threads.setStatus": agents.set_status,
    "assistant.threads.setSuggestedPrompts": agents.set_suggested_prompts,
    "agents.sessions.setStatus": agents.set_session_status,
    "agents.sessions.rename": agents.rename_session,
    "conversations.replies": conversations.replies,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.open": conversations.open_,
    "users.info": conversations.user_info,
    "reactions.add": conversations.react,
    "reactions.remove": conversations.unreact,
    "files.getUploadURLExternal": files.get_upload_url,
    "files.completeUploadExternal": files.complete_upload,
    "files.info": files.info,
    "views.open": views.open_,
    "views.push": views.push,
    "views.update": views.update,
    "views.publish": views.publish,
}
_DOWN = {Fault.DOWN: 500, Fault.AWAY: 503}


class Api:
    """``calls`` are all that were applied, in turn: the moment, the method, its arguments."""

    def __init__(self, world: World, events: Events, orders: Orders, sockets: Sockets) -> None:
        self._world, self._events, self._orders, self._sockets = world, events, orders, sockets
        self.meters = Meters()
        self.calls: list[tuple[float, str, JSON]] = []
        self.round_trip = 0.0  # seconds a call takes on its way, half of them before it is applied

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call, refusals and ordered faults included."""
        await asyncio.sleep(self.round_trip / 2)
        answer = await self._answer(request)
        await asyncio.sleep(self.round_trip / 2)
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        method = METHODS.get(name)
        scopes: frozenset[str] = frozenset()
        order: Order | None = None
        try:
            if method is None:
                raise Refusal("unknown_method", req_method=name)
            by = auth.caller(self._world, request, method)
            scopes = by.app_scopes if isinstance(by, App) else by.scopes
            args = await arguments_of(request, method)
            self._check_custom(method, args, scopes)
            order = self._orders.next(name, str(args.get("channel", args.get("channel_id", ""))))
            if order is not None and (failed := self._failed(request, name, order)):
                return failed
            self._meter(method, by, args)
            body = {"ok": True, **self._applied(method, by, args)}
        except Refusal as refused:
            self._note(method, name, refused)
            return _refusal(refused, scopes)
        except ConnectionResetError:
            # Whoever called was gone before it had said everything: nothing arrived, and nobody reads this.
            return web.Response(status=400)
        except Exception as broken:
            # An error of the fake's own is seen by the test too, not only by the client.
            self._world.book.add(name, "the fake is broken", repr(broken))
            raise
        self.calls.append((self._world.clock.now(), name, args))
        if order is not None:
            await self._swallow(request, order)
        return web.json_response(body, headers=_scopes(scopes))

    def _check_custom(self, method: Method, args: JSON, scopes: frozenset[str]) -> None:
        if method.customizes & set(args) and "chat:write.customize" not in scopes:
            raise Refusal("missing_scope", needed="chat:write.customize", provided=",".join(sorted(scopes)))

    def _failed(self, request: web.Request, name: str, order: Order) -> web.StreamResponse | None:
        """The answer to a call that an order stops before anything is applied."""
        if order.fault in (Fault.LOST, Fault.SLOW):
            return None
        self._world.book.add(name, order.error or order.fault.name, ordered=True)
        match order.fault:
            case Fault.BUSY:
                return _refusal(Refusal("ratelimited", wait=order.wait), frozenset())
            case Fault.REFUSED:
                return _refusal(Refusal(order.error), frozenset())
            case Fault.CUT:
                return _cut(request)
            case _:
                return web.Response(status=_DOWN[order.fault], text="<html>upstream error</html>")

    def _meter(self, method: Method, by: App | Installation, args: JSON) -> None:
        app, team = (by.id, "") if isinstance(by, App) else (by.app.id, by.team.id)
        channel = str(args.get("channel", args.get("channel_id", "")))
        now = self._world.clock.now()
        if (wait := self.meters.spend(method.tier, (method.name, app, team), channel, now)) > 0:
            raise Refusal("ratelimited", wait=wait)

    def _applied(self, method: Method, by: App | Installation, args: JSON) -> JSON:
        if method.name == "apps.connections.open" and isinstance(by, App):
            link = self._world.url.replace("http", "ws", 1)
            return {"url": f"{link}/link/?ticket={self._sockets.ticket(by)}&app_id={by.id}"}
        if isinstance(by, App):
            return auth.app_test(by)
        return HANDLERS[method.name](Call(self._world, self._events, by, args))

    def _note(self, method: Method | None, name: str, refused: Refusal) -> None:
        if method is not None and refused.error not in method.errors:
            raise AssertionError(f"the reference has no error {refused.error} for {name}")
        detail = "; ".join(refused.messages)
        self._world.book.add(name, refused.error, detail)

    async def _swallow(self, request: web.Request, order: Order) -> None:
        """What was applied is not answered, or late."""
        self._world.book.add(order.method or "any", order.fault.name, ordered=True)
        if order.fault is Fault.LOST:
            _cut(request)
        else:
            await self._world.until(lambda: order.withdrawn, seconds=60)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refusal(refused: Refusal, scopes: frozenset[str]) -> web.StreamResponse:
    headers = _scopes(scopes)
    if refused.error == "ratelimited":
        headers["Retry-After"] = str(math.ceil(refused.wait or 1.0))
        return web.json_response(refused.body, status=429, headers=headers)
    return web.json_response(refused.body, headers=headers)


def _scopes(scopes: frozenset[str]) -> dict[str, str]:
    return {"x-oauth-scopes": ",".join(sorted(scopes))} if scopes else {}
