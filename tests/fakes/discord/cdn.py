"""Where files are fetched: signed addresses, until they end."""

from __future__ import annotations

from aiohttp import web

from tests.fakes.discord.world import World


class Cdn:
    """``fetched`` are the ids of the files that were, in turn."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.fetched: list[str] = []
        self.away = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        file = self._world.files.get(request.match_info["file"])
        if self.away:
            return web.Response(status=503, text="upstream connect error")
        if file is None or file.channel != request.match_info["channel"]:
            return self._no(404, "Not Found")
        query = request.query
        try:
            whole = self._world.signed.holds(
                file.id, query.get("ex", "0"), query.get("is", ""), query.get("hm", "")
            )
        except ValueError:
            whole = False
        if not whole:
            return self._no(404, "This content is no longer available.")
        self.fetched.append(file.id)
        return web.Response(body=file.data, headers={"Content-Type": file.content_type})

    def _no(self, status: int, words: str) -> web.Response:
        self._world.book.add("cdn", str(status), words)
        return web.Response(status=status, text=words)
