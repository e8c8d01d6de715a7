"""A process gives away what it does not need for reading one file: memory, time, files, the network, children."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress

_FILES = 32  # open at once: its three streams, and the module that is being imported
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")


def confine(memory: int, seconds: int) -> None:
    """Limit this process for good: ``memory`` in bytes, ``seconds`` on a CPU. A platform keeps what it has of it."""
    _limit(resource.RLIMIT_AS, memory)
    # At the first a signal that tells why; what ignores it has a second more.
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    _limit(resource.RLIMIT_CORE, 0)
    if hasattr(resource, "RLIMIT_NPROC"):
        _limit(resource.RLIMIT_NPROC, 0)
    sys.addaudithook(_refuse)


def _limit(kind: int, most: int, hard: int | None = None) -> None:
    # macOS knows some limits and refuses to set them.
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, most if hard is None else hard))


def _refuse(event: str, args: tuple[object, ...]) -> None:
    """Nothing that reads a document has business there."""
    if event.startswith(_REFUSED) or (event == "open" and _writes(args)):
        raise PermissionError(event)


def _writes(args: tuple[object, ...]) -> bool:
    return len(args) > 2 and isinstance(args[2], int) and bool(args[2] & _WRITING)
