"""HTML: what a person would read of it."""

from __future__ import annotations

from html.parser import HTMLParser

from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable, clean
from bot.knowledge.extraction.tables import decoded

_UNSEEN = frozenset({"head", "script", "style", "template", "noscript", "svg", "iframe", "object"})
_BREAKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        ),
        *(
            "figure",
            "footer",
            "form",
            "header",
            "hr",
            "li",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
            "section",
            "table",
        ),
        *("td", "th", "tr", "ul"),
    }
)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}


def read(data: bytes, gathering: Gathering) -> Extract:
    """Its text. Raises Unreadable where it shows none."""
    page = _Page()
    page.feed(decoded(data))
    page.close()
    text = clean(page.text())
    gathering.take([text])
    if not text.strip():
        raise Unreadable("shows no text; a page that a script draws has to be saved as text or PDF.")
    return gathering.extract("only the beginning" if gathering.full else "text only")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._words: list[str] = []
        self._unseen: list[str] = []  # elements whose words nobody sees, the innermost last
        self._as_it_is = 0

    def text(self) -> str:
        """What was read."""
        return "".join(self._words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag == "body":
            self._unseen.clear()  # a head that was never closed ends here
        if tag in _HEADINGS:
            self._words.append(f"\n\n{_HEADINGS[tag]} ")
        elif tag == "li":
            self._words.append("\n- ")
        elif tag in {"td", "th"}:
            self._words.append(" | ")
        elif tag in _BREAKS:
            self._words.append("\n")
        self._as_it_is += tag == "pre"
        if tag == "img" and (alt := dict(attrs).get("alt")) and not self._unseen:
            self._words.append(f"[{alt}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                pass
        if tag in _HEADINGS or (tag in _BREAKS and tag not in {"li", "td", "th"}):
            self._words.append("\n")
        self._as_it_is -= tag == "pre" and self._as_it_is > 0

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._as_it_is:
            self._words.append(data)
            return
        words = " ".join(data.split())
        before = data[:1].isspace() and not "".join(self._words[-1:]).endswith((" ", "\n"))
        after = bool(words) and data[-1:].isspace()
        self._words.append(f"{' ' * before}{words}{' ' * after}")
