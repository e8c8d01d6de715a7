"""Rules on models as they are changed, at one level; in chat and on the site alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.calls.access import ALLOWED, DENIED, EXEMPT, KEYS, LOCAL_ONLY
from bot.core.errors import BadInput
from storage.settings import Settings

_MOST = 100  # patterns at one level
_KEPT = (ALLOWED, DENIED, LOCAL_ONLY)


@dataclass(frozen=True, slots=True)
class Ruling:
    """Changes what stands at ``scope``, in the name of the person ``by``, who was found to be allowed to."""

    settings: Settings
    scope: str
    by: int

    async def allow(self, *patterns: str) -> None:
        """Only what is allowed may be used from then on. Raises BadInput where there are too many."""
        await self._move(patterns, DENIED, ALLOWED)

    async def deny(self, *patterns: str) -> None:
        """What is denied may not be used. Raises BadInput where there are too many."""
        await self._move(patterns, ALLOWED, DENIED)

    async def lift(self, pattern: str) -> None:
        """Say nothing of a pattern any more; where it was the last one that is allowed, everything is."""
        for key in (ALLOWED, DENIED):
            await self._put(key, _without(await self.values(key), pattern))

    async def keep_local(self, wanted: bool) -> None:
        """Whether only models on machines of one's own may be used."""
        if wanted:
            await self.settings.set(self.scope, LOCAL_ONLY, True, self.by)
        else:
            await self.settings.clear(self.scope, LOCAL_ONLY, self.by)

    async def exempt(self, one: int | str) -> None:
        """Let the level's rules not hold for a person, or for ADMINS. Raises BadInput where there are no rules."""
        if not await self.settings.get_table([self.scope], _KEPT):
            say = "There is no rule yet that somebody could be exempt from; make it first."
            raise BadInput("exempt without a rule", say=say)
        await self._put(EXEMPT, [*_without(await self.values(EXEMPT), one), one])

    async def bind(self, one: int | str) -> None:
        """Let them hold for somebody again."""
        await self._put(EXEMPT, _without(await self.values(EXEMPT), one))

    async def exempt_nobody(self) -> None:
        """Let them hold for everybody."""
        await self._put(EXEMPT, [])

    async def reset(self) -> None:
        """Take everything back that stands there."""
        for key in KEYS:
            await self.settings.clear(self.scope, key, self.by)

    async def values(self, key: str) -> list[object]:
        """The list that stands there."""
        found = await self.settings.get_many([self.scope], key)
        value = found[self.scope].value if self.scope in found else []
        return list(value) if isinstance(value, list) else [value]

    async def _move(self, patterns: Sequence[str], source: str, target: str) -> None:
        """Let patterns stand in one list, and no longer in the other; nothing is changed where they are too many."""
        wanted = [*_without(await self.values(target), *patterns), *dict.fromkeys(patterns)]
        _check(target, wanted)
        await self._put(source, _without(await self.values(source), *patterns))
        await self._put(target, wanted)

    async def _put(self, key: str, values: list[object]) -> None:
        """Let this list stand there; an empty one is none."""
        _check(key, values)
        if values == await self.values(key):
            return
        if values:
            await self.settings.set(self.scope, key, values, self.by)
        else:
            await self.settings.clear(self.scope, key, self.by)


def _check(key: str, values: list[object]) -> None:
    if len(values) > _MOST:
        say = f"One level takes {_MOST} of these; use a pattern with `*`."
        raise BadInput(f"{len(values)} in {key}", say=say)


def _without(values: list[object], *ones: object) -> list[object]:
    return [value for value in values if value not in ones]
