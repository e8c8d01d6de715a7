"""How the fake says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = dict[str, Any]


class Refusal(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, error: str, *messages: str, wait: float | None = None, **more: Any) -> None:
        super().__init__(error, *messages)
        self.error, self.messages, self.wait, self.more = error, messages, wait, more

    @property
    def body(self) -> JSON:
        body: JSON = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": list(self.messages)}
        return body


def missing_scope(needed: str, provided: Mapping[str, object] | frozenset[str]) -> Refusal:
    return Refusal("missing_scope", needed=needed, provided=",".join(sorted(provided)))
