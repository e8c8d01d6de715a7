"""Readers that misbehave as a broken file could make one: each runs confined, as the real one does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from bot.knowledge.extraction.confine import confine
from bot.knowledge.extraction.worker import Order


def main() -> None:
    """Do what the file says."""
    order = Order(**json.loads(sys.stdin.buffer.readline()))
    confine(order.memory, order.seconds)
    what = sys.stdin.buffer.read().decode()
    sys.stdout.write(json.dumps({"text": _DOING[what](), "extent": "all"}))


def _memory() -> str:
    try:
        return str(len(bytearray(2_000_000_000)))
    except MemoryError:
        return "MemoryError"


def _loop() -> str:
    while True:
        pass


def _sleep() -> str:
    time.sleep(600)
    return "awake"


def _flood() -> str:
    return "x" * 20_000_000


def _crash() -> str:
    os.abort()


def _temptations() -> str:
    return ", ".join(_tried(what) for what in ("write", "connect", "run", "fork", "environment"))


def _tried(what: str) -> str:
    try:
        match what:
            case "write":
                Path("/tmp/switchboard-test").write_text("x")
            case "connect":
                socket.create_connection(("127.0.0.1", 9))
            case "run":
                subprocess.run(["true"], check=True)
            case "fork":
                os.fork()
            case _:
                return " ".join(name for name in os.environ if name != "LC_CTYPE") or "nothing"
    except PermissionError:
        return f"no {what}"
    return f"{what}!"


_DOING = {
    "memory": _memory,
    "loop": _loop,
    "sleep": _sleep,
    "flood": _flood,
    "crash": _crash,
    "tempt": _temptations,
}
