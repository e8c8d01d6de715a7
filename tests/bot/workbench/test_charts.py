"""Charts: what they draw is well-formed and the same each time; what they say is true."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.money import NANO
from bot.workbench.charts import BarChart, Chart, LineChart, RankChart, Sparkline
from bot.workbench.drawing import DARK, LIGHT, fitted, wide
from bot.workbench.frame import Series
from bot.workbench.scales import Unit, figure, mark, short, step, ticks

SVG = "{http://www.w3.org/2000/svg}"
DAYS = ("Mon 16", "Tue 17", "Wed 18")
LUNA = Series("openai/gpt-6-luna", (NANO, 2 * NANO, 0))
MINI = Series("openai/mini", (0, NANO // 2, NANO // 4))
BARS = BarChart("Spending per day", DAYS, (MINI, LUNA), subtitle="Week 47")
LINE = LineChart("Tokens", DAYS, Series("now", (10, 40, 20)), Series("before", (5, 5, 5)), Unit.TOKENS)
RANK = RankChart("Top models", (("a", 3 * NANO), ("b", NANO)))
SPARK = Sparkline("Requests", (1, 5, 2), Unit.COUNT)
ALL: list[Chart] = [BARS, LINE, RANK, SPARK]


def drawn(chart: Chart) -> Element:
    return fromstring(chart.svg())  # noqa: S314 - our own


def words(chart: Chart) -> list[str]:
    return [one.text or "" for one in drawn(chart).iter(f"{SVG}text")]


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_the_same_values_are_drawn_the_same(chart: Chart) -> None:
    """To the letter, in each theme; without a style, for a page's policy allows none; and with its words."""
    assert chart.svg() == chart.svg(LIGHT) != chart.svg(DARK)
    root = drawn(chart)
    assert all("style" not in one.attrib for one in root.iter())
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == chart.alt()


def test_bars_have_an_axis_in_money_and_a_legend() -> None:
    """Round steps, each label, the highest bar with its value, each series with its sum, the largest first."""
    assert words(BARS) == [
        *("Spending per day", "Week 47", "$0", "$1", "$2", "$3", "Mon 16", "Tue 17", "Wed 18", "$2.50"),
        *("openai/gpt-6-luna", "$3", "openai/mini", "$0.75"),
    ]


def test_bars_stand_on_one_another() -> None:
    """A bar is as high as the sum of its parts: twice the sum is twice the height."""
    one = BarChart("x", ("a", "b"), (Series("s", (NANO, 2 * NANO)),))
    bars = re.findall(r'd="M[\d.]+ ([\d.]+)V([\d.]+)Q', one.svg())
    low, high = (float(foot) - float(shoulder) + 5 for foot, shoulder in bars)
    assert high == pytest.approx(2 * low, abs=0.3)


def test_many_series_are_gathered() -> None:
    """There are as many as colours; the smallest are drawn and summed together."""
    many = BarChart("x", ("a",), tuple(Series(f"m{n}", (n * NANO,)) for n in range(1, 11)))
    assert words(many)[-2:] == ["5 others", "$15"]


def test_a_chart_says_what_it_shows() -> None:
    """For those who do not see it."""
    assert BARS.alt() == (
        "Bar chart: Spending per day. $3.75 in all, most at Tue 17 with $2.50."
        " openai/gpt-6-luna $3; openai/mini $0.75."
    )
    assert LINE.alt() == (
        "Line chart: Tokens. From 10 tokens at Mon 16 to 20 tokens at Wed 18, highest at Tue 17 with 40 tokens;"
        " 70 tokens in all, before 15 tokens."
    )
    assert RANK.alt() == "Ranking: Top models. a $3; b $1."
    assert SPARK.alt() == "Requests: from 1 to 2, at most 5."


def test_nothing_is_said_to_be_nothing() -> None:
    """No bars, no line, no ranking."""
    nought = Series("s", (0, 0, 0))
    charts: list[Chart] = [BarChart("x", DAYS, (nought,)), LineChart("x", DAYS, nought), RankChart("x", ())]
    for chart in charts:
        assert "Nothing yet" in words(chart)
        assert chart.alt().endswith("Nothing yet.")
    assert Sparkline("x", ()).alt() == "x: nothing yet."
    assert drawn(Sparkline("x", ())).tag == f"{SVG}svg"


def test_a_ranking_has_an_end() -> None:
    """What is further down is one row."""
    long = RankChart("x", tuple((f"m{n}", n * NANO) for n in range(1, 12)), most=4)
    assert [word for word in words(long) if "m" in word or "other" in word] == [
        "m11",
        "m10",
        "m9",
        "8 others",
    ]


@given(st.text(max_size=60), st.lists(st.integers(-5, 10**15), min_size=1, max_size=40))
def test_whatever_it_is_called_the_drawing_is_well_formed(name: str, values: list[int]) -> None:
    """Names of people and models are anything."""
    labels = tuple(f"{name}{at}" for at in range(len(values)))
    series = Series(name, tuple(values))
    charts: list[Chart] = [
        BarChart(name, labels, (series, Series("b", tuple(values)))),
        LineChart(name, labels, series),
        RankChart(name, tuple(zip(labels, values, strict=True))),
        Sparkline(name, tuple(values)),
    ]
    for chart in charts:
        assert drawn(chart).tag == f"{SVG}svg"
        assert len(chart.alt()) <= 1_000


@given(st.integers(0, 10**16), st.sampled_from(Unit))
def test_axes_are_round_and_short(top: int, unit: Unit) -> None:
    """At most four steps, the last not below the highest value, all marks different."""
    marks = ticks(top, unit)
    assert len(marks) <= 5
    assert marks[-1] >= top
    assert len({mark(value, marks[1], unit) for value in marks}) == len(marks)


@pytest.mark.parametrize(
    ("top", "unit", "marks"),
    [
        (5_160_000_000, Unit.MONEY, ["$0", "$2", "$4", "$6"]),
        (900_000_000, Unit.MONEY, ["$0", "$0.25", "$0.50", "$0.75", "$1.00"]),
        (3_000_000, Unit.MONEY, ["$0", "$0.001", "$0.002", "$0.003"]),
        (302_000, Unit.TOKENS, ["0", "100k", "200k", "300k", "400k"]),
        (3, Unit.COUNT, ["0", "1", "2", "3"]),
    ],
)
def test_marks_are_what_a_person_would_write(top: int, unit: Unit, marks: list[str]) -> None:
    """With as many decimals as their distance needs."""
    assert [mark(value, step(top, unit), unit) for value in ticks(top, unit)] == marks


def test_figures_are_short() -> None:
    """Three digits and a letter."""
    assert [short(value) for value in (0, 999, 1_000, 1_240, 38_400, 2_000_000)] == [
        *("0", "999", "1k", "1.2k", "38k", "2M"),
    ]
    assert figure(1, Unit.TOKENS) == "1 token"
    assert figure(12_340_000_000, Unit.MONEY) == "$12.34"


def test_long_names_are_fitted() -> None:
    """To the pixels there are."""
    assert fitted("short", 17, 200) == "short"
    cut = fitted("a very long name indeed", 17, 100)
    assert cut.endswith("…")
    assert wide(cut, 17) <= 100
