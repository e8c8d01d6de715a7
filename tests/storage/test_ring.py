"""Sealing: what comes back, what does not open, and that keys do not show themselves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Tampered
from storage.ring import KeyRing, Sealed, SecretKey, Spot

KEY, OTHER = SecretKey(bytes(range(32)), "here"), SecretKey(bytes(32), "there")
HERE = Spot("credentials", 7, "secret", ("openai", "installation", None))
words = st.text(st.characters(codec="utf-8", exclude_characters="|"), min_size=1)
texts = st.text(st.characters(exclude_categories=()))


@given(texts, words, st.integers() | words, words, st.lists(st.none() | texts).map(tuple))
def test_what_was_sealed_comes_back(
    text: str, table: str, row: int | str, field: str, bound: tuple[str | None, ...]
) -> None:
    """Any text, half a surrogate pair too; and the same text is never sealed the same twice."""
    spot = Spot(table, row, field, bound)
    sealed = KEY.seal(text, spot)
    assert KEY.unseal(sealed, spot) == text
    assert sealed.key_id == KEY.id
    assert KEY.seal(text, spot) != sealed


@given(st.data())
def test_one_other_bit_does_not_open(data: st.DataObject) -> None:
    """Of the nonce or of the ciphertext, its tag included."""
    sealed = KEY.seal(data.draw(st.text()), HERE)
    part = data.draw(st.sampled_from(("nonce", "ciphertext")))
    value = bytearray(sealed.nonce if part == "nonce" else sealed.ciphertext)
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    value[bit // 8] ^= 1 << bit % 8
    other = (
        replace(sealed, nonce=bytes(value)) if part == "nonce" else replace(sealed, ciphertext=bytes(value))
    )
    with pytest.raises(Tampered):
        KEY.unseal(other, HERE)


@pytest.mark.parametrize("length", [0, 1, 7, 11, 200])
def test_a_nonce_or_text_of_an_impossible_length_does_not_open(length: int) -> None:
    """Whatever stands in the row, it is one error."""
    for sealed in (
        Sealed(KEY.id, bytes(length), bytes(40)),
        Sealed(KEY.id, bytes(12), bytes(min(length, 15))),
    ):
        with pytest.raises(Tampered):
            KEY.unseal(sealed, HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, row=8),
        replace(HERE, field="other"),
        replace(HERE, table="sessions"),
        replace(HERE, bound=("openai", "installation", "https://evil.example")),
        replace(HERE, bound=("openai", "person:7", None)),
        replace(HERE, bound=()),
    ],
)
def test_moved_to_another_place_it_does_not_open(elsewhere: Spot) -> None:
    """Another row, field or table, or a row in which something that is bound to it was changed."""
    with pytest.raises(Tampered):
        KEY.unseal(KEY.seal("sk-hunter22", HERE), elsewhere)


def test_no_two_places_are_one() -> None:
    """The sign between the parts cannot stand in a table's or field's name."""
    for table, field in (("a|b", "c"), ("a", "b|c")):
        with pytest.raises(ValueError, match="not a table"):
            KEY.seal("x", Spot(table, 1, field))


def test_another_key_does_not_open() -> None:
    """Even where the row names it."""
    with pytest.raises(Tampered):
        OTHER.unseal(KEY.seal("sk-hunter22", HERE), HERE)


def test_the_newest_key_is_the_first() -> None:
    """Given twice it is there once; none is no error."""
    ring = KeyRing([OTHER, KEY, OTHER])
    assert [key.id for key in ring] == [OTHER.id, KEY.id]
    assert ring.newest is not None
    assert ring.newest.id == OTHER.id
    assert ring.get(KEY.id) == KEY
    assert KEY.id in ring
    assert KeyRing().newest is None


def test_a_key_does_not_show_itself() -> None:
    """Its id says nothing of it."""
    assert KEY.id != OTHER.id
    for spelling in (*KEY.spellings(), KEY.value.hex(), repr(KEY.value)):
        assert spelling not in repr(KEY) + str(KEY) + KEY.id
