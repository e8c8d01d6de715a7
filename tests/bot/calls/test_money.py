"""Amounts as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.money import NANO, dollars


@pytest.mark.parametrize(
    ("nano", "shown"),
    [
        (None, "unpriced"),
        (0, "$0.00"),
        (1, "<$0.0001"),
        (99_999, "<$0.0001"),
        (100_000, "$0.0001"),
        (12_300_000, "$0.0123"),
        (400_000_000, "$0.40"),
        (999_949_999, "$0.9999"),
        (999_950_000, "$1"),
        (NANO, "$1"),
        (12_340_000_000, "$12.34"),
        (12_345_000_000, "$12.35"),
        (100 * NANO, "$100"),
        (1_234_500_000_000, "$1,234.50"),
        (-400_000_000, "-$0.40"),
    ],
)
def test_an_amount_is_shown_as_briefly_as_it_can_be_without_lying(nano: int | None, shown: str) -> None:
    """Four decimals under a dollar, cents over it, and what is too small to show is not shown as nothing."""
    assert dollars(nano) == shown


@given(st.integers(min_value=1, max_value=10**18))
def test_no_amount_is_shown_as_free(nano: int) -> None:
    """Whatever costs something says so."""
    assert dollars(nano) != "$0.00"


@given(st.integers(min_value=100_000, max_value=10**17))
def test_what_is_shown_is_close_to_what_it_costs(nano: int) -> None:
    """Under a dollar to half a hundredth of a cent, over it to half a cent."""
    shown = round(float(dollars(nano).lstrip("$").replace(",", "")) * NANO)
    assert abs(shown - nano) <= (50_000 if nano < 999_950_000 else 5_000_000) + nano // 10**12
