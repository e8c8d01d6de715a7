"""Leases live by heartbeats, judged by the watcher's own clock."""

from bot.conversation.presence import BEAT, DEAD_AFTER, Presence
from storage.store import Store


class Watch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def _listen(us: Presence, watch: Watch, seconds: float) -> None:
    """Let time pass with our own heart beating."""
    for _ in range(int(seconds / BEAT)):
        watch.now += BEAT
        await us.beat()


async def test_a_process_whose_beat_stands_still_is_dead(store: Store) -> None:
    """A beat that moves keeps a process alive however long it takes; one that stands still does not."""
    watch = Watch()
    us, other = Presence(store, "us", now=watch), Presence(store, "other")
    await us.join()
    await other.join()
    await us.beat()
    await _listen(us, watch, DEAD_AFTER)
    assert us.dead() == frozenset()
    await other.beat()
    await _listen(us, watch, DEAD_AFTER)
    assert us.dead() == frozenset()
    await _listen(us, watch, 2 * BEAT)
    assert us.dead() == {"other"}
    await us.bury(us.dead())
    assert us.dead() == frozenset()
    await us.beat()
    assert us.dead() == frozenset()


async def test_who_comes_back_is_seen_before_our_next_beat(store: Store) -> None:
    """One that only slept: by a look if nobody had taken up its work yet, and as a new one if somebody had."""
    watch = Watch()
    us, other = Presence(store, "us", now=watch), Presence(store, "other")
    await other.join()
    await us.join()
    await _listen(us, watch, DEAD_AFTER + 2 * BEAT)
    assert us.dead() == {"other"}
    await other.beat()
    await us.look()
    assert us.dead() == frozenset()
    assert us.lives("other")
    await _listen(us, watch, DEAD_AFTER + 2 * BEAT)
    await us.bury(us.dead())
    await other.beat()
    assert us.dead() == frozenset()
    await us.look()
    assert us.lives("other")


async def test_who_was_deaf_takes_nobody_for_dead(store: Store) -> None:
    """After a suspension, or a time without a database, the others get their time anew."""
    watch = Watch()
    us, other = Presence(store, "us", now=watch), Presence(store, "other")
    await other.join()
    await us.join()
    watch.now += 10 * DEAD_AFTER
    assert us.dead() == frozenset()
    await us.beat()
    assert us.dead() == frozenset()
    await _listen(us, watch, DEAD_AFTER + BEAT)
    assert us.dead() == {"other"}


async def test_alone_means_that_nobody_else_lives(store: Store) -> None:
    """With the folder's lock in hand, what an earlier process left is taken over at once."""
    await Presence(store, "before").join()
    us = Presence(store, "us", alone=True)
    await us.join()
    assert us.dead() == {"before"}


async def test_the_living_share_by_the_replies_they_grow(store: Store) -> None:
    """One of two with three of four replies gets three quarters; the dead get nothing."""
    watch = Watch()
    us = Presence(store, "us", slots=lambda: {"slack:T1": 3}, now=watch)
    other = Presence(store, "other", slots=lambda: {"slack:T1": 1})
    await us.join()
    assert us.share("slack:T1") == 1.0
    await other.join()
    await us.beat()
    assert us.share("slack:T1") == 0.75
    assert us.share("slack:T2") == 1.0
    await _listen(us, watch, DEAD_AFTER + 2 * BEAT)
    assert us.share("slack:T1") == 1.0


async def test_who_leaves_is_not_missed(store: Store) -> None:
    """A graceful end takes the process out; nobody waits for it to be declared dead."""
    us, other = Presence(store, "us", alone=True), Presence(store, "other")
    await us.join()
    await other.join()
    await other.leave()
    await us.beat()
    assert us.dead() == frozenset()
