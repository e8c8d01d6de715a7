"""Posts as HTML."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.conversation.ending import ways_on
from bot.core.view import Button, Tone, View
from storage.posts import Post
from web.codec import FileNote, encode
from web.posts import PostRenderer, readable, said_key


def post(view: str, *, author: int | None = None, key: str = "k1", number: int = 1, version: int = 1) -> Post:
    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    return Post(number, "web:main/7/t", key, author, view, version, at)


def test_a_reply_has_text_footer_and_buttons() -> None:
    """What the engine says of an answer stands beneath it."""
    view = View("**Hi**", "demo/quick · $0.01", (Button("Retry", 'retry "#1"'),))
    html = PostRenderer().html(post(encode(view)))
    assert "<strong>Hi</strong>" in html
    assert "demo/quick · $0.01" in html
    assert 'data-command="retry &#34;#1&#34;">Retry</button>' in html
    assert 'class="post reply"' in html
    assert 'datetime="2026-11-21T09:30:00+00:00"' in html


def test_the_ways_on_from_an_answer() -> None:
    """Model begins its command in the message box; thumbs are signs with names, the other buttons words."""
    view = View("Hi", buttons=ways_on(7, go_on=True, text=True))
    html = PostRenderer().html(post(encode(view)))
    assert 'data-command="continue #7">Continue</button>' in html
    assert 'data-command="model" data-begins="/model ">Model</button>' in html
    assert 'data-verdict="good" aria-label="Good answer"' in html
    assert 'data-command="rate bad #7" data-verdict="bad" aria-label="Bad answer"' in html
    assert "👍" not in html


def test_a_growing_reply_has_no_button_of_its_own() -> None:
    """The page's Stop stands beside the message box."""
    growing = View("Hi", buttons=(Button("Stop", "stop"),), growing=True)
    assert "<button" not in PostRenderer().html(post(encode(growing)))


def test_what_a_person_wrote_is_shown_as_written() -> None:
    """No Markdown, no HTML: exactly the letters that were typed."""
    html = PostRenderer().html(post(encode(View("*a*  <b>\n# c")), author=7))
    assert "*a*  &lt;b&gt;\n# c</div>" in html
    assert 'class="post person"' in html


@pytest.mark.parametrize(
    ("view", "kind"),
    [
        (View("x", tone=Tone.NOTICE), "post notice"),
        (View("x", tone=Tone.NOTICE, private_to="7"), "post notice private"),
        (View("x", tone=Tone.ERROR, private_to="7"), "post error"),
    ],
)
def test_tones_look_different(view: View, kind: str) -> None:
    """Notices, private answers and errors can be told from replies."""
    assert f'class="{kind}"' in PostRenderer().html(post(encode(view)))


def test_a_command_and_a_receipt() -> None:
    """A command looks like one; files that went along are named with their size."""
    html = PostRenderer().html(post(encode(View("/new"), command=True), author=7))
    assert 'class="post person command"' in html
    files = [FileNote("a<b>.png", "image/png", 1_234_567), FileNote("n.txt", "text/plain", 12)]
    html = PostRenderer().html(post(encode(View(""), files), author=7))
    assert "a&lt;b&gt;.png</span><small>1.2 MB" in html
    assert "n.txt</span><small>12 B" in html


def test_the_event_names_the_page_s_own_key() -> None:
    """A page recognises its message; keys of ours and of others stay out of it."""
    mine = json.loads(PostRenderer().event(post(encode(View("x")), author=7, key=said_key(7, "abc"))))
    assert (mine["key"], mine["mine"], mine["growing"]) == ("abc", True, False)
    ours = json.loads(PostRenderer().event(post(encode(View("x", growing=True)), key="k1")))
    assert (ours["key"], ours["mine"], ours["growing"]) == ("", False, True)
    assert " data-growing" in ours["html"]


def test_a_growing_reply_ends_as_it_would_be_rendered_whole() -> None:
    """The last edit renders everything anew."""
    renderer = PostRenderer()
    text = "# A\n\n- b\n- c\n\n[home]\n\n[home]: http://x.test"
    for version in range(1, len(text)):
        renderer.html(post(encode(View(text[:version], growing=True)), version=version))
    grown = renderer.html(post(encode(View(text)), version=len(text)))
    assert grown == PostRenderer().html(post(encode(View(text)), version=len(text)))


def test_memory_is_bounded() -> None:
    """Renderings are kept for the latest posts only, and a version is rendered once."""
    renderer = PostRenderer()
    for number in range(300):
        renderer.html(post(encode(View("x", growing=True)), number=number))
    assert renderer.html(post("not even read", number=299)) != ""
    with pytest.raises(json.JSONDecodeError):
        renderer.html(post("not kept", number=0))


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_400, "999 kB"), (2_500_000, "2.5 MB")],
)
def test_sizes_for_people(size: int, words: str) -> None:
    """Sizes are decimal and short."""
    assert readable(size) == words
