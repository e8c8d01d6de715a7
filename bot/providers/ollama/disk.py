"""How much room the disk has that models are kept on; known only where Ollama runs on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

KEPT_FREE = 1_000_000_000  # bytes that stay free: databases and logs may be on the same disk


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class Disk:
    """``models`` is OLLAMA_MODELS, None for Ollama's usual places. ``free`` says how many bytes a folder's disk has."""

    def __init__(self, models: Path | None = None, free: Callable[[Path], int] = _free) -> None:
        self._models, self._free = models, free

    def free(self, base_url: str) -> int | None:
        """Bytes that are free for the server at an address; None where that is not known."""
        folder = next((each for each in self._folders() if each.is_dir()), None)
        if folder is None or not _is_here(base_url):
            return None
        try:
            return self._free(folder)
        except OSError:
            return None

    def _folders(self) -> tuple[Path, ...]:
        if self._models is not None:
            return (self._models,)
        home = Path("~/.ollama").expanduser()
        return (home / "models", Path("/usr/share/ollama/.ollama/models"), home)


def _is_here(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
