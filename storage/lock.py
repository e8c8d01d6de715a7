"""One serving process per data folder, and one migrating process per database file."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.errors import FolderInUse, StorageDown
from storage.rows import now

_NAME = "switchboard.lock"
_LOOK = 0.05  # seconds between two tries
_PATIENCE = 60.0  # seconds until somebody else's migration is taken to hang


class FolderLock:
    """A lock on a data folder, held from entering until leaving, or until the process dies however it dies."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Raises FolderInUse, whose ``say`` names the process that holds it."""
        descriptor = _open(self._file)
        if not _lock(descriptor):
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise FolderInUse(say=_say(self._file.parent, holder))
        os.truncate(descriptor, 0)
        os.pwrite(
            descriptor,
            f"process {os.getpid()} on {socket.gethostname()} since {now():%Y-%m-%d %H:%M} UTC\n".encode(),
            0,
        )
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@asynccontextmanager
async def alone(file: Path, patience: float = _PATIENCE) -> AsyncIterator[None]:
    """Hold a lock on a file, made where it is missing. Waits ``patience`` seconds, then raises StorageDown."""
    descriptor = _open(file)
    try:
        deadline = asyncio.get_running_loop().time() + patience
        while not _lock(descriptor):
            if asyncio.get_running_loop().time() > deadline:
                raise StorageDown(
                    f"{file} is locked", say="Another process has been migrating the database for a minute."
                )
            await asyncio.sleep(_LOOK)
        yield
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder that is this user's alone, where it is missing. Raises StorageDown."""
    with _faults(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _open(file: Path) -> int:
    make_folder(file.parent)
    with _faults(file):
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        say = f"Cannot write {path} ({error.strerror}); SWITCHBOARD_DATA says where the data goes."
        raise StorageDown(str(error), say=say) from error


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _say(folder: Path, holder: str) -> str:
    return (
        f"Switchboard is running already on the data in {folder} ({holder or 'another process'}). "
        "Stop that one first, or give this one a folder of its own with SWITCHBOARD_DATA."
    )
