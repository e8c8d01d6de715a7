"""The web chat's own messages: one per key, and nobody who reads on misses one."""

import asyncio

from storage.posts import Post
from storage.store import Store

PLACE = "web:main/7/a"


async def test_post_is_shown_and_edited(store: Store) -> None:
    """An edit replaces what is shown and moves the version; the rest stays."""
    post = await store.posts.insert(PLACE, "one", "key", 7)
    assert (post.view, post.key, post.author_person_id, post.place) == ("one", "key", 7, PLACE)
    edited = await store.posts.edit(post.id, "two")
    assert edited is not None
    assert (edited.id, edited.view, edited.created_at) == (post.id, "two", post.created_at)
    assert edited.version > post.version
    assert await store.posts.edit(99, "x") is None


async def test_key_is_posted_once(store: Store) -> None:
    """A repeated key returns the post that has it, unchanged, at the same moment too."""
    posts = await asyncio.gather(*(store.posts.insert(PLACE, str(n), "key") for n in range(12)))
    assert len({post.id for post in posts}) == 1
    assert len(await store.posts.since(PLACE, 0, 10)) == 1
    for text in "ab":
        await store.posts.insert(PLACE, text)
    assert [post.view for post in await store.posts.since(PLACE, 0, 10)][1:] == ["a", "b"]


async def test_reading_on_from_a_version(store: Store) -> None:
    """Who reads on gets what was added or edited since, of this place only, in order, so many at a time."""
    first, second = [await store.posts.insert(PLACE, text) for text in ("one", "two")]
    await store.posts.insert("web:main/8/b", "elsewhere")
    assert second.version > first.version
    await store.posts.edit(first.id, "one, edited")
    assert [post.view for post in await store.posts.since(PLACE, 0, 10)] == ["two", "one, edited"]
    assert [post.view for post in await store.posts.since(PLACE, second.version, 10)] == ["one, edited"]
    assert len(await store.posts.since(PLACE, 0, 1)) == 1


async def test_find_and_exists(store: Store) -> None:
    """Posts are found by our keys; a thread exists once something was posted in it."""
    await store.posts.insert(PLACE, "one", "k1")
    assert [post.key for post in await store.posts.find(["k1", "k2"])] == ["k1"]
    assert await store.posts.find([]) == []
    assert await store.posts.thread_exists(PLACE)
    assert not await store.posts.thread_exists("web:main/7/b")


async def test_no_version_is_skipped_by_a_reader(store: Store) -> None:
    """While many write, a reader who goes on from what it has seen ends up with everything."""
    seen: dict[int, Post] = {}
    done = asyncio.Event()

    async def read() -> None:
        version = 0
        while True:
            last_look = done.is_set()
            for post in await store.posts.since(PLACE, version, 7):
                assert post.version > version
                version, seen[post.id] = post.version, post
            if last_look and not await store.posts.since(PLACE, version, 1):
                return

    async def write(number: int) -> None:
        post = await store.posts.insert(PLACE, "", f"k{number}")
        for edit in range(5):
            await store.posts.edit(post.id, str(edit))

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(n) for n in range(12)))
    done.set()
    await reading
    assert sorted(post.view for post in seen.values()) == ["4"] * 12
    assert len({post.version for post in seen.values()}) == 12
