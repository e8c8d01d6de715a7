"""Money as people type it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import BadInput
from bot.core.money import NANO, dollars, parse_dollars


@pytest.mark.parametrize(
    ("typed", "nano"),
    [
        ("5", 5 * NANO),
        ("$5", 5 * NANO),
        (" 0.5 USD ", NANO // 2),
        ("US$ 0.25", NANO // 4),
        ("5,00", 5 * NANO),
        ("0,125", NANO // 8),
        (".5", NANO // 2),
        ("$0.000000001", 1),
        ("1,000", 1000 * NANO),
        ("1.000", NANO),
        ("$1,234,567.50", 1_234_567 * NANO + NANO // 2),
        ("1.234,50", 1234 * NANO + NANO // 2),
        ("1'000.5", 1000 * NANO + NANO // 2),
        ("1 000 dollars", 1000 * NANO),
        ("1.000.000", 1_000_000 * NANO),
        ("20 dollars", 20 * NANO),
        ("0", 0),
    ],
)
def test_an_amount_is_read(typed: str, nano: int) -> None:
    """With the sign before or after it, and the marks of either habit."""
    assert parse_dollars(typed) == nano


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "That is no amount. Write an amount in US dollars"),
        ("five", "“five” is no amount"),
        ("-5", "“-5” is no amount"),
        ("5 €", "“5 €” is no amount"),
        ("£5", "is no amount"),
        ("1e3", "is no amount"),
        ("$", "is no amount"),
        ("5.", "is no amount"),
        ("12,34,56", "can be read in two ways"),
        ("1,00,000.5", "can be read in two ways"),
        ("0.0000000001", "has more than nine decimals"),
        ("5,000,000,000", "is more than can be meant"),
        ("x" * 100, "That is no amount"),
        ("\N{ARABIC-INDIC DIGIT FIVE}", "is no amount"),
    ],
)
def test_what_is_no_amount_is_said(typed: str, sentence: str) -> None:
    """In one sentence, with the form that it should have."""
    with pytest.raises(BadInput) as caught:
        parse_dollars(typed)
    assert sentence in caught.value.say
    assert caught.value.say.endswith("like 5, $0.50 or 1,000.")


@given(st.integers(0, 10**17))
def test_what_we_write_is_read_back(nano: int) -> None:
    """To the last digit that was shown."""
    cents = nano // (NANO // 100) * (NANO // 100)
    assert parse_dollars(dollars(cents)) == cents


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    """Nothing else comes of it."""
    with suppress(BadInput):
        assert 0 <= parse_dollars(text) < 10**18
