"""What several tests of the bot take over and give back."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Give back what `bot.logs.setup` takes over, for tests that call it in this process."""
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in ("bot", "web", "storage")]
    before = root.handlers[:], root.level, [logger.level for logger in ours]
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    # basicConfig(force=True) closes what it removes, and pytest needs its own handlers again.
    root.handlers[:] = []
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for logger, was in zip(ours, levels, strict=True):
        logger.setLevel(was)
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
