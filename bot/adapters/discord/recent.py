"""A memory of bounded size."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """What was put or asked for last; the rest is forgotten."""

    def __init__(self, most: int = 4_096) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Remember."""
        self._held[key] = value
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def get(self, key: K) -> V | None:
        """What was put there, None where that was nothing or is long ago."""
        value = self._held.get(key)
        if value is not None:
            self._held.move_to_end(key)
        return value

    def drop(self, key: K) -> None:
        """Forget."""
        self._held.pop(key, None)

    def __len__(self) -> int:
        return len(self._held)
