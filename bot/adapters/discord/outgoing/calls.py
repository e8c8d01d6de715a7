"""One call of Discord's API, and what its answers mean to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.discord.bots import CONNECTION_ERRORS, Bot, Got
from bot.core.errors import PlatformBusy, PlatformDown, PlatformError
from bot.core.surface import Observed
from bot.core.view import Picture

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
OLD_EDITS = 30046
MISSING_ACCESS, NOT_OURS, EMPTY, MISSING_PERMISSIONS = 50001, 50005, 50006, 50013
TOO_LARGE = 40005
SYSTEM_MESSAGE, WRONG_CHANNEL, INVALID_TOKEN, BAD_FORM, ARCHIVED = 50021, 50024, 50027, 50035, 50083
UNREADABLE_REFERENCE, HAS_THREAD, TOO_MANY_THREADS = 160002, 160004, 160006
_WAIT = 30.0  # seconds, where a 429 does not say how long
_BANNED = 60.0  # seconds, where something before Discord says it


class DiscordRefusal(PlatformError):
    """Discord said no for a reason that its caller may know a way around.

    ``code`` is Discord's number for it, 0 where it gave none; ``fields`` are those of a form that were wrong.
    """

    def __init__(self, what: str, status: int, code: int, message: str, fields: frozenset[str]) -> None:
        super().__init__(f"{what} was refused: {status} {code} {message}")
        self.status, self.code, self.fields = status, code, fields


@dataclass(frozen=True, slots=True)
class Answer:
    """A call that was applied: its JSON, and what its headers say of the bucket that it was counted in."""

    body: Any
    limit: int
    remaining: int
    reset_after: float

    def observed(self, budget: str) -> tuple[Observed, ...]:
        """The headers, as what they say of our budget."""
        if self.limit < 1:
            return ()
        return (Observed(budget, self.limit, self.remaining, self.reset_after),)


async def call(
    bot: Bot,
    method: str,
    path: str,
    body: Mapping[str, Any] | Sequence[Any] | None = None,
    *,
    what: str,
    budget: str,
    params: Mapping[str, str] | None = None,
    spare: int = 0,
    picture: Picture | None = None,
) -> Answer:
    """Make one call, once. ``what`` names it in logs, since a path may hold a key of its own.

    ``picture`` is the file that the body names as its attachment 0.
    ``spare``: how many more calls must find room within the limit of all, before this one is made (``Pace``).

    Raises PlatformBusy, which names ``budget`` or that of all calls, PlatformDown, and DiscordRefusal.
    """
    async with bot.pace.turn(spare):
        return await _called(bot, method, path, body, params, what=what, budget=budget, picture=picture)


async def call_exempt(
    bot: Bot, method: str, path: str, body: Mapping[str, Any], *, what: str, picture: Picture | None = None
) -> Answer:
    """One call that answers an interaction: none of these is counted within the limit of all. Raises as ``call``."""
    return await _called(bot, method, path, body, None, what=what, budget="", picture=picture)


async def _called(
    bot: Bot,
    method: str,
    path: str,
    body: Mapping[str, Any] | Sequence[Any] | None,
    params: Mapping[str, str] | None,
    *,
    what: str,
    budget: str,
    picture: Picture | None,
) -> Answer:
    try:
        got = await bot.request(method, path, body, params, picture)
    except CONNECTION_ERRORS as error:
        raise PlatformDown(f"{type(error).__name__} at {what}") from error
    if got.status in range(200, 300) and got.body is not None:
        headers = got.headers
        return Answer(
            got.body,
            int(_number(headers, "X-RateLimit-Limit")),
            int(_number(headers, "X-RateLimit-Remaining")),
            _number(headers, "X-RateLimit-Reset-After"),
        )
    raise _meaning(bot, got, what, budget)


def all_calls(bot: Bot | None) -> str:
    """The budget of all calls of a bot."""
    return f"discord:{bot.user_id if bot else ''}:all"


def _meaning(bot: Bot, got: Got, what: str, budget: str) -> PlatformError:
    body: Mapping[str, Any] = got.body if isinstance(got.body, dict) else {}
    code = body.get("code", 0) if isinstance(body.get("code"), int) else 0
    if got.status == 429 and code != OLD_EDITS:
        return _busy(bot, got, body, what, budget)
    if got.status >= 500 or got.status == 408 or not body:
        return PlatformDown(f"{got.status} at {what}")
    fields = frozenset(body["errors"]) if isinstance(body.get("errors"), dict) else frozenset[str]()
    return DiscordRefusal(what, got.status, code, str(body.get("message", ""))[:200], fields)


def _busy(bot: Bot, got: Got, body: Mapping[str, Any], what: str, budget: str) -> PlatformBusy:
    asked = _number(got.headers, "Retry-After")
    if not body:
        # Not Discord's words: too many refused calls, and something before it takes none at all for a while.
        return PlatformBusy(f"{what}: shut out", wait=asked or _BANNED, budget=all_calls(bot))
    told = body.get("retry_after")
    wait = float(told) if isinstance(told, int | float) else asked or _WAIT
    return PlatformBusy(what, wait=max(0.05, wait), budget=all_calls(bot) if body.get("global") else budget)


def _number(headers: Mapping[str, str], name: str) -> float:
    try:
        return max(0.0, float(headers.get(name, "0")))
    except ValueError:
        return 0.0


def unanswered(busy: PlatformBusy) -> PlatformDown:
    """A refusal by a call that no budget of delivery was asked for; nothing is frozen for it."""
    return PlatformDown(f"{busy} must wait {busy.wait:.1f} s")
