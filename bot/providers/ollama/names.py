"""How models of Ollama are called: ``[host/][namespace/]model[:tag]``, of which all but the model may be left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.errors import BadInput

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}"
_NAME = re.compile(
    rf"(?:(?P<host>[a-z0-9.-]+\.[a-z]{{2,}}(?::\d{{1,5}})?)/)?(?:(?P<space>{_PART})/)?(?P<model>{_PART})(?::(?P<tag>{_PART}))?"
)
_LIBRARY, _LATEST, _OURS = "library", "latest", "ollama/"


@dataclass(frozen=True, slots=True)
class Name:
    """A model of Ollama. ``host`` "" is its own registry."""

    model: str
    tag: str = _LATEST
    space: str = _LIBRARY
    host: str = ""

    @classmethod
    def parse(cls, text: str) -> Name:
        """What a person wrote, with our own ``ollama/`` before it or without. Raises BadInput."""
        found = _NAME.fullmatch(text.strip().removeprefix(_OURS))
        if found is None:
            shown = text if len(text) <= 60 else f"{text[:59]}…"
            say = f"“{shown}” is no name of a model; one is written like `llama3.2` or `qwen3:8b`."
            raise BadInput(f"not a model of Ollama: {text[:80]!r}", say=say)
        return cls(
            found["model"], found["tag"] or _LATEST, found["space"] or _LIBRARY, (found["host"] or "").lower()
        )

    @property
    def family(self) -> str:
        """Without its tag, as the library lists it: ``llama3.2``, ``mannix/smaug``."""
        space = "" if self.space == _LIBRARY and not self.host else f"{self.space}/"
        return f"{self.host}/{space}{self.model}" if self.host else f"{space}{self.model}"

    def __str__(self) -> str:
        """As Ollama lists it: ``llama3.2:latest``."""
        return f"{self.family}:{self.tag}"

    @property
    def short(self) -> str:
        """As people write it: without ``:latest``."""
        return self.family if self.tag == _LATEST else str(self)
