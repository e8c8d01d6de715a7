"""The web chat's own message store: what Slack and Discord keep for themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be written. ``view`` is JSON; ``author_person_id`` None is the bot; ``key`` is ours."""

    place: str
    view: str
    key: str | None = None
    author_person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands. ``version`` grows with each insert and edit of its place, in the order they commit."""

    id: int
    place: str
    key: str | None
    author_person_id: int | None
    view: str
    version: int
    created_at: datetime


class Posts:
    """The posts of every place of the web chat."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def insert(
        self, place: str, view: str, key: str | None = None, author_person_id: int | None = None
    ) -> Post:
        """Add a post; where the key stands already, the post that has it is returned unchanged."""
        raise NotImplementedError

    async def edit(self, post_id: int, view: str) -> Post | None:
        """Replace what a post shows; None where there is none."""
        raise NotImplementedError

    async def since(self, place: str, version: int, limit: int) -> list[Post]:
        """Posts of a place that were added or edited after a version, by version."""
        raise NotImplementedError

    async def find(self, keys: Collection[str]) -> list[Post]:
        """The posts that have these keys."""
        raise NotImplementedError

    async def thread_exists(self, place: str) -> bool:
        """Whether anything was posted at a place."""
        raise NotImplementedError
