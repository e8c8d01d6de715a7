"""Pictures in messages: uploaded first, then named by a block of the message itself, which carries our key as ever.

Slack's own way of posting a file makes a message without metadata, which could not be found again after a lost answer.
What was uploaded for a message that did not come about is seen by nobody.
"""

from __future__ import annotations

import asyncio
import logging

from bot.adapters.slack.outgoing.calls import call, read
from bot.adapters.slack.outgoing.files import is_slacks
from bot.adapters.slack.outgoing.render import JSON, clipped
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import CONNECTION_ERRORS, FILE_TIMEOUT, Workspace
from bot.core.errors import PlatformBusy, PlatformDown, PlatformError
from bot.core.view import Picture

log = logging.getLogger(__name__)

_ALT = 1_000  # characters
_TRIES, _PAUSE, _LONGEST = 2, 0.5, 5.0  # seconds
# Slack takes a moment to look at a file; a block that names it before that is refused.
_LOOKS = (0.0, 0.2, 0.4, 0.8, 1.6, 3.0)  # seconds between two looks


class Pictures:
    """Uploads. Never raises: where a picture cannot be shown the words go without it, which is in the log."""

    def __init__(self, settings: SlackSettings) -> None:
        self._api = settings.api_url

    async def block(self, workspace: Workspace, picture: Picture | None) -> JSON | None:
        """The block that shows a picture, None where there is none or it cannot be uploaded."""
        if picture is None:
            return None
        alt = clipped(picture.alt, _ALT)
        for left in reversed(range(_TRIES)):
            try:
                file_id = await self._uploaded(workspace, picture, alt)
            except PlatformError as error:
                passing = isinstance(error, PlatformDown | PlatformBusy)
                wait = error.wait if isinstance(error, PlatformBusy) else _PAUSE
                if not (left and passing and wait <= _LONGEST):
                    log.warning("a picture was left out at %s: %s", workspace.team, error)
                    return None
                await asyncio.sleep(wait)
            else:
                return {
                    "type": "image",
                    "block_id": "picture",
                    "slack_file": {"id": file_id},
                    "alt_text": alt,
                }
        return None

    async def _uploaded(self, workspace: Workspace, picture: Picture, alt: str) -> str:
        """The id of the file once Slack knows what it is. Raises PlatformError."""
        given = {"filename": picture.name, "length": len(picture.png), "alt_txt": alt}
        ticket = await read(workspace, "files.getUploadURLExternal", given)
        await self._sent(workspace, str(ticket["upload_url"]), picture.png)
        file_id = str(ticket["file_id"])
        await call(
            workspace, "files.completeUploadExternal", {"files": [{"id": file_id, "title": picture.name}]}
        )
        for pause in _LOOKS:
            await asyncio.sleep(pause)
            known = (await read(workspace, "files.info", {"file": file_id})).get("file") or {}
            if known.get("mimetype"):
                return file_id
        raise PlatformDown("Slack does not know yet what an uploaded file is")

    async def _sent(self, workspace: Workspace, url: str, data: bytes) -> None:
        """The bytes, to the address that takes them; our token stays here."""
        session = workspace.client.session
        if session is None or not is_slacks(url, self._api):
            raise PlatformDown("nowhere to upload to")
        try:
            async with session.post(url, data=data, timeout=FILE_TIMEOUT) as answer:
                if answer.status != 200:
                    raise PlatformDown(f"an upload was answered with {answer.status}")
        except CONNECTION_ERRORS as error:
            raise PlatformDown(f"{type(error).__name__} while a picture was uploaded") from error
