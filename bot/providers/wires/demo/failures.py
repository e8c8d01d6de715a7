"""Every kind of failure on request: "fail rate", "cut after 20 words", "hang in the middle"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    ContentFiltered,
    ContextOverflow,
    Cut,
    ModelMissing,
    NetworkFailed,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    TimedOut,
)

HANG = "hang"
MIDDLE = 20  # words of answer before a failure in the middle, where no number is given

_KINDS = MappingProxyType(
    {
        "rate": RateLimited,
        "quota": QuotaExhausted,
        "overloaded": Overloaded,
        "server": ServerFailed,
        "network": NetworkFailed,
        "timeout": TimedOut,
        "auth": AuthenticationFailed,
        "model": ModelMissing,
        "context": ContextOverflow,
        "content": ContentFiltered,
        "request": BadRequest,
        "cut": Cut,
    }
)
KINDS = (*_KINDS, HANG)
_WAITS = MappingProxyType({"rate": 30.0})

_KIND = "|".join(KINDS)
_ORDER = re.compile(
    rf"""(?:[^\n:]{{1,60}}:\s+)?             # who says it, in a thread of several
    (?:please\s+)?
    (?:fail(?:\s+with)?(?:\s+an?)?\s+(?P<kind>{_KIND})|(?P<short>{HANG}|cut))
    (?P<middle>\s+in\s+the\s+middle)?
    (?:\s+after\s+(?P<words>\d{{1,5}})(?:\s+words?)?)?
    (?:\s+on\s+(?:demo/)?(?P<model>[\w-]+))?
    [\s.!]*""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that was asked for. ``after`` is how many words of the answer come first."""

    kind: str
    after: int = 0

    def error(self, model: str) -> ProviderError:
        """The error this failure ends in. Not for a hang, which has no end of its own."""
        return _KINDS[self.kind](
            "ordered by the person", provider="demo", model=model, wait=_WAITS.get(self.kind)
        )


def ordered(text: str, model: str) -> Failure | None:
    """The failure that the text asks of this model, or None."""
    found = _ORDER.fullmatch(text.strip())
    if found is None or (found["model"] and found["model"].lower() != model):
        return None
    kind = (found["kind"] or found["short"]).lower()
    in_middle = kind == "cut" or found["middle"]
    after = int(found["words"]) if found["words"] else MIDDLE if in_middle else 0
    return Failure(kind, after)
