"""One file in, its text out. Runs as a process of its own, confined before it looks at the file, and ends.

In: a line of JSON (``Order``), then the file. Out: JSON, ``{"text", "extent"}`` or ``{"refused"}``, which is what
follows the file's name in a sentence. Only what the kind of file needs is imported.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict, dataclass

from bot.knowledge import kinds
from bot.knowledge.extraction.confine import confine
from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable

_READERS = {
    kinds.TABLE: "tables",
    kinds.PAGE: "markup",
    kinds.PDF: "pdf",
    kinds.WORD: "word",
    kinds.EXCEL: "sheets",
    kinds.SLIDES: "slides",
    kinds.OPEN_TEXT: "opendocument",
    kinds.OPEN_SHEET: "opendocument",
    kinds.OPEN_SLIDES: "opendocument",
}
_TOO_MUCH = "needs more memory to be read than it may have."
_BROKEN = "cannot be read; it may be broken. Save it again, or as PDF."


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: ``chars`` of text at most; ``memory`` in bytes; ``seconds`` on a CPU, of which a quarter is spare.

    A reader stops by itself at three quarters, so that what it has by then is not lost.
    """

    media_type: str
    chars: int
    memory: int
    seconds: int


def read(order: Order, data: bytes) -> Extract:
    """The text of a document. Raises Unreadable, and whatever a broken file makes of its reader."""
    reader = importlib.import_module(f"bot.knowledge.extraction.{_READERS[order.media_type]}")
    found = reader.read(data, Gathering(order.chars, order.seconds * 0.75))
    assert isinstance(found, Extract)
    return found


def answer(order: Order, data: bytes) -> dict[str, str]:
    """As ``read``, in the form that is sent back; whatever happens is answered."""
    try:
        return asdict(read(order, data))
    except Unreadable as why:
        return {"refused": str(why)}
    except MemoryError:
        return {"refused": _TOO_MUCH}
    except Exception:  # noqa: BLE001 - libraries fail in any way on a file that is broken on purpose
        return {"refused": _BROKEN}


def main() -> None:
    """Serve one file from stdin to stdout."""
    order = Order(**json.loads(sys.stdin.buffer.readline()))
    confine(order.memory, order.seconds)
    said = answer(order, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(said).encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
