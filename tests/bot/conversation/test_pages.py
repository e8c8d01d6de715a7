"""The page turner: what it may never do, for any text, any limits and any chunks."""

import itertools
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.pages.inline import unpinged
from bot.conversation.pages.pager import Pager, Room, footer_room
from bot.core.surface import Limits
from tests.fakes.markdown import documents, words_of

FAMILY, ACCENT, THUMB = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301\u0323", "\U0001f44d\U0001f3fd"
FLAG, KANJI, STOP = "\U0001f1e9\U0001f1ea", "\u6f22\u5b57\u6587", "\u3002"

LIMITS = st.sampled_from([Limits(400, 1600), Limits(700, 700), Limits(2000, 8000)])
PIECES = ["```", "~~~", "`", "**", "__", "~~", "[", "](", ")", "|", "|---|", "\n", "\n\n", "- ", "1. ", "> "]
PIECES += ["#", "    ", " ", "x" * 40, "word ", ACCENT, FAMILY, FLAG, KANJI, STOP, "@here", "\\", "\r\n"]
ANY_TEXT = st.one_of(
    documents(), st.lists(st.sampled_from(PIECES), max_size=300).map("".join), st.text(max_size=3000)
)
CHANCE = st.randoms(use_true_random=False)
often = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def pages(text: str, limits: Limits) -> list[str]:
    pager = Pager(limits)
    pager.turn(text)
    return [pager.page(text, index).text for index in range(len(pager.starts))]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@often
@given(ANY_TEXT, LIMITS, CHANCE)
def test_every_page_fits_its_message_at_any_moment(text: str, limits: Limits, chance: random.Random) -> None:
    """No render, interim or last, is longer than the platform takes, with a footer beneath it."""
    pager, footer = Pager(limits), footer_room(limits)
    for end in sorted({chance.randrange(len(text) + 1) for _ in range(8)} | {len(text)}):
        pager.turn(text[:end])
        for index in range(len(pager.starts)):
            for growing in (False, True):
                shown = pager.page(text[:end], index, growing=growing).text
                assert units(shown) + footer.chars <= limits.page_chars
                assert len(shown.encode()) + footer.bytes <= limits.page_bytes


@often
@given(ANY_TEXT, LIMITS, CHANCE)
def test_a_full_page_never_changes(text: str, limits: Limits, chance: random.Random) -> None:
    """However the text arrives, a page that was once left looks the same for ever."""
    whole, grown = Pager(limits), Pager(limits)
    whole.turn(text)
    end = 0
    while end < len(text):
        end = min(len(text), end + chance.choice((1, 3, 40, 700)))
        grown.turn(text[:end])
        left = len(grown.starts) - 1
        assert grown.starts == whole.starts[: left + 1]
        assert [grown.page(text[:end], i) for i in range(left)] == [whole.page(text, i) for i in range(left)]


@often
@given(ANY_TEXT, LIMITS)
def test_pages_are_taken_up_again_where_they_were_left(text: str, limits: Limits) -> None:
    """After a restart the starts of the pages are all that is needed to render the same pages."""
    before = Pager(limits)
    before.turn(text)
    again = Pager(limits, text, before.starts)
    again.turn(text)
    assert again.starts == before.starts
    for index in range(len(before.starts)):
        assert again.page(text, index) == before.page(text, index)
        assert again.page(text, index, growing=True) == before.page(text, index, growing=True)


@often
@given(documents(), LIMITS)
def test_the_pages_together_say_what_the_answer_says(text: str, limits: Limits) -> None:
    """Read by a real Markdown parser, every word is there once, in order, in its list, code, table, link."""
    paged = [one for page in pages(text, limits) for one in words_of(page.replace("\u200b", ""))]
    assert paged == words_of(text)


@often
@given(documents(), LIMITS, CHANCE)
def test_a_growing_page_never_shows_half_a_mark(text: str, limits: Limits, chance: random.Random) -> None:
    """At any moment every word that is shown already stands where it will stand in the whole answer."""
    final, pager = dict(words_of(text)), Pager(limits)
    for end in sorted(chance.randrange(len(text) + 1) for _ in range(6)):
        pager.turn(text[:end])
        shown = pager.page(text[:end], len(pager.starts) - 1, growing=True).text.replace("\u200b", "")
        for word, standing in words_of(shown)[:-1]:  # the last word may be half a word
            assert standing == final[word]


def settled_parts(text: str, limits: Limits, chance: random.Random) -> list[tuple[str, str]]:
    """What one growing page shows for good, and what the next render of that page does."""
    pager, parts = Pager(limits), list[tuple[int, str]]()
    end = 0
    while end < len(text):
        end = min(len(text), end + chance.choice((1, 1, 2, 5, 30)))
        pager.turn(text[:end])
        index = len(pager.starts) - 1
        page = pager.page(text[:end], index, growing=True)
        parts.append((index, page.text[: len(page.text) - page.closing]))
    return [(old, new) for (at, old), (then, new) in itertools.pairwise(parts) if at == then]


@often
@given(documents(), LIMITS, CHANCE)
def test_a_growing_page_only_gets_longer(text: str, limits: Limits, chance: random.Random) -> None:
    """Without the marks that close it, each render of an answer begins with the one before: it can be streamed."""
    for old, new in settled_parts(text, limits, chance):
        assert new.startswith(old)


@often
@given(ANY_TEXT, LIMITS, CHANCE)
def test_a_growing_page_takes_back_at_most_its_end(text: str, limits: Limits, chance: random.Random) -> None:
    """In any text a mark may turn out to be half a block's and wait again; nothing shown becomes another text."""
    for old, new in settled_parts(text, limits, chance):
        assert new.startswith(old) or old.startswith(new)


@often
@given(ANY_TEXT)
def test_nothing_but_marks_is_added(text: str) -> None:
    """Without invisible spaces, page marks and white space the pages are the source, to the character."""
    limits = Limits(400, 1600)
    pager = Pager(limits)
    pager.turn(text)
    for index, start in enumerate(pager.starts):
        end = pager.starts[index + 1] if index + 1 < len(pager.starts) else len(text)
        shown, own = pager.page(text, index).text, unpinged(text[start:end]).strip()
        if own and own not in shown:
            # The line that closes the code of the page before is that page's own.
            first, _, own = own.partition("\n")
            assert index > 0
            assert re.fullmatch(r"[ \t>]*(`{3,}|~{3,})[ \t\r]*", first)
            assert own.strip() in shown


@often
@given(ANY_TEXT, LIMITS, CHANCE)
def test_a_page_may_be_left_wherever_it_stands(text: str, limits: Limits, chance: random.Random) -> None:
    """A page that is left as it was last shown keeps that text, and the next goes on right behind it."""
    pager = Pager(limits)
    part = text[: chance.randrange(len(text) + 1)]
    pager.turn(part)
    last = len(pager.starts) - 1
    shown = pager.page(part, last, growing=True)
    if not shown.text or not text[shown.end :].strip():
        return
    pager.turn(text)
    pager.recut(text, last, shown.end)
    assert pager.page(text, last).text == shown.text
    assert pager.starts[last + 1] >= shown.end
    assert not text[shown.end : pager.starts[last + 1]].strip()
    for index in range(last + 1, len(pager.starts)):
        assert units(pager.page(text, index).text) <= limits.page_chars


def grown(text: str) -> str:
    """What the last page shows while more is to come."""
    pager = Pager(Limits(2000, 8000))
    pager.turn(text)
    return pager.page(text, len(pager.starts) - 1, growing=True).text


BRACKETS = "an open [" + "bracket " * 60


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Look: `x = ", "Look: `x =`"),
        ("This is **very impor", "This is **very impor**"),
        ("This is **`x` and ~~ol", "This is **`x` and ~~ol~~**"),
        ("This is **", "This is"),
        ("This is a *", "This is a"),
        ("2 ** 3 is 8", "2 ** 3 is 8"),
        ("a**b", "a**b"),
        ("read [the man", "read"),
        ("read [the manual]", "read"),
        ("read [the manual](https://exa", "read"),
        ("read [the manual](https://example.com) or", "read [the manual](https://example.com) or"),
        ("read ![a pict", "read"),
        ("see https://exam", "see"),
        ("see https://example.com now", "see https://example.com now"),
        ("see <https://exam", "see"),
        ("an array [0] of", "an array [0] of"),
        (BRACKETS, BRACKETS.rstrip()),
        ("one\n\n| a | b", "one"),
        ("one\n\n| a | b |\n", "one"),
        ("one\n\n| a | b |\n|--", "one"),
        ("one\n\n| a | b |\n|---|---|\n", "one\n\n| a | b |\n|---|---|"),
        ("one\n\n| a | b |\n|---|---|\n| 1 | 2", "one\n\n| a | b |\n|---|---|"),
        ("one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "one\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        ("a | b\n", "a | b"),
        ("one\n\n```", "one"),
        ("one\n\n```py", "one"),
        ("one\n\n```py\n", "one"),
        ("one\n\n```py\nx", "one\n\n```py\nx\n```"),
        ("one\n\n```py\nx\n``", "one\n\n```py\nx\n```"),
        ("one\n\n```py\nx\n```\ntwo", "one\n\n```py\nx\n```\ntwo"),
        ("one\n-", "one"),
        ("one\n2.", "one"),
    ],
)
def test_what_is_held_back_and_closed(text: str, shown: str) -> None:
    """A growing text ends cleanly: open marks are closed, half links, tables and fences wait."""
    assert grown(text) == shown


PINGS = [
    "@everyone",
    "@here",
    "@channel",
    "@Everyone",
    "<@U123>",
    "<@123>",
    "<@!123>",
    "<@&1>",
    "<@U123|ann>",
]
PINGS += ["<!channel>", "<!here>", "<!subteam^S1>", "<#C1>"]


@pytest.mark.parametrize("ping", PINGS)
def test_a_quoted_mention_pings_nobody(ping: str) -> None:
    """Every mention of every platform is broken by an invisible space, in prose and in code."""
    for text in (ping, f"hey {ping}, `{ping}`\n```\n{ping}\n```"):
        shown = unpinged(text)
        assert ping not in shown
        assert shown.replace("\u200b", "") == text
        assert ping not in "".join(pages(text, Limits(2000, 8000)))


@pytest.mark.parametrize(
    "text", ["me@example.com", "a < b > c", "<b>bold</b>", "<!-- x -->", "@property", "x<@y"]
)
def test_what_is_no_mention_stays_as_it_is(text: str) -> None:
    """Code and mail addresses are not touched."""
    assert unpinged(text) == text


def test_code_goes_on_in_a_fence_of_its_own() -> None:
    """Each page of a long listing is a whole code block of the same language."""
    text = "Look:\n\n```python\n" + "".join(f"line_{n} = {n}\n" for n in range(60)) + "```\n\nThat is all."
    for page in pages(text, Limits(400, 1600)):
        assert page.count("```") == 2
        assert "```python\n" in page


def test_a_table_repeats_its_header() -> None:
    """Each page of a long table has the header and at least one row."""
    text = "| a | b |\n|---|---|\n" + "".join(f"| {n} | word |\n" for n in range(60))
    for page in pages(text, Limits(400, 1600)):
        assert page.startswith("| a | b |\n|---|---|\n| ")


def test_a_table_that_fits_a_page_moves_there_whole() -> None:
    """A table that begins low on a page is not cut."""
    table = "| a | b |\n|---|---|\n" + "".join(f"| {n} | word |\n" for n in range(10))
    first, second = pages("words " * 30 + "\n\n" + table, Limits(400, 1600))
    assert "|" not in first
    assert second == table.rstrip()


def test_a_listing_that_begins_low_moves_to_the_next_page() -> None:
    """A few lines of code at the foot of a page go with the rest."""
    first, second = pages("words " * 38 + "\n\n```\n" + "code\n" * 20 + "```", Limits(400, 1600))
    assert "```" not in first
    assert second.count("code") == 20


def test_a_list_goes_on_at_its_depth() -> None:
    """Items are put under a line that stands for their parents, and numbers go on."""
    inner = "".join(f"   - inner number {n}\n" for n in range(20))
    shown = pages(f"1. one\n{inner}2. two\n{inner}", Limits(400, 1600))
    assert len(shown) > 2
    assert all(page.startswith(("1. ", "2. ")) for page in shown)
    assert shown[1].startswith("1. …\n   - inner")


@pytest.mark.parametrize("character", [FAMILY, ACCENT, THUMB, FLAG])
def test_what_is_seen_as_one_character_stays_one(character: str) -> None:
    """Emoji sequences, accents and flags are not cut, even where there is nothing else to cut at."""
    for shift in range(8):
        for page in pages("x" * shift + character * 200, Limits(400, 4000)):
            assert page.lstrip("x") == character * page.count(character)


def test_a_word_longer_than_a_page_is_cut() -> None:
    """Text without any place to break still comes through."""
    assert "".join(pages("x" * 3000, Limits(400, 1600))) == "x" * 3000


def test_bold_text_longer_than_a_page_is_bold_on_each() -> None:
    """What must be cut within bold text is closed and opened again."""
    shown = pages("**" + "word " * 300 + "word** and more", Limits(400, 1600))
    assert len(shown) > 3
    assert all(re.fullmatch(r"\*\*(word ?)+\*\*( and more)?", page) for page in shown)


def test_a_header_too_long_for_a_page_is_not_repeated() -> None:
    """What is opened again never takes more than a third of a page."""
    text = "| " + "head " * 40 + "| b |\n|---|---|\n" + "".join(f"| {n} | word |\n" for n in range(60))
    assert sum("head" in page for page in pages(text, Limits(700, 2800))) == 1


def test_trailing_white_space_makes_no_page() -> None:
    """A page begins only where there is something to show."""
    assert len(pages("word " * 50 + "\n" * 500, Limits(400, 1600))) == 1


def test_text_without_spaces_breaks_at_its_sentences() -> None:
    """Chinese and Japanese text is cut behind a full stop where there is one."""
    text = (KANJI + STOP) * 100
    assert all(page.endswith(STOP) for page in pages(text, Limits(400, 4000)))


@pytest.mark.parametrize(
    ("text", "clipped"), [("short", "short"), ("x" * 30, "x" * 19 + "…"), ("€" * 15, "€" * 9 + "…")]
)
def test_clipping(text: str, clipped: str) -> None:
    """Text is clipped to characters and to bytes, whichever ends first."""
    assert Room(20, 30).clip(text) == clipped
