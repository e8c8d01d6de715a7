"""Reasoning that a server leaves inside the text, between ``<think>`` and ``</think>`` at its very beginning."""

from __future__ import annotations

from bot.core.provider import ProviderEvent, Reasoning, Text

OPEN, CLOSE = "<think>", "</think>"


class ThinkTags:
    """Tells the text of one answer from the reasoning before it, however it was cut."""

    def __init__(self) -> None:
        self._held = ""
        self._thinks = self._over = self._trim = False

    def feed(self, text: str) -> list[ProviderEvent]:
        """The events in the next piece; what may be half a tag is held back."""
        if self._over:
            return self._text(text)
        self._held += text
        if not self._thinks:
            self._begin()
        if self._thinks:
            return self._thought()
        return self._text(self._take()) if self._is_text() else []

    def flush(self) -> list[ProviderEvent]:
        """What is held back when no more comes."""
        rest = self._take()
        if not rest:
            return []
        return [Reasoning(rest)] if self._thinks and not self._over else [Text(rest)]

    def _begin(self) -> None:
        """Look how the answer begins, as far as that is known."""
        begun = self._held.lstrip()
        if begun.startswith(OPEN):
            self._thinks, self._held = True, begun.removeprefix(OPEN)
        elif not OPEN.startswith(begun):
            self._over = True

    def _is_text(self) -> bool:
        return self._over

    def _thought(self) -> list[ProviderEvent]:
        thought, closed, text = self._held.partition(CLOSE)
        if closed:
            self._over = self._trim = True
            self._held = ""
            return [*([Reasoning(thought)] if thought else []), *self._text(text)]
        sure = len(thought) - _half_tag(thought)
        self._held = thought[sure:]
        return [Reasoning(thought[:sure])] if sure else []

    def _text(self, text: str) -> list[ProviderEvent]:
        """Text; the blank lines that follow the reasoning are none of it."""
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        return [Text(text)] if text else []

    def _take(self) -> str:
        held, self._held = self._held, ""
        return held


def _half_tag(text: str) -> int:
    """How many characters at the end may be the beginning of the closing tag."""
    return next((size for size in range(len(CLOSE) - 1, 0, -1) if text.endswith(CLOSE[:size])), 0)
