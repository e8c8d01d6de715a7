"""The web chat's own message store: what Slack and Discord keep for themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Statements, marks
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be written. ``view`` is JSON; ``author_person_id`` None is the bot; ``key`` is ours.

    ``picture`` is a PNG, and ``picture_alt`` what it shows in words.
    """

    place: str
    view: str
    key: str | None = None
    author_person_id: int | None = None
    picture: bytes | None = None
    picture_alt: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands. ``version`` grows with each insert and edit of its place, in the order they commit.

    ``picture_alt`` is None where it has no picture; its bytes are read by themselves.
    """

    id: int
    place: str
    key: str | None
    author_person_id: int | None
    view: str
    version: int
    created_at: datetime
    picture_alt: str | None = None


class Posts:
    """The posts of every place of the web chat."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def insert(
        self, place: str, view: str, key: str | None = None, author_person_id: int | None = None
    ) -> Post:
        """Add a post; where the key stands already, the post that has it is returned unchanged."""
        return await self.add(NewPost(place, view, key, author_person_id))

    async def add(self, new: NewPost) -> Post:
        """As ``insert``, with all that a post can have."""
        key = new.key
        if (post := await self._having(key)) is not None:
            return post
        try:
            async with self._db.transaction() as tx:
                return await insert(tx, new)
        except Standing:
            post = await self._having(key)
            assert post is not None
            return post

    async def edit(self, post_id: int, view: str) -> Post | None:
        """Replace what a post shows; None where there is none."""
        async with self._db.transaction() as tx:
            clock = await tx.written(
                "UPDATE post_clocks SET version = version + 1"
                " WHERE place = (SELECT place FROM posts WHERE id = ? AND deleted_at IS NULL) RETURNING version",
                post_id,
            )
            if not clock:
                return None
            rows = await tx.written(
                f"UPDATE posts SET view = ?, version = ? WHERE id = ? RETURNING {columns(Post)}",
                view,
                clock[0]["version"],
                post_id,
            )
            return fill(Post, rows[0])

    async def since(self, place: str, version: int, limit: int) -> list[Post]:
        """Posts of a place that were added or edited after a version, by version."""
        rows = await self._db.rows(
            f"SELECT {columns(Post)} FROM posts WHERE place = ? AND version > ? AND deleted_at IS NULL"
            " ORDER BY version LIMIT ?",
            place,
            version,
            limit,
        )
        return [fill(Post, row) for row in rows]

    async def find(self, keys: Collection[str]) -> list[Post]:
        """The posts that have these keys."""
        rows = await self._db.rows(
            f"SELECT {columns(Post)} FROM posts WHERE key IN ({marks(keys)}) AND deleted_at IS NULL", *keys
        )
        return [fill(Post, row) for row in rows]

    async def picture(self, place: str, post_id: int) -> bytes | None:
        """The picture of a post of this place; None where there is none."""
        rows = await self._db.rows(
            "SELECT picture FROM posts WHERE id = ? AND place = ? AND deleted_at IS NULL", post_id, place
        )
        return bytes(rows[0]["picture"]) if rows and rows[0]["picture"] is not None else None

    async def thread_exists(self, place: str) -> bool:
        """Whether anything was posted at a place."""
        rows = await self._db.rows(
            "SELECT 1 FROM posts WHERE place = ? AND deleted_at IS NULL LIMIT 1", place
        )
        return bool(rows)

    async def _having(self, key: str | None) -> Post | None:
        found = await self.find([key]) if key is not None else []
        return found[0] if found else None


class Standing(Exception):
    """A post with that key stands already."""


async def insert(tx: Statements, post: NewPost) -> Post:
    """Add a post inside a transaction. Raises Standing where its key is taken."""
    # The place's clock is a row, and its lock is held until the commit: versions become visible in their order.
    clock = await tx.written(
        "INSERT INTO post_clocks (place, version) VALUES (?, 1)"
        " ON CONFLICT (place) DO UPDATE SET version = post_clocks.version + 1 RETURNING version",
        post.place,
    )
    rows = await tx.written(
        "INSERT INTO posts (place, key, author_person_id, view, version, created_at, picture, picture_alt)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT (key) DO NOTHING RETURNING {columns(Post)}",
        post.place,
        post.key,
        post.author_person_id,
        post.view,
        clock[0]["version"],
        now(),
        post.picture,
        post.picture_alt,
    )
    if not rows:
        raise Standing
    return fill(Post, rows[0])
