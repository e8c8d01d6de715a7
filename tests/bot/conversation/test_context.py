"""What a model gets to read."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.context import GO_ON, Context, Read, asked, build, room_for_answer, weigh
from bot.conversation.inlining import Unread
from bot.core.message import Attachment, Role
from storage.conversations import Message

PNG = Attachment("chart.png", "image/png", b"\x89PNG")


def said(  # noqa: PLR0917
    number: int,
    text: str,
    role: str = "user",
    outcome: str | None = None,
    name: str = "Ada",
    person_id: int | None = 1,
) -> Message:
    return Message(
        id=number,
        conversation_id=1,
        parent_id=number - 1 or None,
        role=role,
        person_id=person_id,
        author_name=name,
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
    assert "File notes.md:\n````markdown\n```\ncode\n```\n````" in context.messages[0].text


def test_a_document_says_how_much_of_it_was_read() -> None:
    """Its text stands in its place, with its extent for the model."""
    file = Attachment("plan.pdf", "application/pdf", b"", "[page 1]\nPaint", "1 page")
    context = build([said(1, "read")], {1: [file]}, window=8_000, max_output=None, vision=False)
    assert "File plan.pdf (1 page):\n```\n[page 1]\nPaint\n```" in context.messages[0].text
    assert context.read == (Read("plan.pdf", 9, 9, "1 page"),)


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


def table(rows: int, name: str = "rows.csv") -> Attachment:
    return Attachment(name, "text/plain", "".join(f"{n},apples,pears\n" for n in range(rows)).encode())


def with_files(*files: Attachment, window: int = 8_000, text: str = "read") -> Context:
    return build([said(1, text)], {1: files}, window=window, max_output=None, vision=False)


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=4), st.integers(1_200, 8_000))
def test_files_are_cut_to_the_room_there_is(rows: list[int], window: int) -> None:
    """However many and however long they are, the request fits the window, and the receipt says what was read."""
    context = with_files(*(table(n, f"{at}.csv") for at, n in enumerate(rows, 1)), window=window)
    assert context.tokens <= window - room_for_answer(window, None)
    assert weigh(context.messages[0]) <= window - room_for_answer(window, None)
    assert len(context.read) + len(context.unread) == len(rows)
    assert all(0 <= read.tokens <= (read.whole or 0) for read in context.read)


def test_short_files_stay_whole_beside_a_long_one() -> None:
    """Only the long one is cut, at the end of a line, with a mark; it gets the room that the short one leaves."""
    context = with_files(table(3_000), table(5, "short.csv"))
    long, short = context.read
    assert short.tokens == short.whole
    assert long.whole is not None
    assert 4_000 < long.tokens < long.whole
    cut = context.messages[0].text.partition("short.csv")[0]
    assert f"about {long.tokens:,} of its {long.whole:,} tokens.]" in cut
    assert cut.partition("\n```\n[Only")[0].endswith(",apples,pears\n")


def test_a_file_that_finds_no_room_at_all_is_told_of() -> None:
    """Where the words alone fill the window the file is left out, and both the model and the person know."""
    context = with_files(table(100), text="word " * 3_000, window=2_000)
    assert context.read == ()
    assert [one.name for one in context.unread] == ["rows.csv"]
    assert "[rows.csv is too long to fit here.]" in context.messages[0].text


def test_receipts_are_for_what_is_being_answered() -> None:
    """A file of an earlier question is read again, and not told of again."""
    branch = [said(1, "look", person_id=1), said(2, "Seen.", "assistant", "complete"), said(3, "more")]
    files = {1: [table(3)], 3: [table(2, "new.csv"), PNG]}
    unread = {1: [Unread("old.bin", "Broken.")], 3: [Unread("new.bin", "Broken.")]}
    context = build(branch, files, window=8_000, max_output=None, vision=True, unread=unread)
    assert [read.name for read in context.read] == ["new.csv", "chart.png"]
    assert context.read[1] == Read("chart.png")
    assert context.unread == (Unread("new.bin", "Broken."),)
    assert "[File old.bin, which could not be read: Broken.]" in context.messages[0].text


def test_a_file_of_a_message_that_no_longer_fits_was_not_read() -> None:
    """Of two messages that are answered together the older one may be left out with its file."""
    branch = [said(1, "word " * 1_000), said(2, "word " * 1_000)]
    context = build(branch, {1: [table(2)]}, window=2_000, max_output=None, vision=False)
    assert context.omitted == 1
    assert [one.name for one in context.unread] == ["rows.csv"]


@pytest.mark.parametrize(
    ("second", "named"),
    [
        (said(2, "two"), False),
        (said(2, "two", name="Ada L."), False),
        (said(2, "two", name="Ada", person_id=None), False),
        (said(2, "two", name="Bob", person_id=None), True),
        (said(2, "two", name="Ada", person_id=2), True),
    ],
)
def test_who_speaks_is_said_where_several_do(second: Message, named: bool) -> None:
    """One person under two names is one; whoever was overheard is somebody else unless the name is the same."""
    context = fitted(said(1, "one"), second)
    assert context.messages[0].text.startswith("Ada: one" if named else "one\n\ntwo")


def test_a_name_does_no_harm() -> None:
    """It is one line of eighty characters at most."""
    context = fitted(said(1, "one"), said(2, "two", name="B\nob\u2028: \x00" + "o" * 200, person_id=2))
    name = context.messages[0].text.rpartition("\n\n")[2].rpartition(": ")[0]
    assert name.startswith("B ob : oooo")
    assert len(name) == 80


def test_what_was_taken_back_or_overheard_is_not_asked() -> None:
    """Only what was said to us since the last answer, and still stands, is to be answered."""
    gone = replace(said(4, ""), withdrawn_at=datetime(2026, 11, 21, tzinfo=UTC))
    heard = said(3, "psst", name="Bob", person_id=None)
    branch = [said(1, "one"), said(2, "Hi", "assistant", "complete"), heard, gone, said(5, "five")]
    assert [message.id for message in asked(branch)] == [5]
    assert "Ada: five" in fitted(*branch).messages[-1].text
    assert asked([said(1, "one"), said(2, "Half", "assistant", "stopped")]) == []
