"""What a thread had said before it was said to us."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.adapters.slack.incoming.addressed import Heard, heard, key_of, mentions_us
from bot.adapters.slack.incoming.people import People
from bot.adapters.slack.incoming.wording import mentioned, readable
from bot.adapters.slack.workspaces import FAILURES, Workspace
from bot.conversation.engine import Engine
from bot.core.message import Overheard
from bot.core.overheard import newest
from bot.core.place import Place

T = TypeVar("T")

log = logging.getLogger(__name__)

_WAIT = 1.2  # seconds for all of it; Slack wants its ack within three
_PAGE = 200  # messages asked for at once, the oldest first; Slack knows no way to ask for the newest
_MOST = 5_000  # threads remembered
_TALK = frozenset({"", "file_share", "thread_broadcast", "me_message", "bot_message"})


class Thread:
    """Reads threads. ``is_command`` tells lines that are commands to us from what people say."""

    def __init__(self, engine: Engine, people: People, is_command: Callable[[str], bool]) -> None:
        self._engine, self._people, self._is_command = engine, people, is_command
        self._last: OrderedDict[str, str] = OrderedDict()  # by place: the ts of what we received last
        self._passed: OrderedDict[str, None] = (
            OrderedDict()
        )  # places where something was said to others since

    def received(self, place: Place, said: Heard) -> None:
        """From here on it is new."""
        self._passed.pop(str(place), None)
        _put(self._last, str(place), max(said.ts, self._last.get(str(place), "")))

    def passed(self, place: Place) -> None:
        """Something was said that was not for us."""
        _put(self._passed, str(place), None)

    def has_passed(self, place: Place) -> bool:
        """Whether something was said to others since what we received last, for all that this process knows."""
        return str(place) in self._passed

    async def before(self, workspace: Workspace, said: Heard, place: Place) -> tuple[Overheard, ...]:
        """The lines since what we received last, as far as Slack gives them in time. Raises StorageDown."""
        try:
            async with asyncio.timeout(_WAIT):
                messages = await self._read(workspace, said, self._last.get(str(place), ""))
                lines = await self._new(workspace, said, place, messages)
                names = await self._people.names(workspace, _people_in(lines), _WAIT)
        except FAILURES as error:
            log.info("what was said before at %s is not known: %s", place, error)
            return ()
        return newest([_line(workspace, one, names) for one in lines])

    async def _read(self, workspace: Workspace, said: Heard, since: str) -> list[Mapping[str, Any]]:
        """The thread's messages up to this one; of a thread that is too long, what fits the time."""
        found: list[Mapping[str, Any]] = []
        cursor = ""
        while True:
            answer = await workspace.client.conversations_replies(
                channel=said.channel,
                ts=said.thread,
                latest=said.ts,
                limit=_PAGE,
                oldest=since or None,
                cursor=cursor or None,
            )
            found += [one for one in answer.get("messages") or () if isinstance(one, Mapping)]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return found

    async def _new(
        self, workspace: Workspace, said: Heard, place: Place, messages: list[Mapping[str, Any]]
    ) -> list[_Told]:
        """Those that came after what we received last, without what was for us or by us."""
        since = self._last.get(str(place), "")
        tss = [str(one.get("ts")) for one in messages]
        known = await self._engine.known(place, [key_of(said.channel, ts) for ts in tss])
        since = max([since, *(ts for ts in tss if key_of(said.channel, ts) in known)])
        told = [_Told(heard({"channel": said.channel}, one), one) for one in messages]
        return [one for one in told if since < one.said.ts < said.ts and self._counts(workspace, one.said)]

    def _counts(self, workspace: Workspace, said: Heard) -> bool:
        if said.user == workspace.bot_user or workspace.bot in said.bots or said.subtype not in _TALK:
            return False
        return not mentions_us(workspace, said) and not self._is_command(readable(said.text))


def _put(remembered: OrderedDict[str, T], key: str, value: T) -> None:
    remembered[key] = value
    remembered.move_to_end(key)
    if len(remembered) > _MOST:
        remembered.popitem(last=False)


class _Told:
    """A message of a thread, read and as it came."""

    def __init__(self, said: Heard, message: Mapping[str, Any]) -> None:
        self.said, self.message = said, message


def _people_in(lines: list[_Told]) -> list[str]:
    return [user for one in lines for user in (one.said.user, *mentioned(one.said.text))]


def _line(workspace: Workspace, told: _Told, names: Mapping[str, str]) -> Overheard:
    said, message = told.said, told.message
    files = [f"[file: {file.get('name') or file.get('id')}]" for file in said.files]
    called = names.get(said.user) or message.get("username") or said.user
    return Overheard(str(called), "\n".join([*filter(None, [readable(said.text, names)]), *files]))
