"""Markdown as the web chat shows it: safe, and cheap while it grows."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from web.markdown import Rendered, render, render_growing

BARE = (
    *("p", "h3", "h4", "h5", "h6", "ul", "li", "em", "strong", "s", "code", "span"),
    *("blockquote", "hr", "br", "table", "thead", "tbody", "tr"),
)
ALLOWED: dict[str, frozenset[str]] = {
    "a": frozenset({"href", "target", "rel", "class"}),
    "div": frozenset({"class", "tabindex"}),
    "button": frozenset({"type", "class", "data-copy"}),
    "pre": frozenset({"tabindex"}),
    "ol": frozenset({"start"}),
    "th": frozenset({"class"}),
    "td": frozenset({"class"}),
    **dict.fromkeys(BARE, frozenset()),
}


class _Tags(HTMLParser):
    """Collects every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.seen


PIECES = st.sampled_from(
    [
        "text ",
        "**bold** ",
        "`code` ",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "  - ",
        "1. ",
        "> ",
        "```python\n",
        "```\n",
        "~~~\n",
        "| a | b |\n",
        "|--|:-:|\n",
        "<script>alert(1)</script>",
        "<b onclick=x>",
        '<img src=x onerror="alert(1)">',
        "![p](http://x/y.png)",
        "[l](http://x)",
        "[j](javascript:alert(1))",
        "[d](data:text/html,x)",
        "[r](/sign-out)",
        "[q][r]",
        "<http://auto.link>",
        "&lt;",
        "\\",
        "***\n",
        "===\n",
        "    indented\n",
        "\u2028",
        "\r\n",
        "\r",
        "\t",
        '"',
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@given(TEXTS)
@example('[x](http://a"onmouseover="alert(1))')
def test_only_harmless_tags_and_attributes_come_out(text: str) -> None:
    """Whatever a model writes, only known tags with known attributes reach the page."""
    for tag, attributes in tags(render(text)):
        assert attributes.keys() <= ALLOWED[tag]
        if "href" in attributes:
            assert (attributes["href"] or "").startswith(("http://", "https://", "mailto:", "#"))
            assert attributes["rel"] == "noopener noreferrer nofollow"


@given(TEXTS, st.lists(st.integers(1, 30), min_size=1, max_size=12))
def test_growing_text_looks_as_it_will_in_the_end(text: str, steps: list[int]) -> None:
    """Rendering piece by piece ends with the HTML of the whole."""
    rendered: Rendered | None = None
    at = 0
    for step in steps:
        at += step
        rendered = render_growing(text[:at], rendered)
    assert render_growing(text, rendered).html == render(text)


def test_growing_reuses_what_is_settled() -> None:
    """Blocks before the last are not parsed again."""
    first = render_growing("one\n\ntwo\n\nthr\n", None)
    assert first.settled_source == "one\n\ntwo\n\n"
    assert first.settled_html == "<p>one</p>\n<p>two</p>\n"
    marked = Rendered(first.html, first.settled_source, "SETTLED")
    assert render_growing("one\n\ntwo\n\nthr\nee", marked).html == "SETTLED<p>thr\nee</p>\n"


def test_growing_starts_over_where_the_text_changed() -> None:
    """A text that is not a continuation is rendered from its beginning."""
    before = render_growing("one\n\ntwo", None)
    assert render_growing("ONE\n\ntwo", before).html == "<p>ONE</p>\n<p>two</p>\n"


def test_growing_remembers_links_defined_earlier() -> None:
    """A reference link works when its definition was settled before."""
    before = render_growing("[home]: http://x.test\n\nfirst\n\nsecond", None)
    html = render_growing("[home]: http://x.test\n\nfirst\n\nsecond [home]", before).html
    assert 'href="http://x.test"' in html


def test_a_picture_becomes_a_link() -> None:
    """Nothing is fetched from elsewhere: a remote image is a link with the image's words."""
    html = render("![a boat](https://x.test/boat.png)")
    assert '<a class="picture" href="https://x.test/boat.png"' in html
    assert ">a boat</a>" in html


def test_a_picture_within_a_link_stays_one_link() -> None:
    """Links do not nest: a linked picture is its words within the one link."""
    html = render("[![a boat](https://x.test/boat.png)](https://x.test)")
    assert [tag for tag, _ in tags(html)].count("a") == 1
    assert "a boat" in html


def test_a_picture_without_words_shows_its_address() -> None:
    """A link always has something to click on."""
    assert ">https://x.test/b.png</a>" in render("![](https://x.test/b.png)")


@pytest.mark.parametrize("url", ["/sign-out", "//evil.test", "javascript:alert(1)", "ftp://x.test/a"])
def test_links_into_our_own_site_or_to_odd_places_lead_nowhere(url: str) -> None:
    """A model cannot link to our own routes nor run anything."""
    assert all(attributes["href"] == "#" for tag, attributes in tags(render(f"[x]({url})")) if tag == "a")


def test_tables_align_without_inline_styles() -> None:
    """The policy allows no style attributes: alignment is a class."""
    html = render("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |")
    assert '<th class="to-left">a</th>' in html
    assert '<td class="to-center">2</td>' in html
    assert '<td class="to-right">3</td>' in html
    assert "style" not in html


def test_code_has_a_language_and_a_copy_button() -> None:
    """A fenced block names its language; what is in it is only text."""
    html = render("```python title=x\nprint('<b>')\n```")
    assert "<span>python</span>" in html
    assert "data-copy" in html
    assert "print('&lt;b&gt;')" in html


def test_code_without_a_proper_language_is_text() -> None:
    """What follows a fence and is no language's name is not shown."""
    assert "<span>text</span>" in render('```<script>"x"\ncode\n```')
    assert "<span>text</span>" in render("    indented")


def test_headings_begin_below_those_of_the_page() -> None:
    """The page's own headings come first in the outline."""
    assert render("# One").strip() == "<h3>One</h3>"
    assert render("###### Six").strip() == "<h6>Six</h6>"
