"""Files that people put into a message, fetched from Slack with our token, which goes nowhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from bot.adapters.slack.outgoing.calls import SlackRefusal, read
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import CONNECTION_ERRORS, FILE_TIMEOUT, Workspace
from bot.core.errors import BadInput, PlaceGone, PlatformBusy, PlatformDown
from bot.core.message import Promised
from bot.knowledge.files import MOST_BYTES

_HOPS, _PIECE = 3, 65_536
_SLACK = ("slack.com", "slack-files.com")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What stands at an address; ``location`` is where it sends us instead."""

    status: int
    media_type: str
    location: str
    data: bytes


async def fetch(workspace: Workspace, settings: SlackSettings, file: Promised) -> bytes:
    """The bytes. Raises BadInput with a sentence that names the file, PlatformDown where trying again may help."""
    if file.size > MOST_BYTES:
        raise _too_large(file.name)
    name, html, url = file.name, file.media_type.startswith("text/html"), _ref(file).get("url")
    if not url:
        # A file from another company: of that Slack tells an id only.
        told = await _asked(workspace, str(_ref(file).get("id") or ""), name)
        name, html = str(told.get("name") or name), str(told.get("mimetype", "")).startswith("text/html")
        url = told.get("url_private_download") or told.get("url_private")
    answer = await _loaded(workspace, settings, str(url or ""), name)
    if answer.media_type == "text/html" and not html:
        raise BadInput(
            "a sign-in page came instead",
            say=f"Slack does not let Switchboard read “{name}”; an admin can check the files:read permission.",
        )
    if len(answer.data) > MOST_BYTES:
        raise _too_large(name)
    return answer.data


async def _asked(workspace: Workspace, file_id: str, name: str) -> dict[str, Any]:
    """What Slack knows of a file."""
    try:
        found = (await read(workspace, "files.info", {"file": file_id})).get("file")
    except PlatformBusy as busy:
        raise PlatformDown(str(busy)) from busy
    except (PlaceGone, SlackRefusal) as refusal:
        raise _gone(name, str(refusal)) from refusal
    return found if isinstance(found, dict) else {}


async def _loaded(workspace: Workspace, settings: SlackSettings, url: str, name: str) -> _Answer:
    """Follow the address and its redirects, as long as they stay with Slack."""
    for _ in range(_HOPS):
        if not is_slacks(url, settings.api_url):
            raise _gone(name, f"an address elsewhere: {urlsplit(url).hostname}")
        answer = await _got(workspace, url)
        if not answer.location:
            break
        url = urljoin(url, answer.location)
    if answer.status >= 500 or answer.status == 429:
        raise PlatformDown(f"a file was answered with {answer.status}")
    if answer.status != 200:
        raise _gone(name, f"a file was answered with {answer.status}")
    return answer


async def _got(workspace: Workspace, url: str) -> _Answer:
    """One request with our token; at most a byte more is read than is allowed."""
    session = workspace.client.session
    if session is None:
        raise PlatformDown("the session is closed")
    bearer = {"Authorization": f"Bearer {workspace.client.token}"}
    try:
        async with session.get(url, headers=bearer, allow_redirects=False, timeout=FILE_TIMEOUT) as answer:
            moved = answer.headers.get("Location", "") if 300 <= answer.status < 400 else ""
            data = bytearray()
            async for piece in answer.content.iter_chunked(_PIECE):
                data += piece
                if len(data) > MOST_BYTES:
                    break
            return _Answer(answer.status, answer.content_type, moved, bytes(data[: MOST_BYTES + 1]))
    except CONNECTION_ERRORS as error:
        raise PlatformDown(f"{type(error).__name__} while a file was fetched") from error


def is_slacks(url: str, api_url: str) -> bool:
    """Whether our token may be shown there: Slack over TLS, or where the API itself is."""
    there, api = urlsplit(url), urlsplit(api_url)
    if (there.scheme, there.netloc) == (api.scheme, api.netloc):
        return True
    host = there.hostname or ""
    return there.scheme == "https" and any(host == ours or host.endswith(f".{ours}") for ours in _SLACK)


def _ref(file: Promised) -> dict[str, Any]:
    try:
        ref = json.loads(file.ref)
    except ValueError:
        return {}
    return ref if isinstance(ref, dict) else {}


def _too_large(name: str) -> BadInput:
    say = f"“{name}” is larger than the {MOST_BYTES // 1_000_000} MB that Switchboard can read."
    return BadInput("a file is too large", say=say)


def _gone(name: str, detail: str) -> BadInput:
    return BadInput(detail, say=f"“{name}” could not be fetched from Slack; it may have been deleted.")
