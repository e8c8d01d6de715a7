"""Credentials: named, write-only, and found by widening."""

import copy
import pickle
from pathlib import Path

import pytest

from storage.credentials import Edited, NewCredential
from storage.errors import NameTaken, NoSuchCredential
from storage.store import Store

SECRET = "hunter22-the-secret"
PLACE = "slack:T1/C1/1700.1"


async def add(store: Store, name: str, scope: str = "installation", provider: str = "openai") -> int:
    new = NewCredential(provider, name, f"{SECRET} of {name}", scope)
    return (await store.credentials.add(new, by=7)).id


async def test_a_credential_shows_everything_but_its_secret(store: Store) -> None:
    """Its last four characters at most, and none of a secret that is short."""
    new = NewCredential("openai", "Work", SECRET, "place:slack:T1", "https://eu.example/v1", "org-1")
    made = await store.credentials.add(new, by=7)
    short = await store.credentials.add(NewCredential("openai", "Short", "hunter22"))
    assert made in await store.credentials.all()
    assert made == await store.credentials.named("Work") == await store.credentials.get(made.id)
    assert (made.provider, made.name, made.scope, made.last_four) == (
        "openai",
        "Work",
        "place:slack:T1",
        "cret",
    )
    assert (made.base_url, made.organisation, made.version) == ("https://eu.example/v1", "org-1", 1)
    assert (made.created_by, made.used_at, short.last_four) == (7, None, "")
    opened = await store.credentials.open(made)
    assert opened.api_key is not None
    assert opened.api_key.get_secret_value() == SECRET
    for shown in (new, made, opened, [opened], opened.api_key, str(opened.api_key), f"{opened.api_key}"):
        assert SECRET not in repr(shown)
    for away in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            away(opened.api_key)


async def test_a_server_that_asks_for_no_key(store: Store) -> None:
    """It has an address and no secret."""
    made = await store.credentials.add(NewCredential("openai", "Box", "", base_url="http://box:8080/v1"))
    opened = await store.credentials.open(made)
    assert (opened.api_key, opened.base_url) == (None, "http://box:8080/v1")


async def test_the_nearest_applies(store: Store) -> None:
    """The person's, the channel's, the workspace's, the installation's; of several at one level the last."""
    scopes = ("person:7", "place:slack:T1/C1", "place:slack:T1", "installation")
    for scope in (*reversed(scopes), "person:8", "place:slack:T2", "place:slack:T1/C2"):
        await add(store, f"{scope} older", scope)
        await add(store, scope, scope)
    await add(store, "other", "person:7", "anthropic")
    for scope in scopes:
        found = await store.credentials.for_provider("openai", PLACE, 7)
        assert found is not None
        assert found.name == scope
        for name in (scope, f"{scope} older"):
            await store.credentials.remove(name)
    assert await store.credentials.for_provider("openai", PLACE, 7) is None
    assert await store.credentials.for_provider("mistral", PLACE, None) is None


async def test_nobody_has_the_key_of_a_person(store: Store) -> None:
    """Where no person is known it applies to nobody; in a direct message there is no other channel."""
    await add(store, "mine", "person:7")
    await add(store, "theirs", "place:slack:T1")
    for person, place, name in (
        (7, "web:main", "mine"),
        (None, PLACE, "theirs"),
        (8, "slack:T1/D1", "theirs"),
    ):
        found = await store.credentials.for_provider("openai", place, person)
        assert found is not None
        assert found.name == name
    assert await store.credentials.for_provider("openai", "web:main", None) is None


async def test_a_changed_secret_has_another_version(store: Store) -> None:
    """The old one is gone; another process that looks at the stamp sees that something changed."""
    stamps = [await store.credentials.stamp()]
    made = await store.credentials.get(await add(store, "Work"))
    assert made is not None
    stamps.append(await store.credentials.stamp())
    changed = await store.credentials.change(made.id, f"{SECRET}-new-1234", by=8)
    stamps.append(await store.credentials.stamp())
    assert (changed.version, changed.last_four, changed.changed_by, changed.created_by) == (2, "1234", 8, 7)
    opened = await store.credentials.open(changed)
    assert opened.api_key is not None
    assert opened.api_key.get_secret_value() == f"{SECRET}-new-1234"
    await store.credentials.remove("Work")
    stamps.append(await store.credentials.stamp())
    assert len(set(stamps)) == 4


async def test_a_removed_credential_is_wiped(store: Store) -> None:
    """Its row stays for the ledger, its secret does not, and its name is free again."""
    gone = await store.credentials.get(await add(store, "Work"))
    assert gone is not None
    await store.credentials.remove("Work", by=8)
    with pytest.raises(NoSuchCredential):
        await store.credentials.open(gone)
    with pytest.raises(NoSuchCredential):
        await store.credentials.change(gone.id, "anything")
    with pytest.raises(NoSuchCredential):
        await store.credentials.remove("Work")
    still = await store.credentials.get(gone.id)
    assert still is not None
    assert still.revoked_at is not None
    assert await store.vault.in_use() == frozenset()
    again = await store.credentials.get(await add(store, "Work"))
    assert again is not None
    assert await store.credentials.all() == [again]


async def test_a_name_is_taken_once(store: Store) -> None:
    """In the whole installation: the ledger and budgets know a credential by it. Nothing is overwritten."""
    await add(store, "Work")
    with pytest.raises(NameTaken) as taken:
        await add(store, "Work", "person:7", "anthropic")
    assert "“Work”" in taken.value.say
    assert len(await store.credentials.all()) == 1


async def test_every_change_is_audited_without_the_secret(store: Store) -> None:
    """Who, which, and the last four characters."""
    made = await add(store, "Work")
    await store.credentials.change(made, f"{SECRET}-1234", by=8)
    await store.credentials.remove("Work", by=9, via="command line")
    rows = (await store.audit.latest())[:3]
    assert [(row.action, row.subject, row.person_id) for row in reversed(rows)] == [
        ("add credential", f"credential:{made} Work", 7),
        ("change credential", f"credential:{made} Work", 8),
        ("remove credential", f"credential:{made} Work", 9),
    ]
    assert "hunter22" not in repr(rows)
    assert "command line" in str(rows[0].before)


async def test_use_is_written_down_once_a_minute(store: Store, database_url: str, tmp_path: Path) -> None:
    """Not at each call."""
    made = await add(store, "Work")
    await store.credentials.used(made)
    first = await store.credentials.get(made)
    await store.credentials.used(made)
    second = await store.credentials.get(made)
    assert first is not None
    assert second is not None
    assert first.used_at is not None
    assert second.used_at == first.used_at


async def test_a_credential_is_called_and_sent_otherwise(store: Store) -> None:
    """Its name, address and organisation change, the secret stays or is given anew, and the audit has no secret."""
    number = await add(store, "Work")
    made = await store.credentials.edit(number, Edited("Team", "https://eu.example/v1", "org-2"), by=7)
    assert (made.name, made.base_url, made.organisation, made.version) == (
        "Team",
        "https://eu.example/v1",
        "org-2",
        2,
    )
    opened = await store.credentials.open(made)
    assert opened.api_key is not None
    assert opened.api_key.get_secret_value() == f"{SECRET} of Work"
    assert await store.credentials.named("Work") is None
    other = await store.credentials.edit(number, Edited("Team", secret="another-long-secret"), by=7)
    opened = await store.credentials.open(other)
    assert (opened.base_url, other.last_four) == (None, "cret")
    await add(store, "Taken")
    with pytest.raises(NameTaken):
        await store.credentials.edit(number, Edited("Taken"))
    with pytest.raises(NoSuchCredential):
        await store.credentials.edit(999, Edited("Nobody"))
    told = str(await store.audit.latest())
    assert "edit credential" in told
    assert SECRET not in told


async def test_a_disabled_credential_is_kept_and_not_used(store: Store) -> None:
    """The next one applies in its place, until it is enabled again."""
    first, second = await add(store, "First"), await add(store, "Second")
    before = await store.credentials.stamp()
    off = await store.credentials.enable(second, on=False, by=7)
    assert off.disabled_at is not None
    assert await store.credentials.stamp() != before
    found = await store.credentials.for_provider("openai", PLACE, None)
    assert found is not None
    assert found.id == first
    assert len(await store.credentials.all()) == 2
    on = await store.credentials.enable(second, on=True, by=7)
    assert (on.disabled_at, on.version) == (None, 3)
    assert await store.credentials.enable(second, on=True) == on
    found = await store.credentials.for_provider("openai", PLACE, None)
    assert found == on
