"""People are known once per identity; links work once; sessions end."""

import asyncio
import hashlib
from datetime import timedelta

import pytest
import time_machine

from storage.store import Store
from tests.storage.given import AT
from tests.storage.test_opening import database

HOUR = timedelta(hours=1)


async def test_identity_leads_to_one_person(store: Store) -> None:
    """The same user of a platform is always the same person; another workspace's is another."""
    ann = await store.people.identify("slack", "slack:T1", "U1", "Ann")
    assert await store.people.identify("slack", "slack:T1", "U1", "Ann") == ann
    assert (await store.people.identify("slack", "slack:T2", "U1", "Ann")).id != ann.id
    assert await store.people.get(ann.id) == ann
    assert await store.people.get(99) is None


async def test_people_are_identified_once_at_the_same_moment(store: Store, database_url: str) -> None:
    """Many first messages of one person make one person, and nobody is left over."""
    found = await asyncio.gather(
        *(store.people.identify("slack", "slack:T1", "U1", "Ann") for _ in range(20))
    )
    assert len({person.id for person in found}) == 1
    async with database(database_url) as db:
        assert len(await db.rows("SELECT id FROM people")) == 1


async def test_new_name_is_taken_over(store: Store) -> None:
    """A person who changes their name on the platform has the new one here; no name changes nothing."""
    first = await store.people.identify("slack", "slack:T1", "U1", "")
    assert first.name == "U1"
    assert (await store.people.identify("slack", "slack:T1", "U1", "Ann")).name == "Ann"
    assert (await store.people.identify("slack", "slack:T1", "U1", "")).name == "Ann"
    renamed = await store.people.get(first.id)
    assert renamed is not None
    assert renamed.name == "Ann"


async def test_roles_are_given_once_and_audited(store: Store) -> None:
    """A role holds in a workspace or everywhere; giving it again is not a change."""
    ann = await store.people.identify("slack", "slack:T1", "U1", "Ann")
    for _ in range(2):
        await store.people.grant(ann.id, "admin", "slack:T1", by=ann.id)
    await store.people.grant(ann.id, "admin")
    assert await store.people.roles(ann.id) == {("admin", "slack:T1"), ("admin", None)}
    assert await store.people.roles(99) == frozenset()
    assert [row.action for row in await store.audit.latest()] == ["grant", "grant"]


async def test_first_link_makes_the_owner(store: Store) -> None:
    """The first owner's link makes the person "Owner"; from then on there is one."""
    assert not await store.people.owner_exists()
    token = await store.sessions.link(None, HOUR)
    redeemed = await store.sessions.redeem(token, "Firefox")
    assert redeemed is not None
    owner, session = redeemed
    assert owner.name == "Owner"
    assert await store.people.roles(owner.id) == {("owner", None)}
    assert await store.people.owner() == owner
    assert await store.people.identify("web", "web:main", str(owner.id), "") == owner
    assert await store.sessions.person(session) == owner


async def test_second_first_link_signs_the_same_owner_in(store: Store) -> None:
    """Links for the first owner that were made before one signed in do not make a second, at the same moment either."""
    links = [await store.sessions.link(None, HOUR) for _ in range(5)]
    redeemed = await asyncio.gather(*(store.sessions.redeem(link, "") for link in links))
    assert len({one[0].id for one in redeemed if one is not None}) == 1
    assert len({one[1] for one in redeemed if one is not None}) == 5


async def test_link_works_once(store: Store) -> None:
    """Of many who use one link at the same moment one is signed in."""
    ann = await store.people.identify("web", "web:main", "1", "Ann")
    token = await store.sessions.link(ann.id, HOUR)
    redeemed = await asyncio.gather(*(store.sessions.redeem(token, "") for _ in range(10)))
    [one] = [one for one in redeemed if one is not None]
    assert one[0] == ann
    assert await store.sessions.redeem(token, "") is None
    assert await store.sessions.redeem("made up \ud800", "") is None


async def test_link_and_session_expire(store: Store) -> None:
    """A link is good for its lifetime, a session for thirty days after it was last used."""
    ann = await store.people.identify("web", "web:main", "1", "Ann")
    with time_machine.travel(AT, tick=False) as clock:
        late, good = [await store.sessions.link(ann.id, HOUR) for _ in range(2)]
        clock.shift(HOUR - timedelta(seconds=1))
        redeemed = await store.sessions.redeem(good, "")
        assert redeemed is not None
        clock.shift(timedelta(seconds=1))
        assert await store.sessions.redeem(late, "") is None
        for _ in range(3):
            clock.shift(timedelta(days=29))
            assert await store.sessions.person(redeemed[1]) == ann
        clock.shift(timedelta(days=31))
        assert await store.sessions.person(redeemed[1]) is None


async def test_use_is_noted_once_a_minute(store: Store, database_url: str) -> None:
    """A session's last use is written at most once a minute."""
    ann = await store.people.identify("web", "web:main", "1", "Ann")
    with time_machine.travel(AT, tick=False) as clock:
        redeemed = await store.sessions.redeem(await store.sessions.link(ann.id, HOUR), "")
        assert redeemed is not None
        seen = []
        for seconds in (30, 20, 15, 30):
            clock.shift(seconds)
            await store.sessions.person(redeemed[1])
            async with database(database_url) as db:
                seen.append(str((await db.rows("SELECT seen_at FROM sessions"))[0]["seen_at"]))
    assert len(set(seen[:2])) == 1
    assert len(set(seen[2:])) == 1
    assert seen[1] != seen[2]


async def test_revoked_session_is_over(store: Store) -> None:
    """Signing out ends the session at once; doing it twice, or with an unknown token, is harmless."""
    ann = await store.people.identify("web", "web:main", "1", "Ann")
    redeemed = await store.sessions.redeem(await store.sessions.link(ann.id, HOUR), "")
    assert redeemed is not None
    await store.sessions.revoke(redeemed[1])
    await store.sessions.revoke(redeemed[1])
    await store.sessions.revoke("made up")
    assert await store.sessions.person(redeemed[1]) is None
    assert await store.sessions.person("made up") is None


@pytest.mark.parametrize("table", ["sign_in_links", "sessions"])
async def test_tokens_are_kept_as_hashes(store: Store, database_url: str, table: str) -> None:
    """Neither table holds a token that could be used."""
    ann = await store.people.identify("web", "web:main", "1", "Ann")
    link = await store.sessions.link(ann.id, HOUR)
    redeemed = await store.sessions.redeem(link, "Firefox")
    assert redeemed is not None
    async with database(database_url) as db:
        [row] = await db.rows(f"SELECT * FROM {table}")  # noqa: S608
        values = [str(value) for value in (row[name] for name in ("id", "token_hash", "person_id"))]
    secret = link if table == "sign_in_links" else redeemed[1]
    assert hashlib.sha256(secret.encode()).hexdigest() in values
    assert not {link, redeemed[1]} & set(values)
