"""Lists of models that outlast a restart."""

import asyncio

from storage.known import KnownModel
from storage.store import Store


async def kept(store: Store) -> dict[str, KnownModel]:
    return {f"{row.provider}/{row.model}": row for row in await store.known_models.all()}


async def test_a_list_is_kept_and_what_left_it_is_gone(store: Store) -> None:
    """Its facts stay, it may come back, and other providers are not touched."""
    await store.known_models.save("openai", "https://a", {"one": "{}", "two": '{"window": 5}'})
    await store.known_models.save("ollama", "http://b", {"one": "{}"})
    first = await kept(store)
    assert list(first) == ["ollama/one", "openai/one", "openai/two"]
    assert (first["openai/two"].data, first["openai/two"].origin) == ('{"window": 5}', "https://a")
    await store.known_models.save("openai", "https://a", {"one": '{"window": 7}'})
    then = await kept(store)
    assert then["openai/one"].data == '{"window": 7}'
    assert (then["openai/two"].data, then["openai/two"].gone_at is None) == ('{"window": 5}', False)
    assert then["ollama/one"] == first["ollama/one"]
    await store.known_models.save("openai", "https://c", {"two": "{}"})
    back = await kept(store)
    assert (back["openai/two"].gone_at, back["openai/two"].origin) == (None, "https://c")
    assert back["openai/one"].gone_at is not None
    assert back["openai/two"].listed_at > first["openai/two"].listed_at


async def test_a_long_list_and_two_writers(store: Store) -> None:
    """Hundreds of models go in at once; two processes that list the same do not lock one another out."""
    told = {f"maker/model-{number}": "{}" for number in range(450)}
    less = dict(list(told.items())[:-1])
    await asyncio.gather(*(store.known_models.save("openrouter", "o", each) for each in (told, less)))
    await store.known_models.save("openrouter", "o", less)
    rows = await store.known_models.all()
    assert len(rows) == 450
    assert [row.model for row in rows if row.gone_at] == ["maker/model-449"]
    assert [row.model for row in rows] == list(told)
