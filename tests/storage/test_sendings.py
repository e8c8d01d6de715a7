"""Sendings: entered once, claimed by one, and by another only once the first is dead or too late."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import NameTaken, NoSuchEntry
from storage.notices import NewNotice
from storage.sendings import FAILED, LEASE, SENT, NewSending, Sending
from storage.store import Store
from storage.webhooks import NewWebhook
from tests.storage.given import program

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
CHANNELS = 20


async def claimed(store: Store, process: str, at: datetime = AT, dead: tuple[str, ...] = ()) -> list[Sending]:
    """All that a process gets."""
    found = [
        await store.sendings.claim(one.id, process, at, dead) for one in await store.sendings.due(at, dead)
    ]
    return [one for one in found if one is not None]


async def test_three_processes_and_one_dies(store: Store, database_url: str, tmp_path: Path) -> None:
    """Each sending is somebody's alone; what the dead one held is taken over once, and what it writes is nothing."""
    stores = [store, await Store.open(database_url, tmp_path), await Store.open(database_url, tmp_path)]
    try:
        for each in stores:
            for channel in range(CHANNELS):
                await each.sendings.enter(NewSending("digest", f"slack:T1/C{channel}", "week:1", "{}", AT))
        shares = await asyncio.gather(*(claimed(one, f"p{n}") for n, one in enumerate(stores)))
        assert sorted(one.target for share in shares for one in share) == sorted(
            f"slack:T1/C{channel}" for channel in range(CHANNELS)
        )
        for each, share in zip(stores[1:], shares[1:], strict=True):
            assert all([await each.sendings.sent(one, message_id="m") for one in share])
        assert await claimed(stores[1], "p1") == []
        taken = await asyncio.gather(
            *(claimed(one, f"p{n}", AT, ("p0",)) for n, one in enumerate(stores[1:], 1))
        )
        again = [one for share in taken for one in share]
        assert sorted(one.id for one in again) == sorted(one.id for one in shares[0])
        assert {one.attempts for one in again} <= {2}
        assert not any([await store.sendings.sent(one) for one in shares[0]])
        assert all([await stores[1].sendings.sent(one) for one in again])
        assert await store.sendings.due(AT + 2 * LEASE) == []
    finally:
        for each in stores[1:]:
            await each.close()


async def test_a_killed_process_holds_nothing_for_ever(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """Its lease runs out: nobody gets it before, one gets it then."""
    await store.sendings.enter(NewSending("digest", "slack:T1/C1", "week:1"))
    process = await program("claim_and_die", database_url, str(tmp_path / "data"))
    await process.communicate()
    assert process.returncode == -signal.SIGKILL
    now = datetime.now(UTC)
    assert await claimed(store, "p1", now) == []
    [mine] = await claimed(store, "p1", now + LEASE + timedelta(seconds=30))
    assert mine.attempts == 2
    assert await store.sendings.sent(mine, "there", "m1")
    row = await store.sendings.get("slack:T1/C1", "week:1")
    assert row is not None
    assert (row.state, row.said, row.message_id, row.owner) == (SENT, "there", "m1", None)


async def test_what_is_tried_again_waits(store: Store) -> None:
    """It is nobody's until then; given up it is nobody's any more, and the log forgets it in the end."""
    await store.sendings.enter(NewSending("alert", "mail:a@b.c", "notice:1", "{}", AT))
    [mine] = await claimed(store, "p1")
    assert await store.sendings.again(mine, AT + timedelta(minutes=5), "answered 500")
    assert not await store.sendings.again(mine, AT, "once more")
    assert await claimed(store, "p1") == []
    [mine] = await claimed(store, "p2", AT + timedelta(minutes=5))
    assert await store.sendings.failed(mine, "answered 410")
    assert await claimed(store, "p3", AT + timedelta(days=1)) == []
    [logged] = await store.sendings.latest(["mail:a@b.c"])
    assert (logged.state, logged.attempts, logged.said) == ("failed", 2, "answered 410")
    assert await store.sendings.forget(datetime.now(UTC) + timedelta(seconds=1)) == 1


async def test_what_was_sent_at_once_is_only_written_down(store: Store) -> None:
    """Nobody sends it again; the log has it, whichever way it went."""
    for state, said in ((SENT, "answered 204"), (FAILED, "answered 500")):
        await store.sendings.note(NewSending("alert", "webhook:1", f"test:{state}"), state, said)
    assert await store.sendings.due(datetime.now(UTC)) == []
    failed, sent = await store.sendings.latest(["webhook:1"])
    assert (failed.state, failed.attempts, failed.said, failed.sent_at) == (FAILED, 1, "answered 500", None)
    assert (sent.state, sent.attempts, sent.said, sent.sent_at) == (SENT, 1, "answered 204", sent.created_at)


async def test_a_notice_is_handed_on_once(store: Store) -> None:
    """By the first of several processes; to the webhooks too that want its kind."""
    wide = await store.webhooks.add(NewWebhook("all", "https://a.test/", "s1"))
    await store.webhooks.add(NewWebhook("keys", "https://b.test/", "s2", kinds=("key",)))
    for _ in range(2):
        await store.notices.add(NewNotice("budget", "budget:1:80", "80 % is spent."))
    [notice] = await store.notices.undelivered()
    assert await store.notices.send(notice, ["place:slack:T1/C1"], '{"kind": "budget"}')
    assert not await store.notices.send(notice, ["place:slack:T1/C1"], "{}")
    due = await store.sendings.due(datetime.now(UTC))
    assert [one.target for one in due] == ["place:slack:T1/C1", wide.target]
    assert await store.notices.undelivered() == []


async def test_a_webhooks_secret_is_sealed(store: Store) -> None:
    """It opens for who tells it, moves to a new key, is wiped with the webhook; a name is taken once."""
    made = await store.webhooks.add(NewWebhook("Ops", "https://a.test/", "whsec_1234"), via="test")
    with pytest.raises(NameTaken):
        await store.webhooks.add(NewWebhook("ops", "https://b.test/", "other"))
    await store.vault.rotate()
    assert await store.webhooks.secret(made.id) == "whsec_1234"
    assert await store.vault.check() == ()
    await store.webhooks.remove("OPS")
    assert await store.webhooks.secret(made.id) is None
    assert await store.webhooks.all() == []
    with pytest.raises(NoSuchEntry):
        await store.webhooks.remove("ops")
    assert "whsec" not in str(await store.audit.latest())
