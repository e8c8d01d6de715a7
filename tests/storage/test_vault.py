"""The vault: written and never shown, opened by the right key, rotated without losing anything."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from storage import vault
from storage.credentials import Credential, NewCredential
from storage.errors import KeyMissing, KeyRefused, Tampered
from storage.keyfile import KeyFile
from storage.store import Store
from tests.storage.given import outcomes, program
from tests.storage.test_opening import database

SECRET = "hunter22-the-secret-of-openai"
ONE, TWO = b"1" * 32, b"2" * 32


@asynccontextmanager
async def opened(url: str, folder: Path, *keys: bytes) -> AsyncIterator[Store]:
    store = await Store.open(url, folder, secret_keys=keys)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "data" / "secret.key")


async def kept(store: Store, number: int = 0) -> Credential:
    return await store.credentials.add(NewCredential("openai", f"Key {number}", f"{SECRET}-{number}"))


async def secrets(store: Store) -> list[str]:
    """Every secret in force, in the clear."""
    keys = [(await store.credentials.open(each)).api_key for each in await store.credentials.all()]
    return sorted(key.get_secret_value() for key in keys if key is not None)


async def test_the_key_file_is_made_when_first_needed(store: Store, file: KeyFile) -> None:
    """Not before; looking at an empty vault makes none."""
    assert (await store.vault.check(), await store.credentials.all()) == ((), [])
    assert (await store.vault.rotate()).key_id is None
    assert not file.path.exists()
    await kept(store)
    (key,) = file.read()
    assert await store.vault.in_use() == {key.id}
    assert await secrets(store) == [f"{SECRET}-0"]


async def test_no_secret_stands_in_the_database(store: Store, database_url: str, file: KeyFile) -> None:
    """In no column of any table, the audit included; nor the key."""
    credential = await kept(store)
    await store.credentials.change(credential.id, f"{SECRET}-changed")
    await store.vault.rotate()
    await kept(store, 1)
    await store.credentials.remove("Key 1")
    (key,) = file.read()
    async with database(database_url) as db:
        for table in ("credentials", "secret_keys", "audit"):
            rows: Sequence[Any] = await db.rows(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            for row in rows:
                text = repr(tuple(row))
                assert "hunter22" not in text
                assert not any(spelling in text for spelling in key.spellings())


async def test_every_secret_is_told_to_the_log_before_anything_else(database_url: str, file: KeyFile) -> None:
    """What is entered, what is opened and the keys themselves; even where keeping them fails."""
    told: list[str] = []
    store = await Store.open(database_url, file.path.parent, learn=told.append)
    try:
        await kept(store)
        assert {f"{SECRET}-0", *file.read()[0].spellings()} <= set(told)
        file.path.chmod(0o644)
        with pytest.raises(KeyRefused):
            await kept(store, 1)
        assert f"{SECRET}-1" in told
    finally:
        await store.close()
    told.clear()
    file.path.chmod(0o600)
    store = await Store.open(database_url, file.path.parent, learn=told.append)
    try:
        await secrets(store)
        assert {f"{SECRET}-0", *file.read()[0].spellings()} <= set(told)
    finally:
        await store.close()


async def test_a_lost_key_is_named_and_nothing_is_destroyed(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """Which one, where it was last, how to go on; no second vault begins. With the key back all is as it was."""
    credential = await kept(store)
    (key,) = file.read()
    aside = file.path.rename(file.path.with_name("aside"))
    async with opened(database_url, file.path.parent) as later:
        for act in (later.credentials.open(credential), kept(later, 1), later.vault.rotate()):
            with pytest.raises(KeyMissing) as missing:
                await act
            assert missing.value.key_id == key.id
            for word in (
                key.id,
                f"it was last in {file.path} on ",
                "SWITCHBOARD_SECRET_KEY",
                "Nothing was changed",
            ):
                assert word in missing.value.say
        (unreadable,) = await later.vault.check()
        assert (unreadable.table, unreadable.row) == ("credentials", credential.id)
        assert isinstance(unreadable.error, KeyMissing)
        assert not file.path.exists()
        aside.rename(file.path)
        assert await secrets(later) == [f"{SECRET}-0"]


async def test_what_a_lost_key_held_can_be_entered_anew(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """Removing needs no key."""
    await kept(store)
    file.path.unlink()
    async with opened(database_url, file.path.parent) as later:
        await later.credentials.remove("Key 0")
        await kept(later)
        assert await secrets(later) == [f"{SECRET}-0"]


async def test_a_wrong_key_in_the_environment_is_told_from_a_tampered_row(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """The one names a key that is missing, the other a row."""
    async with opened(database_url, file.path.parent, ONE) as first:
        credential = await kept(first)
    async with opened(database_url, file.path.parent, TWO) as second:
        with pytest.raises(KeyMissing, match="is missing"):
            await second.credentials.open(credential)
    async with opened(database_url, file.path.parent, TWO, ONE) as both:
        assert await secrets(both) == [f"{SECRET}-0"]
        async with database(database_url) as db:
            await db.write("UPDATE credentials SET base_url = 'https://evil.example/v1'")
        with pytest.raises(Tampered) as tampered:
            await both.credentials.open(credential)
        assert f"row {credential.id}" in tampered.value.say


async def test_rows_that_change_places_do_not_open(store: Store, database_url: str) -> None:
    """A ciphertext with its nonce and key, put into another row."""
    first, second = await kept(store), await kept(store, 1)
    async with database(database_url) as db:
        rows = await db.rows("SELECT nonce, ciphertext FROM credentials WHERE id = ?", first.id)
        await db.write(
            "UPDATE credentials SET nonce = ?, ciphertext = ? WHERE id = ?",
            rows[0]["nonce"],
            rows[0]["ciphertext"],
            second.id,
        )
    with pytest.raises(Tampered):
        await store.credentials.open(second)
    assert (await store.credentials.open(first)).name == "Key 0"


async def test_rotation_moves_everything_to_a_new_key(store: Store, database_url: str, file: KeyFile) -> None:
    """In batches; the old key goes to the file beside; a process that runs meanwhile notices nothing."""
    async with opened(database_url, file.path.parent) as running:
        for number in range(7):
            await kept(running, number)
        (old,) = file.read()
        done = await store.vault.rotate(batch=3)
        (new,) = file.read()
        assert (done.key_id, done.made, done.moved, done.finished) == (new.id, True, 7, True)
        assert new.value != old.value
        assert [key.value for key in KeyFile(file.retired).read()] == [old.value]
        assert await store.vault.in_use() == {new.id}
        assert await secrets(running) == [f"{SECRET}-{number}" for number in range(7)]
        await kept(running, 7)
        assert await store.vault.in_use() == {new.id}


async def test_rotation_is_audited(store: Store) -> None:
    """Who and which keys."""
    await kept(store)
    done = await store.vault.rotate(by=3, via="command line")
    finished, made = (await store.audit.latest())[:2]
    assert [(row.action, row.person_id, row.subject) for row in (made, finished)] == [
        ("make key", 3, f"secret key {done.key_id}"),
        ("rotate", 3, f"secret key {done.key_id}"),
    ]
    assert finished.after is not None
    assert '"command line"' in finished.after


class Breaking:
    """Breaks off whatever it was put around, at one step of all."""

    def __init__(self, at: int) -> None:
        self._left = at

    def around(self, step: Callable[..., object]) -> Callable[..., object]:
        def stepped(*arguments: object, **named: object) -> object:
            self._left -= 1
            if not self._left:
                raise KeyboardInterrupt
            return step(*arguments, **named)

        return stepped


@pytest.mark.parametrize("at", range(1, 16))
async def test_a_rotation_that_was_broken_off_goes_on(
    store: Store, file: KeyFile, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Wherever it breaks: everything opens at once, and all is under one new key after the next."""
    for number in range(6):
        await kept(store, number)
    (old,), everything = file.read(), [f"{SECRET}-{number}" for number in range(6)]
    breaking = Breaking(at)
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        for owner, name in ((os, "fsync"), (Path, "replace"), (vault, "_write"), (vault, "record")):
            patched.setattr(owner, name, breaking.around(getattr(owner, name)))
        await store.vault.rotate(batch=2)
    assert await secrets(store) == everything
    done = await store.vault.rotate(batch=2)
    assert done.finished
    assert done.key_id != old.id
    assert [key.id for key in file.read()] == [done.key_id]
    assert await store.vault.in_use() == {done.key_id}
    assert await secrets(store) == everything


async def test_killed_in_the_middle_of_a_rotation(store: Store, database_url: str, file: KeyFile) -> None:
    """A process that dies after its first batch leaves two keys and secrets under both; the next finishes."""
    for number in range(6):
        await kept(store, number)
    process = await program("rotate_and_die", database_url, str(file.path.parent))
    await process.communicate()
    assert process.returncode == 9
    assert len(file.read()) == 2
    assert await store.vault.in_use() == {key.id for key in file.read()}
    assert await secrets(store) == [f"{SECRET}-{number}" for number in range(6)]
    done = await store.vault.rotate()
    assert (done.made, done.moved, done.finished) == (False, 4, True)
    assert [key.id for key in file.read()] == [done.key_id]


async def test_two_processes_rotate_while_a_third_enters_keys(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """Nothing is lost, and one key is enough for everything at the end."""
    for number in range(30):
        await kept(store, number)

    async def enter() -> None:
        for number in range(30, 60):
            await kept(store, number)

    entering = asyncio.create_task(enter())
    await outcomes("rotate", 2, database_url, str(file.path.parent), "3")
    await entering
    assert await store.vault.check() == ()
    assert await secrets(store) == sorted(f"{SECRET}-{number}" for number in range(60))
    last = await store.vault.rotate()
    assert await store.vault.in_use() == {last.key_id}
    assert [key.id for key in file.read()] == [last.key_id]


async def test_with_a_key_of_the_environment_everything_moves_to_the_first(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """From a file to the environment, and from one to the next; no key is made and no file touched."""
    await kept(store)
    before = file.path.read_bytes()
    async with opened(database_url, file.path.parent, ONE) as first:
        done = await first.vault.rotate()
        assert (done.made, done.moved, done.finished) == (False, 1, True)
    async with opened(database_url, file.path.parent, TWO, ONE) as second:
        assert (await second.vault.rotate()).moved == 1
        assert (await second.vault.rotate()).moved == 0
    assert file.path.read_bytes() == before
    async with opened(database_url, file.path.parent.with_name("elsewhere"), TWO) as last:
        assert await secrets(last) == [f"{SECRET}-0"]


async def test_a_tampered_row_keeps_the_old_key(store: Store, database_url: str, file: KeyFile) -> None:
    """The rest moves; the row and the key that could open what it was stay as they are."""
    first, _ = await kept(store), await kept(store, 1)
    (old,) = file.read()
    async with database(database_url) as db:
        await db.write("UPDATE credentials SET provider = 'other' WHERE id = ?", first.id)
        done = await store.vault.rotate()
        assert (done.moved, done.finished, [one.row for one in done.unreadable]) == (1, False, [first.id])
        assert old in file.read()
        await db.write("UPDATE credentials SET provider = 'openai' WHERE id = ?", first.id)
    assert await secrets(store) == [f"{SECRET}-0", f"{SECRET}-1"]
    assert (await store.vault.rotate()).finished


async def test_a_second_machine_with_a_file_of_its_own_is_refused(
    store: Store, database_url: str, tmp_path: Path, file: KeyFile
) -> None:
    """Whether it has no file yet or another key: two vaults in one database would be one too many."""
    await kept(store)
    for folder in (tmp_path / "second", tmp_path / "third"):
        async with opened(database_url, folder) as other:
            if folder.name == "third":
                KeyFile(folder / "secret.key").add()
            with pytest.raises(KeyMissing) as missing:
                await kept(other, 1)
            assert str(file.path) in missing.value.say
    (tmp_path / "fourth").mkdir()
    (tmp_path / "fourth" / "secret.key").write_bytes(file.path.read_bytes())
    (tmp_path / "fourth" / "secret.key").chmod(0o600)
    async with opened(database_url, tmp_path / "fourth") as other:
        assert len(await secrets(other)) == 1


async def test_two_machines_that_begin_at_once_make_one_vault(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """One of them keeps its secret, the other is told which key it lacks."""
    folders = [tmp_path / name for name in ("a", "b")]
    async with opened(database_url, folders[0]) as a, opened(database_url, folders[1]) as b:
        results = await asyncio.gather(kept(a, 0), kept(b, 1), return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["Credential", "KeyMissing"]


async def test_a_key_file_is_a_trap_with_several_machines(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """With PostgreSQL it is said; with SQLite, or a key of the environment, there is nothing to say."""
    said = store.vault.file_trap
    assert bool(said) is database_url.startswith("postgres")
    assert not said or (str(file.path) in said and "SWITCHBOARD_SECRET_KEY" in said)
    async with opened(database_url, file.path.parent, ONE) as other:
        assert other.vault.file_trap == ""


async def test_where_a_key_was_last_is_kept_up_to_date(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """A key that moved from its file into the environment is looked for there."""
    await kept(store)
    (key,) = file.read()
    file.path.unlink()
    async with opened(database_url, file.path.parent, key.value) as moved:
        await moved.vault.note()
    async with opened(database_url, file.path.parent) as later:
        with pytest.raises(KeyMissing) as missing:
            await secrets(later)
    assert "it was last in SWITCHBOARD_SECRET_KEY on " in missing.value.say


async def test_a_refused_file_beside_a_key_of_the_environment_is_what_is_said(
    store: Store, database_url: str, file: KeyFile
) -> None:
    """A secret that only the file's key opens: the file's rights are the matter, not a lost key."""
    credential = await kept(store)
    file.path.chmod(0o644)
    async with opened(database_url, file.path.parent, ONE) as other:
        with pytest.raises(KeyRefused, match="has mode 644"):
            await other.credentials.open(credential)
