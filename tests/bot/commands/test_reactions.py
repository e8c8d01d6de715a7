"""Which signs wish something."""

from __future__ import annotations

import pytest

from bot.commands.reactions import Wish, wish_of


@pytest.mark.parametrize(
    ("sign", "wish"),
    [
        ("🛑", Wish.STOP),
        ("⏹", Wish.STOP),
        ("⏹\ufe0f", Wish.STOP),
        ("🔁", Wish.RETRY),
        ("👍", Wish.GOOD),
        ("👍\U0001f3fd", Wish.GOOD),
        ("👎", Wish.BAD),
        ("🎉", None),
        ("", None),
    ],
)
def test_a_sign_is_read_whatever_its_colour(sign: str, wish: Wish | None) -> None:
    """Skin tones and variation selectors change nothing."""
    assert wish_of(sign) is wish
