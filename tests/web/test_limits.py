"""Counting sign-in failures, on a clock of the test's own."""

from __future__ import annotations

from web.limits import Attempts


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_too_many_failures_block_until_time_has_passed() -> None:
    """The limit counts failures within its window only."""
    clock = Clock()
    attempts = Attempts(most=3, seconds=60, clock=clock)
    for _ in range(3):
        assert not attempts.blocked("peer")
        attempts.count("peer")
    assert attempts.blocked("peer")
    clock.now = 61
    assert not attempts.blocked("peer")


def test_failures_of_one_do_not_block_another() -> None:
    """Each address has its own count."""
    attempts = Attempts(most=1)
    attempts.count("one")
    assert attempts.blocked("one")
    assert not attempts.blocked("two")


def test_memory_is_bounded() -> None:
    """A flood of addresses forgets the oldest, not more and more memory."""
    attempts = Attempts(most=1)
    for number in range(1500):
        attempts.count(str(number))
    assert not attempts.blocked("0")
    assert attempts.blocked("1499")
