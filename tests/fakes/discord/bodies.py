"""The body of a call: JSON, or a multipart form with JSON and files in it."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.discord.calls import Upload
from tests.fakes.discord.refusals import Plain, Refusal

REQUEST = 25 << 20  # bytes
_PART = re.compile(r"files\[(\d+)\]")


async def read(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    """What was sent. Raises a Refusal of what cannot be read, or is too big."""
    if (request.content_length or 0) > REQUEST:
        raise Refusal(40005)
    if request.content_type == "multipart/form-data":
        return await _parts(request)
    text = await request.text()
    if not text:
        return {}, {}
    if request.content_type != "application/json":
        raise Plain(400)
    return _json(text), {}


async def _parts(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    body: Any = {}
    uploads: dict[int, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Plain(400)
        name = part.name or ""
        if name == "payload_json":
            body = _json(await part.text())
        elif (found := _PART.fullmatch(name)) and part.filename:
            data = bytes(await part.read())
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[int(found[1])] = Upload(part.filename, data, kind)
            if sum(len(upload.data) for upload in uploads.values()) > REQUEST:
                raise Refusal(40005)
        else:
            raise Plain(400)
    return body, uploads


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(50109) from None
