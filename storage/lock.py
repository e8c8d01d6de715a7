"""One serving process per data folder."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self


class FolderLock:
    """A lock on a data folder, held from entering until leaving, or until the process dies however it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        """Raises FolderInUse, whose ``say`` names the process that holds it."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
