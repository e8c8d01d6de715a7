"""Charts as pictures: drawn elsewhere, with letters in them on any machine."""

from __future__ import annotations

import sys

import pytest

from bot.core.money import NANO
from bot.workbench.charts import RankChart
from bot.workbench.drawing import LIGHT, image, text
from bot.workbench.painter import render_png
from bot.workbench.pictures import picture

CHART = RankChart("Top models", (("openai/gpt-6-luna", 3 * NANO),))


async def test_a_chart_becomes_a_picture() -> None:
    """By a process of its own; with its words and a name."""
    made = await picture(CHART, "models")
    assert made is not None
    assert made.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert made.png[16:20] == (1_280).to_bytes(4, "big")
    assert (made.alt, made.name) == (CHART.alt(), "models.png")


def test_letters_are_drawn_with_our_own_font() -> None:
    """A machine without any font draws them all the same; the same words look the same."""
    blank, said = (
        render_png(image(200, 40, "", [text(10, 30, words, 20, LIGHT.ink)])) for words in ("", "Łódź $1")
    )
    assert said != blank
    assert len(said) > len(blank) + 300
    assert said == render_png(image(200, 40, "", [text(10, 30, "Łódź $1", 20, LIGHT.ink)]))


async def test_a_picture_that_cannot_be_drawn_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words go without it."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert await picture(CHART, "models") is None
