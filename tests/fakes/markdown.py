"""Markdown documents for tests, and what a real parser reads in them: each word with what it stands in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

_WORD = re.compile(r"w\d+")


@dataclass(frozen=True)
class Standing:
    """What a word stands in."""

    lists: int
    code: str | None  # the info string of its fence
    table: bool
    quote: bool
    heading: bool
    marks: tuple[str, ...]


def words_of(text: str) -> list[tuple[str, Standing]]:
    """Every word of a document in order, as CommonMark with tables reads it."""
    found: list[tuple[str, Standing]] = []
    open_blocks: list[str] = []
    for token in MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text):
        if token.nesting == 1:
            open_blocks.append(token.type)
        elif token.nesting == -1:
            open_blocks.pop()
        elif token.type in {"fence", "code_block"}:
            info = token.info.strip() if token.type == "fence" else "indented"
            found += [(word, _standing(open_blocks, info, ())) for word in _WORD.findall(token.content)]
        elif token.type == "inline":
            found += [(word, _standing(open_blocks, None, marks)) for word, marks in _inline(token)]
        elif token.type == "html_block":
            found += [(word, _standing(open_blocks, "html", ())) for word in _WORD.findall(token.content)]
    return found


def _standing(blocks: list[str], code: str | None, marks: tuple[str, ...]) -> Standing:
    return Standing(
        lists=blocks.count("list_item_open"),
        code=code,
        table="table_open" in blocks,
        quote="blockquote_open" in blocks,
        heading="heading_open" in blocks,
        marks=marks,
    )


def _inline(token: Token) -> Iterator[tuple[str, tuple[str, ...]]]:
    marks: list[str] = []
    for child in token.children or ():
        if child.nesting == 1:
            marks.append(f"{child.tag}{child.attrs.get('href', '')}")
        elif child.nesting == -1:
            marks.pop()
        extra = ("code",) if child.type == "code_inline" else ()
        for word in _WORD.findall(child.content):
            yield word, (*marks, *extra)


def documents() -> st.SearchStrategy[str]:
    """Documents as models write them. Table headers are words that begin with H, so that they may repeat."""
    return st.lists(_blocks(), min_size=1, max_size=14).map(_numbered)


def _numbered(blocks: list[str]) -> str:
    """Every W becomes a word of its own."""
    numbers = itertools.count()
    return re.sub(r"\bW\b", lambda _: f"w{next(numbers)}", "\n\n".join(blocks))


def _blocks() -> st.SearchStrategy[str]:
    return st.one_of(_paragraph(), _heading(), _list(), _fence(), _table(), _quote())


def _spans() -> st.SearchStrategy[str]:
    plain = st.integers(1, 12).map(lambda n: " ".join(["W"] * n))
    return st.one_of(
        plain,
        plain,
        plain.map(lambda text: f"{text}."),
        plain.map(lambda text: f"**{text}**"),
        plain.map(lambda text: f"`{text}`"),
        plain.map(lambda text: f"~~{text}~~"),
        plain.map(lambda text: f"[{text}](https://example.com/a_b?c=1&d=2)"),
        st.just("https://example.com/W"),
        st.just("W @everyone W <@U123> W"),
        st.just("W 2 * 3 W snake_case W [W] W (W) W"),
    )


def _line(most: int = 6) -> st.SearchStrategy[str]:
    return st.lists(_spans(), min_size=1, max_size=most).map(" ".join)


def _paragraph() -> st.SearchStrategy[str]:
    return st.lists(_line(12), min_size=1, max_size=3).map("\n".join)


def _heading() -> st.SearchStrategy[str]:
    return st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 4), _line(1))


def _quote() -> st.SearchStrategy[str]:
    return st.lists(_line(8), min_size=1, max_size=4).map(
        lambda lines: "\n".join(f"> {one}" for one in lines)
    )


def _fence() -> st.SearchStrategy[str]:
    line = st.integers(0, 3).flatmap(
        lambda depth: st.integers(0, 8).map(lambda n: " " * (2 * depth) + " ".join(["W"] * n))
    )
    body = st.lists(line, min_size=1, max_size=25).map("\n".join)
    mark = st.sampled_from(["```", "```", "~~~", "````"])
    return st.builds(
        lambda mark, info, body: f"{mark}{info}\n{body}\n{mark}",
        mark,
        st.sampled_from(["", "python", "c++"]),
        body,
    )


def _table() -> st.SearchStrategy[str]:
    def build(columns: int, rows: int, cell: str) -> str:
        head = "| " + " | ".join(f"H{n}" for n in range(columns)) + " |"
        rule = "|" + "---|" * columns
        row = "| " + " | ".join([cell] * columns) + " |"
        return "\n".join([head, rule, *([row] * rows)])

    cell = st.sampled_from(["W", "W W", "**W**", "`W W`"])
    return st.builds(build, st.integers(2, 4), st.integers(1, 25), cell)


def _list() -> st.SearchStrategy[str]:
    """Items up to three deep, some with a fence or a second paragraph."""

    def indented(text: str, columns: int) -> str:
        return "\n".join(" " * columns + line if line else line for line in text.split("\n"))

    def items(content: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def build(ordered: bool, texts: list[str]) -> str:
            marks = [f"{n}. " if ordered else "- " for n in range(1, len(texts) + 1)]
            return "\n".join(
                mark + indented(text, len(mark)).lstrip(" ") for mark, text in zip(marks, texts, strict=True)
            )

        return st.builds(build, st.booleans(), st.lists(content, min_size=1, max_size=6))

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            _line(3),
            st.builds(lambda text, below: f"{text}\n{below}", _line(2), inner),
            st.builds(lambda text, below: f"{text}\n\n{below}", _line(2), _line(4)),
            st.builds(lambda text, code: f"{text}\n{code}", _line(1), _fence()),
        )

    return items(more(items(more(items(_line(3))))))
