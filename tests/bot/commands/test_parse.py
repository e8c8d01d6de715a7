"""From typed lines to commands: the tuple decides, and what is no command stays what it is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.parse import Parsed, find, parse
from bot.core.errors import BadInput
from bot.core.view import View


async def _do(tools: Tools, asked: Asked, values: Values) -> Answer:
    return Answer(View("done"))


REMIND = Command(
    "remind",
    "say it later",
    _do,
    (
        Option("when", OptionKind.CHOICE, "the day", required=True, choices=("today", "tomorrow", "monday")),
        Option("hour", OptionKind.NUMBER, "the hour"),
        Option("loud", OptionKind.FLAG, "ping everybody"),
        Option("what", OptionKind.TEXT, "the words", rest=True),
    ),
    aliases=("nag",),
    example="/remind tomorrow 9 call home",
)
PING = Command("ping", "is somebody there", _do)
BOTH = (REMIND, PING)


def values(text: str) -> dict[str, str | int | bool]:
    """What a line says, by option."""
    parsed = parse(text, BOTH)
    assert parsed is not None
    return parsed.values


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "hello", "/", "!", "//", "/usr/bin is where?", "/etc/passwd", "/a1", "/?", "/ping? yes"),
        *(" /ping", "what does /ping do?", "!important: read this", "!wow", "! ping", "/пинг", "\n/ping"),
    ],
)
def test_what_is_not_written_as_a_command_is_something_said(text: str) -> None:
    """Paths, exclamations, and commands that are only mentioned go to the model."""
    assert parse(text, BOTH) is None


@pytest.mark.parametrize("text", ["/ping", "!ping", "/PING", "/ping ", "/ping\n"])
def test_a_command_is_its_name_after_a_slash_or_an_exclamation_mark(text: str) -> None:
    """In any case of letters, with or without space behind."""
    assert parse(text, BOTH) == Parsed(PING, {})


def test_an_alias_is_as_good_as_the_name() -> None:
    """Both lead to the same command."""
    assert find("nag", BOTH) is find("remind", BOTH) is REMIND


def test_options_find_their_words_by_what_the_words_look_like() -> None:
    """A number is the number, a flag the flag, and the rest stays as it was written."""
    assert values("/remind Tomorrow #9 --loud  call  home\nsoon") == {
        "when": "tomorrow",
        "hour": 9,
        "loud": True,
        "what": "call  home\nsoon",
    }
    assert values("/remind 9 today") == {"when": "today", "hour": 9, "loud": False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/pong", "Nearest: `/ping`"),
        ("/xyz", "`/remind`, `/nag`, `/ping`"),
        ("/pong", "begin with a space"),
        ("/ping me", "“me” is too much for `/ping`; it is written `/ping`."),
        ("/remind", "`/remind` needs when (`today`, `tomorrow`, `monday`): the day."),
        ("/remind", "For example: `/remind tomorrow 9 call home`."),
        ("/ping " + "x" * 500, "x…”"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_can(text: str, said: str) -> None:
    """The sentence names the nearest valid choices."""
    with pytest.raises(BadInput) as caught:
        parse(text, BOTH)
    assert said in caught.value.say
    assert len(caught.value.say) < 300


def test_a_word_that_is_no_choice_names_the_nearest_one() -> None:
    """A typing error in a choice is met with the choice."""
    only = Command(
        "day", "pick", _do, (Option("when", OptionKind.CHOICE, "it", choices=("today", "monday")),)
    )
    with pytest.raises(BadInput) as caught:
        parse("/day mondey", (only,))
    assert "Nearest: `monday`" in caught.value.say


def test_a_missing_option_without_choices_or_example_says_what_it_is_for() -> None:
    """The summary of the option stands in the sentence."""
    only = Command("say", "speak", _do, (Option("what", OptionKind.TEXT, "the words", required=True),))
    with pytest.raises(BadInput) as caught:
        parse("/say", (only,))
    assert caught.value.say == "`/say` needs what: the words."
    assert only.usage == "/say <what>"


LINES = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["/", "!"]),
        st.sampled_from(
            [name for c in COMMANDS for name in (c.name, *c.aliases)] + ["remind", "modle", "x-"]
        ),
        st.sampled_from([" ", "", "\t", "\n"]),
        st.text(max_size=60),
    ),
)


@given(LINES)
def test_any_line_is_a_command_or_said_or_bad_input(text: str) -> None:
    """Nothing a person types can make it raise anything else."""
    for commands in (COMMANDS, BOTH):
        with suppress(BadInput):
            parsed = parse(text, commands)
            assert parsed is None or {o.name for o in parsed.command.options} >= set(parsed.values)


KEYED = Command(
    name="rule",
    summary="a command with named options",
    handler=_do,
    options=(
        Option("what", OptionKind.TEXT, "words", rest=True),
        Option("scope", OptionKind.CHOICE, "where", choices=("here", "there"), keyed=True),
        Option("for", OptionKind.TEXT, "whom", keyed=True),
        Option("page", OptionKind.NUMBER, "which", keyed=True),
    ),
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/rule scope:here a b", {"what": "a b", "scope": "here"}),
        ("/rule a b scope:THERE for:ada", {"what": "a b", "scope": "there", "for": "ada"}),
        ('/rule for:"Ada L." a page:2', {"what": "a", "for": "Ada L.", "page": 2}),
        ("/rule a scope:here b", {"what": "a scope:here b"}),
        ("/rule page:#3", {"page": 3}),
        ("/rule scope: a", {"what": "scope: a"}),
    ],
)
def test_named_options_stand_at_either_end(line: str, expected: dict[str, object]) -> None:
    """In the midst of words they are words."""
    parsed = parse(line, (KEYED,))
    assert parsed is not None
    assert parsed.values == expected


@pytest.mark.parametrize(
    ("line", "say"),
    [
        ("/rule scope:hre", "There is no scope “hre”. Nearest: `here`, `there`."),
        ("/rule page:two", "page wants a number, not “two”."),
    ],
)
def test_a_named_option_that_does_not_fit_says_what_would(line: str, say: str) -> None:
    """The nearest choices, or what it wants."""
    with pytest.raises(BadInput) as caught:
        parse(line, (KEYED,))
    assert caught.value.say == say
