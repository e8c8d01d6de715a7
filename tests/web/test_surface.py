"""The web chat as a surface."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.view import View
from storage.store import Store
from tests.contracts.surfaces import KEY, Seen, Stage, SurfaceContract
from web.chat import WebSurface, place_of
from web.codec import decode

PLACE = place_of(7, "abcdefgh12345678")


@pytest.fixture
async def stage(address: str, tmp_path: Path) -> AsyncIterator[Stage]:
    store = await Store.open(address, tmp_path)

    async def look() -> list[Seen]:
        posts = await store.posts.since(str(PLACE), 0, 100)
        return [
            Seen(
                str(post.id),
                view.text,
                view.footer,
                tuple(button.label for button in view.buttons),
                post.picture_alt or "",
                await store.posts.picture(post.place, post.id) or b"",
            )
            for post in sorted(posts, key=lambda post: post.id)
            for view in [decode(post.view).view]
        ]

    async def delete(message_id: str) -> None:
        with closing(sqlite3.connect(tmp_path / "switchboard.db")) as file, file:
            file.execute("DELETE FROM posts WHERE id = ?", (int(message_id),))

    yield Stage(WebSurface(store), PLACE, place_of(8, "abcdefgh12345678"), look, delete, store.close)
    await store.close()


class TestWebSurface(SurfaceContract):
    """Everything a surface must do."""

    async def test_a_key_is_posted_once(self, stage: Stage) -> None:
        """A post whose answer was lost, sent again with more text, is one message with that text."""
        first = await stage.surface.post(stage.place, View("Good", growing=True), KEY)
        second = await stage.surface.post(stage.place, View("Good morning"), KEY)
        assert second == first
        assert await stage.look() == [Seen(first.message_id, "Good morning")]
