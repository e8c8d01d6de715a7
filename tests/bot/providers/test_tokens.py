"""The estimate of tokens."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest
from bot.providers.tokens import IMAGE_TOKENS, estimate, estimate_messages


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("", 0, 0),
        ("word", 1, 2),
        ("The quick brown fox jumps over the lazy dog.", 10, 18),
        ("Geschwindigkeitsbegrenzung", 5, 26),
        ("def f(x):\n    return x + 1\n", 10, 27),
        ("1234567890" * 10, 34, 60),
        ("東京都に行きました", 9, 18),
        ("สวัสดีครับ", 10, 30),
        ("Привет, как дела?", 5, 20),
        ("नमस्ते दुनिया", 8, 30),
        ("🙂🙂🙂", 3, 12),
        ("aGVsbG8gd29ybGQ" * 10, 60, 150),
        ("\n" * 50, 1, 50),
    ],
)
def test_an_estimate_is_near_what_tokenizers_count(text: str, low: int, high: int) -> None:
    """Between the truth of the usual tokenizers and about twice it, whatever the script."""
    assert low <= estimate(text) <= high


@given(st.text())
def test_any_text_has_an_estimate(text: str) -> None:
    """Never more than the bytes of the text, never less than nothing."""
    assert 0 <= estimate(text) <= len(text.encode("utf-8", "surrogatepass"))


@given(st.text(), st.text())
def test_more_text_is_not_fewer_tokens(left: str, right: str) -> None:
    """Two texts together are about as much as apart."""
    assert estimate(f"{left}\n\n{right}") <= estimate(left) + estimate(right) + 4


def test_an_estimate_is_quick() -> None:
    """Far below what would be felt: 100 kB well within 100 ms, even here."""
    text = "The quick brown fox jumps over the lazy dog, and then it sleeps for 12 hours. " * 1_300
    started = time.process_time()
    estimate(text)
    assert time.process_time() - started < 0.1


def test_a_request_is_counted_whole() -> None:
    """System text, turns and images count."""
    bare = ChatRequest("m", (ChatMessage(Role.USER, "Hello there"),))
    picture = Attachment("a.png", "image/png", b"x" * 10_000)
    note = Attachment("a.txt", "text/plain", b"x" * 10_000)
    full = ChatRequest("m", (ChatMessage(Role.USER, "Hello there", (picture, note)),), system="Be kind.")
    assert estimate_messages(full) - estimate_messages(bare) == IMAGE_TOKENS + estimate("Be kind.")
