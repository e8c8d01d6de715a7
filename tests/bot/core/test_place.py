"""Places as strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.place import Place, Scope
from bot.core.provider import ModelId

IDS = st.text(min_size=1, max_size=20)


@given(
    st.from_regex(r"[a-z]+", fullmatch=True), IDS, st.one_of(st.just(""), IDS), st.one_of(st.just(""), IDS)
)
def test_any_ids_survive_the_string_form(platform: str, workspace: str, channel: str, thread: str) -> None:
    """What a platform calls its threads never breaks the string."""
    place = Place(platform, workspace, channel, thread if channel else "")
    assert Place.parse(str(place)) == place


def test_a_place_reads_as_it_is_nested() -> None:
    """The readable form, and its widening, narrow to wide."""
    thread = Place("slack", "T1", "C1", "1700.1")
    assert str(thread) == "slack:T1/C1/1700.1"
    assert [place.scope for place in thread.widen()] == [Scope.THREAD, Scope.CHANNEL, Scope.WORKSPACE]
    assert [str(place) for place in Place("slack", "T1").widen()] == ["slack:T1"]
    assert str(thread.home) == "slack:T1"


@pytest.mark.parametrize("text", ["", "slack", "slack:", ":T1", "slack:T1/C1/2/3", "slack:T1//2"])
def test_what_is_no_place_is_refused(text: str) -> None:
    """A broken string is an error, not a wrong place."""
    with pytest.raises(ValueError, match="not a place"):
        Place.parse(text)


def test_a_model_is_written_provider_slash_id() -> None:
    """The id may itself contain slashes; a half is refused."""
    model = ModelId.parse("together/meta-llama/Llama-3.3")
    assert (model.provider, model.model) == ("together", "meta-llama/Llama-3.3")
    assert str(model) == "together/meta-llama/Llama-3.3"
    with pytest.raises(ValueError, match="provider/model-id"):
        ModelId.parse("gpt-4")
