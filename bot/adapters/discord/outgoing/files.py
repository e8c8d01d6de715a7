"""Files that people put into a message, fetched from where Discord keeps them. Our token does not go there."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from bot.adapters.discord.bots import CONNECTION_ERRORS, FILE_TIMEOUT, Bot
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call
from bot.adapters.discord.pace import READING
from bot.adapters.discord.settings import DiscordSettings
from bot.core.errors import BadInput, PlatformBusy, PlatformDown
from bot.core.message import Promised
from bot.knowledge.files import MOST_BYTES, refuse_size

_PIECE = 65_536
_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_EXPIRED = frozenset({401, 403, 404, 410})


def ref(channel: str, message: str, attachment: str, url: str) -> str:
    """What is kept of a file, to find it again when its address has expired. ``message`` is "" where none has it."""
    return json.dumps({"channel": channel, "message": message, "attachment": attachment, "url": url})


async def fetch(bot: Bot, settings: DiscordSettings, file: Promised) -> bytes:
    """The bytes. Raises BadInput with a sentence that names the file, PlatformDown where trying again may help."""
    refuse_size(file.name, file.size)
    known = _known(file)
    status, data = await _got(bot, settings, known.get("url", ""), file.name)
    if status in _EXPIRED:
        url = await _read_again(bot, known, file.name)
        status, data = await _got(bot, settings, url, file.name)
    if status >= 500 or status == 429:
        raise PlatformDown(f"a file was answered with {status}")
    if status != 200:
        raise _gone(file.name, f"a file was answered with {status}")
    refuse_size(file.name, len(data))
    return data


async def _read_again(bot: Bot, known: dict[str, str], name: str) -> str:
    """The file's address of now, which stands in its message."""
    if not known.get("message"):
        raise _gone(name, "the address of a file without a message has expired")
    path = f"/channels/{known.get('channel', '')}/messages/{known['message']}"
    try:
        message = (await call(bot, "GET", path, what="get message", budget="", spare=READING)).body
    except PlatformBusy as busy:
        raise PlatformDown(str(busy)) from busy
    except DiscordRefusal as refusal:
        raise _gone(name, str(refusal)) from refusal
    urls = {str(one.get("id")): str(one.get("url", "")) for one in message.get("attachments", ())}
    if known.get("attachment") not in urls:
        raise _gone(name, "the message has no such file any more")
    return urls[known["attachment"]]


async def _got(bot: Bot, settings: DiscordSettings, url: str, name: str) -> tuple[int, bytes]:
    """One request; at most a byte more is read than is allowed. Redirects lead nowhere."""
    if not _is_discords(url, settings.cdn_url):
        raise _gone(name, f"an address elsewhere: {urlsplit(url).hostname}")
    try:
        async with bot.session.get(url, allow_redirects=False, timeout=FILE_TIMEOUT) as answer:
            data = bytearray()
            async for piece in answer.content.iter_chunked(_PIECE):
                data += piece
                if len(data) > MOST_BYTES:
                    break
            return answer.status, bytes(data)
    except CONNECTION_ERRORS as error:
        raise PlatformDown(f"{type(error).__name__} while a file was fetched") from error


def _is_discords(url: str, cdn_url: str) -> bool:
    """Whether files are fetched from there: Discord's own over TLS, or where the settings say they are."""
    there, ours = urlsplit(url), urlsplit(cdn_url)
    if ours.netloc and (there.scheme, there.netloc) == (ours.scheme, ours.netloc):
        return True
    return there.scheme == "https" and there.hostname in _HOSTS and there.port in (None, 443)


def _known(file: Promised) -> dict[str, str]:
    try:
        known: Any = json.loads(file.ref)
    except ValueError:
        return {}
    return {name: str(value) for name, value in known.items()} if isinstance(known, dict) else {}


def _gone(name: str, detail: str) -> BadInput:
    return BadInput(detail, say=f"“{name}” could not be fetched from Discord; it may have been deleted.")
