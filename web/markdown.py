"""Markdown from models and people as HTML that is safe to show under the strict policy.

No raw HTML, no remote images (a picture becomes a link to it), no inline styles, links that give
nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_ALIGN = re.compile(r"text-align:\s*(left|right|center)")
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
_LINE_END = re.compile(r"\r\n?")
_THREAD = re.compile(r"/try/[a-z0-9]{8,32}")
_SCHEMES = ("http://", "https://", "mailto:")
_COPY = '<button type="button" class="copy" data-copy>Copy</button>'

_Env = MutableMapping[str, Any]


class _Renderer(RendererHTML):
    """Our HTML where CommonMark's own would not do."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        words = tokens[idx].info.split(maxsplit=1)
        language = words[0] if words and _LANGUAGE.fullmatch(words[0]) else ""
        return _code(tokens[idx].content, language)

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return _code(tokens[idx].content, "")

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        token = tokens[idx]
        url = str(token.attrs.get("src", ""))
        label = self.renderInlineAsText(token.children or [], options, env) or url
        if any(before.type == "link_open" for before in _open(tokens[:idx])):
            return escapeHtml(label)
        return f'<a class="picture" {_link_attributes(url)}>{escapeHtml(label)}</a>'

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f"<a {_link_attributes(str(tokens[idx].attrs.get('href', '')))}>"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        # The frame scrolls, so that a wide table never widens the page.
        return '<div class="table" tabindex="0"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return "</table></div>"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f"<th{_alignment(tokens[idx])}>"

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f"<td{_alignment(tokens[idx])}>"

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f"<{_heading(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f"</{_heading(tokens[idx])}>"


def _code(content: str, language: str) -> str:
    label = f"<span>{escapeHtml(language or 'text')}</span>"
    return (
        f'<div class="code"><div class="code-head">{label}{_COPY}</div>'
        f'<pre tabindex="0"><code>{escapeHtml(content)}</code></pre></div>'
    )


def _open(tokens: Sequence[Token]) -> list[Token]:
    """The inline tokens that are still open at the end of ``tokens``."""
    standing: list[Token] = []
    for token in tokens:
        if token.nesting == 1:
            standing.append(token)
        elif token.nesting == -1 and standing:
            standing.pop()
    return standing


def _link_attributes(url: str) -> str:
    # Relative addresses would point into our own site; a model has no business there, but in the reader's threads.
    if _THREAD.fullmatch(url):
        return f'href="{url}"'
    href = url if url.lower().startswith(_SCHEMES) else "#"
    return f'href="{escapeHtml(href)}" target="_blank" rel="noopener noreferrer nofollow"'


def _alignment(token: Token) -> str:
    found = _ALIGN.fullmatch(str(token.attrs.get("style", "")))
    return f' class="to-{found[1]}"' if found else ""


def _heading(token: Token) -> str:
    """The page has its own first and second headings: a text's begin at the third."""
    return f"h{min(int(token.tag[1]) + 2, 6)}"


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": False}, renderer_cls=_Renderer)
    return parser.enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML of a text, and how far it is settled: the blocks that a growing text will not change any more.

    ``links`` are the reference links that the settled part defined.
    """

    html: str
    settled_source: str = ""
    settled_html: str = ""
    links: Mapping[str, Any] = field(default_factory=dict)


def render(text: str) -> str:
    """HTML of a whole text."""
    return str(_parser().render(text))


def render_growing(text: str, before: Rendered | None) -> Rendered:
    """HTML of a text that only grows at its end, reusing what ``before`` has settled.

    It looks as ``render`` will, but for reference links whose definition is yet to come.
    """
    text = _LINE_END.sub("\n", text)
    if before is None or not text.startswith(before.settled_source):
        before = Rendered("")
    settled = _settle(text, before)
    env: dict[str, Any] = {"references": dict(settled.links)}
    rest = _parser().render(text[len(settled.settled_source) :], env)
    return replace(settled, html=settled.settled_html + str(rest))


def _settle(text: str, before: Rendered) -> Rendered:
    """Move the end of what is settled as far as it goes: to the last block that begins on a finished line."""
    unsettled = text[len(before.settled_source) :]
    lines = unsettled.split("\n")[:-1]
    env: dict[str, Any] = {"references": dict(before.links)}
    parser = _parser()
    tokens = parser.parse("\n".join(lines) + "\n", env)
    cut, line = _last_block(tokens)
    if not line:
        return before
    html = str(parser.renderer.render(tokens[:cut], parser.options, env))
    fresh = {name: link for name, link in env["references"].items() if name not in before.links}
    links = {**before.links, **{name: link for name, link in fresh.items() if link["map"][0] < line}}
    source = "".join(f"{row}\n" for row in lines[:line])
    return Rendered("", before.settled_source + source, before.settled_html + html, links)


def _last_block(tokens: Sequence[Token]) -> tuple[int, int]:
    """Where the last top-level block begins: index of its token, and its line in the source."""
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.level == 0 and token.nesting >= 0 and token.map is not None:
            return index, token.map[0]
    return 0, 0
