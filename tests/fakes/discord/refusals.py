"""How the fake says no: an HTTP status, one of Discord's codes and, for a form, where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = dict[str, Any]

# From the table of JSON error codes; the statuses are those that clients meet.
CODES: Mapping[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached its maximum number of follow up messages"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (400, "You cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (403, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
}
_STATUSES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Refusal(Exception):
    """An answer that is not 2xx. ``errors`` is the tree of a wrong form."""

    def __init__(self, code: int, errors: JSON | None = None, *, status: int | None = None) -> None:
        usual, self.message = CODES[code]
        self.status = status or usual
        super().__init__(code, self.message)
        self.code, self.errors = code, errors

    @property
    def name(self) -> str:
        """What it is called in the book."""
        return str(self.code)

    @property
    def body(self) -> JSON:
        body: JSON = {"message": self.message, "code": self.code}
        return body | ({"errors": self.errors} if self.errors else {})


class Plain(Refusal):
    """An HTTP status without a code of Discord's own. In the book it is called by its status."""

    def __init__(self, status: int) -> None:
        Exception.__init__(self, status)
        self.status, self.message = status, f"{status}: {_STATUSES[status]}"
        self.code, self.errors = 0, None

    @property
    def name(self) -> str:
        return str(self.status)


class Limited(Refusal):
    """429: too many. ``scope`` is user, global or shared; ``headers`` are the bucket's."""

    def __init__(self, wait: float, scope: str, headers: Mapping[str, str], code: int = 0) -> None:
        Exception.__init__(self, wait, scope)
        self.status, self.code, self.errors = 429, code, None
        self.message = CODES[code][1] if code else "You are being rate limited."
        self.wait, self.scope, self.headers = wait, scope, headers

    @property
    def name(self) -> str:
        return str(self.code or 429)

    @property
    def body(self) -> JSON:
        body: JSON = {"message": self.message, "retry_after": self.wait, "global": self.scope == "global"}
        return body | ({"code": self.code} if self.code else {})
