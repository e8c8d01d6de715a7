"""How a view looks in Discord."""

from __future__ import annotations

import pytest

from bot.adapters.discord.outgoing.keys import command_of, keys_of
from bot.adapters.discord.outgoing.render import LIMITS, components, content
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.conversation.pages.pager import Pager, footer_room
from bot.core.view import Button, Tone, View
from tests.bot.adapters.discord.seeing import dm, ours
from tests.fakes.discord.server import FakeDiscord

TABLE = "| a | longer |\n|---|:--|\n| 1 | **x** |\n| 語語 | a\\|b |"
DRAWN = "```\na    | longer\n-----|-------\n1    | **x**\n語語 | a|b\n```"


def test_the_footer_is_small_and_means_nothing_but_itself() -> None:
    """Marks in the name of a model change no letters."""
    assert content(View("Yes.", footer="demo/a_b_c · 1*2")) == "Yes.\n-# demo/a\\_b\\_c · 1\\*2"
    assert content(View("", footer="only this")) == "-# only this"
    assert content(View("")) == "…"


@pytest.mark.parametrize(
    ("text", "shown"), [("Alas", "⚠️ Alas"), ("- one", "⚠️\n- one"), ("1. one", "⚠️\n1. one"), ("", "…")]
)
def test_an_error_is_marked(text: str, shown: str) -> None:
    """The mark does not change what the text's first line is."""
    assert content(View(text, tone=Tone.ERROR)) == shown


def test_nobody_is_called() -> None:
    """Mentions are broken even in what the heart has not seen."""
    text = content(View("@everyone <@123> <@&456>", footer="@here"))
    assert "@everyone" not in text
    assert "<@1" not in text
    assert "<@&" not in text
    assert "@here" not in text


async def test_nobody_is_called_by_what_looks_like_code(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """What Discord would parse is not parsed, in posts and in edits."""
    place = dm(fake)
    posted = await surface.post(place, View(f"<@\u200b{fake.ada.id}>"), "k1")
    await surface.edit(place, posted.message_id, View(fake.ada.mention))
    bodies = [body for _, name, _, body in fake.api.calls if name in ("create_message", "edit_message")]
    assert [body["allowed_mentions"] for body in bodies] == [{"parse": [], "replied_user": False}] * 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TABLE, DRAWN),
        (f"before\n\n{TABLE}\n\nafter\n\n{TABLE}", f"before\n\n{DRAWN}\n\nafter\n\n{DRAWN}"),
        (f"```md\n{TABLE}\n```", f"```md\n{TABLE}\n```"),
        (f"~~~\n{TABLE}\n~~~\n{TABLE}", f"~~~\n{TABLE}\n~~~\n{DRAWN}"),
        ("this | that\n\nnot - a | table", "this | that\n\nnot - a | table"),
        ("a | b\n---\nno | rule", "a | b\n---\nno | rule"),
        ("| a | ``` |\n|---|---|\n| 1 | 2 |", "| a | ``` |\n|---|---|\n| 1 | 2 |"),
    ],
)
def test_a_table_is_drawn_in_code(text: str, shown: str) -> None:
    """Discord knows none; in code its columns stand beneath one another."""
    assert content(View(text)) == shown


def test_a_table_that_grows_is_drawn_too() -> None:
    """As far as it has come."""
    pager = Pager(LIMITS)
    for end in range(len(TABLE) + 1):
        pager.turn(TABLE[:end])
        shown = content(View(pager.page(TABLE[:end], 0, growing=True).text, growing=True))
        assert shown.count("```") in (0, 2)
        assert "|---|" not in shown


def test_a_table_with_no_room_for_its_columns_stands_as_it_is() -> None:
    """First without spaces to align it, then without a frame."""
    wide = "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | x |" for n in range(60)) + f"\n| {'y' * 800} | z |"
    assert content(View(wide)) == f"```\n{wide}\n```"
    wider = wide.replace("z |", f"{'z' * (1_995 - len(wide))} |")
    assert content(View(wider)) == wider


def test_deep_headings_are_headings() -> None:
    """Discord knows three levels; what looks like one in code stays as it is."""
    text = "# one\n#### four\n```\n#### code\n```\n###### six"
    assert content(View(text)) == "# one\n### four\n```\n#### code\n```\n### six"


@pytest.mark.parametrize("char", ["x", "語", "🎉", "_"])
def test_a_full_page_with_a_full_footer_fits(char: str) -> None:
    """Whatever they consist of, by the strictest count."""
    text, footer = char * 4_000, footer_room(LIMITS).clip(char * 400)
    pager = Pager(LIMITS)
    pager.turn(text)
    page = pager.page(text, 0).text
    shown = content(View(page, footer=footer, tone=Tone.ERROR))
    assert len(shown.encode("utf-16-le")) // 2 <= 2_000
    if char != "_":
        assert page in shown
        assert shown.endswith(footer)


def test_what_is_too_long_is_clipped() -> None:
    """Where somebody else than the pager wrote it."""
    shown = content(View("x" * 5_000, footer="the end"))
    assert len(shown) <= 2_000
    assert shown.endswith("x…\n-# the end")


def test_buttons_carry_the_key_and_what_they_say() -> None:
    """Five in a row; a command that is too long for both goes without the key, one too long for itself not at all."""
    say = ("retry #1", "model " + "m" * 80, "model " + "m" * 100, "a:b", "rate good #1", "rate bad #1")
    rows = components(View("x", buttons=tuple(Button(f"Go {one}", one) for one in say)), "k" * 25)
    assert [len(row["components"]) for row in rows] == [5]
    made = [one["custom_id"] for row in rows for one in row["components"]]
    assert [command_of(one) for one in made] == [one for one in say if len(one) < 100]
    assert all(len(one) <= 100 for one in made)
    assert len(set(made)) == len(made)
    assert set(keys_of({"components": rows})) == {"k" * 25}
    assert all(len(one["label"]) <= 80 for row in rows for one in row["components"])


def test_no_more_buttons_than_fit() -> None:
    """Five rows of five."""
    rows = components(View("x", buttons=tuple(Button(str(n), f"go {n}") for n in range(30))), "k")
    assert [len(row["components"]) for row in rows] == [5] * 5


def test_what_grows_can_be_stopped() -> None:
    """Unless it has buttons of its own; what has ended has none."""

    def labels(view: View) -> list[str]:
        return [one["label"] for row in components(view, "k") for one in row["components"]]

    assert labels(View("x", growing=True)) == ["Stop"]
    assert labels(View("x", growing=True, buttons=(Button("Other", "other"),))) == ["Other"]
    assert labels(View("x")) == []


@pytest.mark.parametrize("custom_id", ["", "s:k:retry", "s:k:x:retry", "other:k:0:retry", "s"])
def test_a_button_that_is_not_ours_says_nothing(custom_id: str) -> None:
    """Only what this adapter made is read as a command."""
    assert command_of(custom_id) is None


async def test_previews_of_links_are_off(fake: FakeDiscord, surface: DiscordSurface) -> None:
    """They stay off when the message is edited."""
    place = dm(fake)
    posted = await surface.post(place, View("https://example.org"), "k1")
    await surface.edit(place, posted.message_id, View("https://example.org/more"))
    assert [one.flags for one in ours(fake, place)] == [1 << 2]
