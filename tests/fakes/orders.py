"""What a test orders to go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """How a call fails that was in order."""

    LOST = "applied, but the connection breaks before the answer"
    CUT = "not applied, and the connection breaks"
    BUSY = "429 with Retry-After"
    DOWN = "500, nothing was applied"
    AWAY = "503, nothing was applied"
    REFUSED = "an error of the platform's"
    SLOW = "applied; the answer waits until the order is withdrawn"


@dataclass
class Order:
    """The next ``times`` calls of ``method`` ("" for any) fail so, after ``after`` that pass."""

    fault: Fault
    method: str = ""
    times: int = 1
    after: int = 0
    error: str = ""
    wait: float = 30.0
    channel: str = ""
    withdrawn: bool = False

    def strikes(self, method: str, channel: str) -> bool:
        if self.times < 1 or self.method not in ("", method) or self.channel not in ("", channel):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


class Orders:
    """The orders still open. ``done`` are those that struck, in turn."""

    def __init__(self) -> None:
        self._open: list[Order] = []
        self.done: list[Order] = []

    def __iter__(self) -> Iterator[Order]:
        return iter(self._open)

    def give(self, order: Order) -> Order:
        self._open.append(order)
        return order

    def withdraw(self, order: Order) -> None:
        order.times, order.withdrawn = 0, True

    def next(self, method: str, channel: str) -> Order | None:
        for order in self._open:
            if order.strikes(method, channel):
                self.done.append(order)
                return order
        return None
