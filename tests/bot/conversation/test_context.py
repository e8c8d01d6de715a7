"""What a model gets to read."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.context import GO_ON, Context, build, room_for_answer, weigh
from bot.core.message import Attachment, Role
from storage.conversations import Message

PNG = Attachment("chart.png", "image/png", b"\x89PNG")


def said(number: int, text: str, role: str = "user", outcome: str | None = None) -> Message:
    return Message(
        id=number,
        conversation_id=1,
        parent_id=number - 1 or None,
        role=role,
        person_id=1,
        author_name="Ada",
        external_id=None,
        text=text,
        model=None,
        reason=None,
        outcome=outcome,
        input_tokens=0,
        output_tokens=0,
        cost=None,
        latency_ms=None,
        first_token_ms=None,
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
        day="2026-11-21",
    )


def fitted(*branch: Message, window: int = 32_000, vision: bool = False, go_on: bool = False) -> Context:
    files = {m.id: [PNG] for m in branch if "look" in m.text}
    return build(branch, files, window=window, max_output=None, vision=vision, go_on=go_on)


def test_a_short_conversation_goes_whole() -> None:
    """Everything that was said is there, in order, and nothing counts as left out."""
    context = fitted(said(1, "Hello"), said(2, "Hi!", "assistant", "complete"), said(3, "How are you?"))
    assert [turn.text for turn in context.messages] == ["Hello", "Hi!", "How are you?"]
    assert context.omitted == 0


def test_the_oldest_turns_are_left_out_first_and_counted() -> None:
    """A window too small keeps the newest turns, begins with a question, and says how many are missing."""
    branch = [said(n, f"turn {n} " + "word " * 200, "user" if n % 2 else "assistant") for n in range(1, 12)]
    context = fitted(*branch, window=1_500)
    assert context.messages[-1].text.startswith("turn 11 ")
    assert context.messages[0].role is Role.USER
    assert context.omitted == len(branch) - len(context.messages) > 0
    assert context.tokens <= 1_500 - room_for_answer(1_500, None)


def test_a_question_too_long_for_the_window_goes_all_the_same() -> None:
    """Whether the question alone fits is for the provider to say."""
    context = fitted(said(1, "old"), said(2, "reply", "assistant"), said(3, "long " * 20_000), window=4_000)
    assert len(context.messages) == 1
    assert context.omitted == 2


@pytest.mark.parametrize("outcome", ["stopped", "interrupted", "failed"])
def test_half_an_answer_is_read_back_as_half(outcome: str) -> None:
    """An answer that did not finish carries a mark, so that the model does not take it for whole."""
    context = fitted(said(1, "Tell me"), said(2, "Once upon a", "assistant", outcome), said(3, "And then?"))
    assert context.messages[1].text.startswith("Once upon a\n\n[")


def test_an_answer_without_text_is_not_a_turn() -> None:
    """A refusal leaves no empty turn, and the two questions around it become one."""
    context = fitted(said(1, "First"), said(2, "", "assistant", "refused"), said(3, "Second"))
    assert [(turn.role, turn.text) for turn in context.messages] == [(Role.USER, "First\n\nSecond")]


def test_going_on_asks_for_the_rest() -> None:
    """The unfinished answer is read back, then the request to go on."""
    context = fitted(said(1, "Tell"), said(2, "Once", "assistant", "interrupted"), go_on=True)
    assert [turn.role for turn in context.messages] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert context.messages[-1].text == GO_ON


def test_images_go_to_models_that_see() -> None:
    """A model with vision gets the image; another is told that there is one, and the reply knows."""
    seen, unseen = fitted(said(1, "look"), vision=True), fitted(said(1, "look"))
    assert seen.messages[0].attachments == (PNG,)
    assert seen.unseen == 0
    assert unseen.messages[0].attachments == ()
    assert "chart.png" in unseen.messages[0].text
    assert unseen.unseen == 1


def test_text_files_stand_in_the_turn_behind_a_fence_they_cannot_close() -> None:
    """A file that holds a fence gets a longer one around it."""
    file = Attachment("notes.md", "text/markdown", b"```\ncode\n```")
    context = build([said(1, "read")], {1: [file]}, window=8_000, max_output=None, vision=False)
    assert "File notes.md:\n````\n```\ncode\n```\n````" in context.messages[0].text


@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=400)), max_size=20),
    st.integers(600, 6_000),
)
def test_roles_alternate_and_the_question_comes_last(turns: list[tuple[str, str]], window: int) -> None:
    """Whatever the history, no two neighbours share a role, the last turn is the question, the sum fits."""
    branch = [said(n, text, role, "complete") for n, (role, text) in enumerate(turns, 1)]
    context = fitted(*branch, said(len(branch) + 1, "the question?"), window=window)
    roles = [turn.role for turn in context.messages]
    assert all(a is not b for a, b in pairwise(roles))
    assert context.messages[-1].text.endswith("the question?")
    alone = weigh(context.messages[-1]) > window - room_for_answer(window, None)
    assert alone or context.tokens <= window - room_for_answer(window, None)
