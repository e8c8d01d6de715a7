"""Files: uploads in three steps, what is known of a file, and its bytes behind a bearer token."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from tests.fakes.slack.attached import File
from tests.fakes.slack.calls import Call
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.workspace import Channel, Installation
from tests.fakes.slack.world import World

LOGIN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"


def get_upload_url(call: Call) -> JSON:
    file = File(
        call.world.id("F"),
        call.by.team.id,
        call.by.bot.id,
        call.args["filename"],
        call.args["length"],
        call.world.url,
        ticket=secrets.token_hex(8),
        looks=call.world.file_looks,
    )
    call.world.files[file.id] = file
    return {"upload_url": f"{call.world.url}/upload/v1/{file.ticket}", "file_id": file.id}


def complete_upload(call: Call) -> JSON:
    files = [_uploaded(call, item) for item in call.args["files"]]
    named = call.get("channels", "") or call.get("channel_id", "")
    channels = [call.world.visible(call.by, name) for name in named.split(",") if name]
    if len(channels) > 100:
        raise Refusal("channels_limit_exceeded")
    for channel in channels:
        call.may_post(channel)
        _share(call, channel, files)
    return {"files": [{"id": file.id, "title": file.title or file.name} for file in files]}


def info(call: Call) -> JSON:
    file = call.world.files.get(call.args["file"])
    if file is None or not visible(call.world, call.by, file):
        raise Refusal("file_not_found")
    if file.looks:
        file.looks -= 1
        return {
            "file": {**file.json, "mimetype": "", "filetype": ""},
            "comments": [],
            "response_metadata": {},
        }
    return {"file": file.json, "comments": [], "response_metadata": {"next_cursor": ""}}


def visible(world: World, by: Installation, file: File) -> bool:
    """Whether an app's bot may see a file: its own, or one in a channel it is in."""
    channels = by.team.channels
    inside = any(by.bot.id in channels[name].members for name in file.shared_in if name in channels)
    return file.team == by.team.id and (inside or file.owner == by.bot.id)


class FileServer:
    """The addresses beside the Web API that bytes go through."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def take(self, request: web.Request) -> web.StreamResponse:
        """The second step of an upload."""
        ticket = request.match_info["ticket"]
        file = next((one for one in self._world.files.values() if ticket and one.ticket == ticket), None)
        data = await self._body(request)
        if file is None or len(data) != file.length:
            error = "unknown upload ticket" if file is None else f"{len(data)} bytes, not {file.length}"
            self._world.book.add("upload", error)
            return web.Response(status=400, text=error)
        file.data, file.ticket = data, ""
        return web.Response(text=f"OK - {len(data)}")

    async def _body(self, request: web.Request) -> bytes:
        if request.content_type != "multipart/form-data":
            return await request.read()
        parts = (await request.post()).values()
        return b"".join(part.file.read() for part in parts if isinstance(part, web.FileField))

    async def give(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes; without the right token Slack shows its sign-in page, with status 200."""
        file = self._world.files.get(request.match_info["file"].partition("-")[2])
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        by = next((one for one in self._world.installations if one.token == token and not one.revoked), None)
        if file is None or file.data is None:
            return web.Response(status=404)
        if by is None or "files:read" not in by.scopes or not visible(self._world, by, file):
            self._world.book.add("download", "sign-in page", file.name)
            return web.Response(text=LOGIN, content_type="text/html")
        return web.Response(body=file.data, content_type=file.mimetype)


def _uploaded(call: Call, item: Any) -> File:
    if not isinstance(item, dict) or set(item) - {"id", "title", "highlight_type"}:
        raise Refusal("invalid_arguments", "[ERROR] files takes id, title and highlight_type")
    file = call.world.files.get(str(item.get("id")))
    if file is None or file.data is None:
        raise Refusal("file_not_found")
    if file.owner != call.by.bot.id:
        raise Refusal("access_denied")
    file.title = str(item.get("title") or "")
    return file


def _share(call: Call, channel: Channel, files: list[File]) -> None:
    for file in files:
        file.shared_in.add(channel.id)
    message = Message(
        channel.team,
        channel.id,
        call.world.ts(),
        call.by.bot.id,
        call.get("initial_comment", ""),
        bot_id=call.by.bot.bot_id,
        app_id=call.by.app.id,
        thread_ts=call.thread(channel, error="invalid_arguments"),
        subtype="file_share",
        blocks=call.blocks(),
        files=[file.seen for file in files],
    )
    call.world.appear(channel, message)
    call.events.posted(channel, message)
