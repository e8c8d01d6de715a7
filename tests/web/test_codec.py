"""The form in which the web chat keeps a view."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.view import Button, Tone, View
from web.codec import FileNote, Shown, decode, encode

TEXT = st.text(max_size=30)
VIEWS = st.builds(
    View,
    text=TEXT,
    footer=TEXT,
    buttons=st.lists(st.builds(Button, TEXT, TEXT), max_size=3).map(tuple),
    growing=st.booleans(),
    tone=st.sampled_from(Tone),
    private_to=st.none() | TEXT,
)
NOTES = st.lists(st.builds(FileNote, TEXT, TEXT, st.integers(0, 10**7)), max_size=3).map(tuple)


@given(VIEWS, NOTES, st.booleans())
def test_what_is_written_is_read(view: View, files: tuple[FileNote, ...], command: bool) -> None:
    """A post shows again exactly what was sent."""
    assert decode(encode(view, files, command=command)) == Shown(view, files, command)
