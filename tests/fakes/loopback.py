"""Virtual time over real loopback sockets: server and client in one loop, and ten minutes pass in seconds.

Between the writing of bytes and their arrival the kernel may hold them while every socket looks idle; time must
not jump then. Before each jump a byte of our own goes round the same way: what was sent before it has arrived
when it has.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.fakes.clock import Stuck
from tests.fakes.times import Clock

T = TypeVar("T")

_LOOKS = 2  # at the sockets before a jump, a byte round the loopback before each
EPOCH = 1_790_000_000.0


class _Echo:
    """A datagram to ourselves."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(self._socket.getsockname())

    def round(self) -> None:
        """Send a byte and wait until it is here."""
        self._socket.send(b".")
        self._socket.recv(1)

    def close(self) -> None:
        self._socket.close()


class _Jumping(selectors.DefaultSelector):
    """Instead of waiting for time to pass lets it pass, once the loopback is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.time, self.jumps = 0.0, 0
        self._echo = _Echo()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if (ready := super().select(0)) or timeout == 0:
            return ready
        for _ in range(_LOOKS):
            self._echo.round()
            if ready := super().select(0):
                return ready
        if timeout is None:
            raise Stuck("everything waits and nothing will ever happen")
        self.time += max(0.0, timeout)
        self.jumps += 1
        return []

    def close(self) -> None:
        self._echo.close()
        super().close()


class LoopbackLoop(asyncio.SelectorEventLoop):
    """As ``VirtualLoop``, with sockets between parts of this very program. No threads: they know no virtual time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.time

    @property
    def jumps(self) -> int:
        """How often time has jumped."""
        return self._jumping.jumps

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        raise AssertionError(f"{func} wants a thread, and time would jump while it works")


class LoopClock(Clock):
    """The fake's time is the running loop's, counted from a day in 2026 so that message ids look like Slack's."""

    def now(self) -> float:
        return EPOCH + asyncio.get_running_loop().time()


def run(main: Coroutine[Any, Any, T]) -> T:
    """The result of the coroutine, in virtual time that begins at 0."""
    with asyncio.Runner(loop_factory=LoopbackLoop) as runner:
        return runner.run(main)
