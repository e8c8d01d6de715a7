"""A copy of the source in which bugs are planted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sabotage.bugs import Bug

ROOT = Path(__file__).parents[2]

_PARTS = ("bot", "web", "storage", "tests", "docs", "pyproject.toml", "README.md", "LICENSE", ".env.example")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".hypothesis")


def planted(source: str, bug: Bug) -> str:
    """The source with the bug in it. Raises ValueError where its anchor is not found exactly once."""
    found = source.count(bug.old)
    if found != 1:
        raise ValueError(f"“{bug.name}”: its anchor is found {found} times in {bug.file}")
    return source.replace(bug.old, bug.new)


class Tree:
    """The copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in _PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=_LEFT_OUT)
            elif source.exists():
                shutil.copy2(source, folder / part)

    @contextmanager
    def with_bug(self, bug: Bug) -> Iterator[None]:
        """Plant a bug for as long as the block runs. Raises ValueError, see ``planted``."""
        file = self.folder / bug.file
        source, stat = file.read_text(), file.stat()
        file.write_text(planted(source, bug))
        try:
            yield
        finally:
            file.write_text(source)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # what was compiled before is good again
