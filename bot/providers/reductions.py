"""What a wire may leave out of a body, and what each model turned out not to understand.

A refusal (400 or 422) that names an optional field is answered once by a request without it, and remembered. Every
wire has one of these: it names its optional fields, and hands over bodies and refusals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.errors import ContextOverflow
from bot.providers.classify import Complaint, Origin, failure

Body = dict[str, Any]


class Reductions:
    """The fields of one wire that it can do without, as paths with dots: ``options.temperature``.

    ``swaps`` name a field under which the value of another may be sent instead, so that a cap on output is kept.
    A refusal may spell a path's last name in any way: ``maxTokens`` and ``max_tokens`` are the same.
    """

    def __init__(self, optional: Sequence[str], swaps: Mapping[str, str] | None = None) -> None:
        self._optional, self._swaps = tuple(optional), swaps or {}
        self._without: dict[str, frozenset[str]] = {}  # by model: what it does not understand

    def reduced(self, model: str, body: Body) -> Body:
        """The body without what the model does not understand. The given one stays as it is."""
        without = self._without.get(model, frozenset())
        for path in sorted(without):
            body, value = _without(body, path.split("."))
            other = self._swaps.get(path)
            if value is not None and other is not None and other not in without:
                body = {**body, other: value}
        return body

    def learns(self, model: str, body: Body, status: int, complaint: Complaint) -> bool:
        """Whether the refusal of this body names a field to leave out from now on."""
        if status not in (400, 422) or isinstance(
            failure(Origin(""), complaint, status=status), ContextOverflow
        ):
            return False  # too long a conversation may name the cap, which is not at fault
        path = self.named(body, complaint)
        if path is None:
            return False
        self._without[model] = self._without.get(model, frozenset()) | {path}
        return True

    def named(self, body: Body, complaint: Complaint) -> str | None:
        """The optional field of the body that a refusal names, or None."""
        present = [path for path in self._optional if _value(body, path.split(".")) is not None]
        for text in (complaint.param, complaint.message):
            found = [(*place, -len(path), path) for path in present if (place := _place(path, text))]
            if found:
                return min(found)[-1]
        return None


def _place(path: str, text: str) -> tuple[int, bool] | None:
    """Where a text names a path, and whether by its last name alone; None where it does not."""
    words = re.findall(r"[A-Z]?[a-z0-9]+", path.rpartition(".")[2])
    last = "_?".join(map(re.escape, words))
    found = re.search(rf"({re.escape(path)})|{last}", text, re.IGNORECASE)
    return (found.start(), found[1] is None) if found else None


def _value(body: Any, names: Sequence[str]) -> Any:
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _without(body: Body, names: Sequence[str]) -> tuple[Body, Any]:
    """A body less one field, and what it held; what is empty then is left out too."""
    name, *inner = names
    if name not in body:
        return body, None
    rest = {key: value for key, value in body.items() if key != name}
    if not inner:
        return rest, body[name]
    if not isinstance(body[name], dict):
        return body, None
    within, value = _without(body[name], inner)
    return ({**body, name: within} if within else rest), value
