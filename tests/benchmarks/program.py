"""The program itself: how long it takes to start, what it holds at rest, how soon it acts on a command."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

_STARTS = 5
_READY = re.compile(r"ready at (http://\S+)/")


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """`switchboard run` on a free port: the process, its address, and the seconds until it said that it is ready."""
    environment = {**os.environ, "PORT": "0", "SWITCHBOARD_DATA": str(folder), "LOG_LEVEL": "warning"}
    begun = time.perf_counter()
    command = [sys.executable, "-m", "bot", "run"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = _READY.search(line)
        assert found, f"unexpected first line: {line!r}"
        try:
            yield process, found[1], time.perf_counter() - begun
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in MB of 2**20 bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, goal)."""
    with tempfile.TemporaryDirectory() as folder:
        first, later, memory = 0.0, [], []
        for number in range(_STARTS + 1):
            with started(Path(folder)) as (process, _, seconds):
                memory.append(resident_mb(process.pid))
            if number:
                later.append(seconds)
            else:
                first = seconds
    return [
        ("first start, with its migration", f"{first:.2f} s", ""),
        ("start to ready (median of 5)", f"{median(later):.2f} s", "1.2 s"),
        ("memory at rest", f"{median(memory):.0f} MB", "110 MB"),
    ]
