"""Providers and models that admins entered."""

import json

import pytest

from storage.credentials import NewCredential
from storage.errors import NameTaken, NoSuchEntry
from storage.store import Store


async def test_providers_and_models_are_entered_and_taken_out(store: Store) -> None:
    """Every change shows in the stamp; what is entered again takes the place of what was there."""
    stamps = [await store.custom.stamp()]
    await store.custom.add_provider("team", "Team", "http://box:1/v1", keyless=True, by=7)
    stamps.append(await store.custom.stamp())
    await store.custom.put_model("team", "a/b", '{"window": 5}', by=7)
    stamps.append(await store.custom.stamp())
    await store.custom.put_model("team", "a/b", '{"window": 6}', by=7)
    stamps.append(await store.custom.stamp())
    [provider], [model] = await store.custom.providers(), await store.custom.models()
    assert (provider.slug, provider.name, provider.base_url, provider.keyless) == (
        *("team", "Team", "http://box:1/v1", True),
    )
    assert (model.provider, model.model, model.data) == ("team", "a/b", '{"window": 6}')
    with pytest.raises(NameTaken) as taken:
        await store.custom.add_provider("team", "Other", "http://else:1", keyless=False)
    assert "“team”" in taken.value.say
    await store.custom.remove_model("team/a/b")
    stamps.append(await store.custom.stamp())
    with pytest.raises(NoSuchEntry):
        await store.custom.remove_model("team/a/b")
    with pytest.raises(NoSuchEntry):
        await store.custom.remove_provider("other")
    assert await store.custom.models() == []
    assert len(set(stamps)) == 5


async def test_who_takes_an_id_over_gets_none_of_its_keys(store: Store) -> None:
    """A provider goes with its keys and models: another address under the same id begins with nothing."""
    await store.custom.add_provider("team", "Team", "http://box:1/v1", keyless=False)
    await store.custom.put_model("team", "m", "{}")
    await store.credentials.add(NewCredential("team", "Ours", "sk-hunter22-hunter22"))
    await store.credentials.add(NewCredential("openai", "Others", "sk-hunter22-hunter23"))
    before = await store.credentials.stamp()
    assert await store.custom.remove_provider("team", by=7, via="command line") == ["Ours"]
    assert await store.credentials.stamp() != before
    assert [each.name for each in await store.credentials.all()] == ["Others"]
    await store.custom.add_provider("team", "Team", "http://other:1/v1", keyless=False)
    assert (await store.custom.models(), await store.credentials.for_provider("team", "web:main", None)) == (
        [],
        None,
    )


async def test_every_change_is_audited(store: Store) -> None:
    """Who, what, before and after."""
    await store.custom.add_provider("team", "Team", "http://box:1/v1", keyless=False, by=7)
    await store.custom.put_model("team", "m", '{"window": 5}', by=7, via="command line")
    await store.custom.put_model("team", "m", '{"window": 6}', by=8)
    await store.custom.remove_provider("team", by=9)
    rows = (await store.audit.latest())[:5][::-1]
    assert [(row.person_id, row.action, row.subject) for row in rows] == [
        (7, "add provider", "team"),
        (7, "add model", "team/m"),
        (8, "add model", "team/m"),
        (9, "remove provider", "team"),
        (9, "remove model", "team/m"),
    ]
    assert json.loads(rows[1].after or "") == {"window": 5, "via": "command line"}
    assert (json.loads(rows[2].before or ""), json.loads(rows[2].after or "")) == (
        {"window": 5},
        {"window": 6},
    )
    assert json.loads(rows[3].before or "")["base_url"] == "http://box:1/v1"
