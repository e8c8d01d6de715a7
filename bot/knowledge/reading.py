"""Documents become text: each is handed to a confined process of its own, a few at a time."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from dataclasses import asdict, dataclass

from bot.core.errors import BadInput, SwitchboardError
from bot.core.helpers import NoHelper, Said, asked
from bot.knowledge.extraction.gathering import Extract
from bot.knowledge.extraction.worker import Order

log = logging.getLogger(__name__)

_WORKER = "bot.knowledge.extraction.worker"
_PER_CHARACTER = 12  # bytes of JSON that one may take: two halves of six
_TOO_LONG = "takes too long to read; a shorter one, or the part that matters, may do."
_FAILED = "cannot be read; it may be broken or too large. Save it again, or as PDF."


class CannotRead(SwitchboardError):
    """No process could be started just now."""

    say = "There is no room to read files just now. **Retry** tries again."


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: characters, bytes of memory, seconds on a CPU, seconds in all."""

    chars: int = 1_000_000
    memory: int = 512_000_000
    seconds: int = 10
    patience: float = 20.0


class Reader:
    """Reads documents, ``at_once`` of them at a time. ``worker`` is a module with a ``main`` as the worker's is."""

    def __init__(self, limits: Limits | None = None, *, at_once: int = 2, worker: str = _WORKER) -> None:
        self._limits, self._worker = limits or Limits(), worker
        self._turns = asyncio.Semaphore(at_once)

    async def read(self, name: str, media_type: str, data: bytes) -> Extract:
        """The text of a file. Raises BadInput with a sentence that names it, and CannotRead."""
        limits = self._limits
        order = Order(media_type, limits.chars, limits.memory, limits.seconds)
        most = (limits.chars + 1_000) * _PER_CHARACTER
        given = json.dumps(asdict(order)).encode() + b"\n" + data
        try:
            async with self._turns:
                said = await asked(self._worker, given, most=most, patience=limits.patience)
        except NoHelper as error:
            raise CannotRead(f"no process to read with: {error}") from error
        except TimeoutError:
            raise _refused(name, _TOO_LONG) from None
        return _understood(name, said)


def _understood(name: str, said: Said) -> Extract:
    if said.code == -signal.SIGXCPU:
        raise _refused(name, _TOO_LONG)
    try:
        answer = json.loads(said.data)
    except ValueError:
        log.warning("a file's reader ended with %s and no answer", said.code)
        raise _refused(name, _FAILED) from None
    match answer:
        case {"text": str(text), "extent": str(extent)}:
            return Extract(text, extent)
        case {"refused": str(why)}:
            raise _refused(name, why)
        case _:
            raise _refused(name, _FAILED)


def _refused(name: str, why: str) -> BadInput:
    return BadInput("a document was refused", say=f"“{name}” {why}")
