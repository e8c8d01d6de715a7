"""The doctor's look at the secret key: present, and everything that is stored opens with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.config import Config
from bot.core.check import Check, Outcome
from bot.doctor import house
from bot.net.http import Http
from storage.credentials import NewCredential
from storage.store import Store
from tests.fakes.provider import ProviderServer

KEY = "A" * 43 + "="


async def key_checks(config: Config, **environment: str) -> list[Check]:
    return await house.secret_key(config, environment)


async def kept(config: Config) -> None:
    """A stored key, in a database that is made where it is missing."""
    store = await Store.open(config.database_url, config.data_dir, secret_keys=config.secret_keys)
    try:
        await store.credentials.add(NewCredential("openai", "Work", "hunter22-the-key"))
    finally:
        await store.close()


async def test_the_secret_key_says_where_it_is_from(config: Any) -> None:
    """Never what it is; where nothing is encrypted none is missed, and nothing is made."""
    unset = await key_checks(config())
    given = config(SWITCHBOARD_SECRET_KEY=KEY)
    named = await key_checks(given, SWITCHBOARD_SECRET_KEY=KEY)
    filed = await key_checks(given)
    assert [check.outcome for check in (*unset, *named, *filed)] == [Outcome.OK] * 3
    assert "is not set" in unset[0].found
    assert "set in the environment;" in named[0].found
    assert "set in .env;" in filed[0].found
    assert KEY not in named[0].found + filed[0].found
    assert not Path(given.database_url.removeprefix("sqlite:///")).exists()


async def test_stored_keys_that_open_are_well(config: Any) -> None:
    """By the key of the environment, or by the file in the data folder."""
    await kept(config())
    [filed] = await key_checks(config())
    assert (filed.outcome, filed.found) == (
        Outcome.OK,
        "every stored key opens; the key is in the data folder.",
    )
    for file in config().data_dir.iterdir():
        file.unlink()
    await kept(config(SWITCHBOARD_SECRET_KEY=KEY))
    [named] = await key_checks(config(SWITCHBOARD_SECRET_KEY=KEY), SWITCHBOARD_SECRET_KEY=KEY)
    assert (named.outcome, named.found) == (
        Outcome.OK,
        "every stored key opens; SWITCHBOARD_SECRET_KEY is set in the environment.",
    )


async def test_a_key_that_is_lost_open_to_others_or_garbled_is_a_failure(config: Any) -> None:
    """With what to do; and nothing is made in its place."""
    await kept(config())
    file = config().data_dir / "secret.key"
    file.chmod(0o644)
    [others] = await key_checks(config())
    file.chmod(0o600)
    text = file.read_text()
    file.write_text("garbled")
    [garbled] = await key_checks(config())
    file.unlink()
    [lost] = await key_checks(config())
    assert not file.exists()
    assert [check.outcome for check in (others, garbled, lost)] == [Outcome.FAILED] * 3
    assert "chmod 600" in others.found
    assert "is not a key file" in garbled.found
    assert "it was last in" in lost.found
    assert "switchboard keys check" in lost.fix
    assert text.strip() not in others.found + garbled.found + lost.found


async def test_a_stored_key_is_asked_for_its_models(config: Any, provider_server: ProviderServer) -> None:
    """As one of the environment is."""
    store = await Store.open(config().database_url, config().data_dir)
    new = NewCredential("openai", "Work", provider_server.key, base_url=provider_server.url)
    await store.credentials.add(new)
    await store.close()
    async with Http() as http:
        [default] = await house.models(config(), http)
    assert default.found.startswith("openai/")
