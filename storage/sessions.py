"""Sign-in links and the sessions they open. Tokens leave here once; the tables hold their sha256 only."""

from __future__ import annotations

from datetime import timedelta

from storage.database import Database
from storage.people import Person


class Sessions:
    """Who is signed in where."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def link(self, person_id: int | None, lifetime: timedelta) -> str:
        """The token of a new sign-in link that works once. None: for the installation's first owner."""
        raise NotImplementedError

    async def redeem(self, token: str, agent: str) -> tuple[Person, str] | None:
        """Use a link up: its person and the token of a new session; None where it is unknown, used or expired.

        A link for the first owner makes the person "Owner"; where one owns the installation already, it signs
        that one in. ``agent`` names the browser.
        """
        raise NotImplementedError

    async def person(self, session_token: str) -> Person | None:
        """Whose session it is; None where unknown, revoked or not seen for 30 days. Each use extends it."""
        raise NotImplementedError

    async def revoke(self, session_token: str) -> None:
        """End a session; an unknown token is no error."""
        raise NotImplementedError
