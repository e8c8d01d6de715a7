"""The desk: help and completion from the tuple, and words for whatever goes wrong."""

from __future__ import annotations

import logging

import pytest

from bot.commands import COMMANDS
from bot.commands.complete import complete
from bot.commands.grammar import Command
from bot.commands.help import detail, overview
from bot.commands.spoken import spoken
from bot.core.provider import ModelId
from bot.providers.registry import Model
from tests.bot.commands.conftest import Thread
from tests.bot.commands.test_parse import BOTH, REMIND

NAMES = (ModelId("demo", "quick"), ModelId("demo", "thorough"), ModelId("demo", "story"))
MODELS = (
    *(Model(name, 32_000, None, local=True, vision=False, priced=True) for name in NAMES),
    Model(ModelId("vast", "meta/Quill-70B"), 2_000_000, None, local=False, vision=False, priced=False),
)


def values(text: str, commands: tuple[Command, ...] = COMMANDS, limit: int = 25) -> list[str]:
    """The completed lines."""
    return [one.value for one in complete(text, commands, MODELS, limit)]


async def test_help_lists_every_command_as_it_is_written(thread: Thread) -> None:
    """One line each, from the tuple."""
    said = await thread.say("/help")
    assert said == overview(COMMANDS)
    for command in COMMANDS:
        assert f"- `{command.usage}` — {command.summary}" in said
    assert "`/retry [reply] [anyway] [model]`" in said


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_explains_every_command(command: Command) -> None:
    """Its options, its other names, its example."""
    said = detail(command)
    for option in command.options:
        assert f"- `{option.name}`: {option.summary}" in said
    for word in (*command.aliases, command.example):
        assert word in said


async def test_help_finds_a_command_by_any_of_its_names(thread: Thread) -> None:
    """With or without the slash; what is not there is answered with the nearest."""
    assert await thread.say("/help /reset") == await thread.say("/help NEW")
    assert "Nearest: `model`" in await thread.error("/help modle")
    assert "`when`: the day (today, tomorrow, monday)" in detail(REMIND)


async def test_what_is_no_command_is_left_alone(thread: Thread) -> None:
    """The adapter treats it as something said."""
    assert await thread.desk.run(thread.asked(), "/usr/bin is where?") is None
    assert await thread.desk.run(thread.asked(), "!wow") is None
    assert "Nearest: `/model`" in await thread.error("/modle")


async def test_storage_that_is_away_is_said(thread: Thread) -> None:
    """Its own sentence, as an error."""
    await thread.store.close()
    assert "try again" in await thread.error("/model")


async def test_what_nobody_foresaw_is_logged_and_said(
    thread: Thread, caplog: pytest.LogCaptureFixture
) -> None:
    """The sentence and the log share a number, and the thread sees no exception."""
    await thread.store.settings.set("installation", "model", "not a model", None)
    with caplog.at_level(logging.ERROR):
        said = await thread.error("/model")
    number = said.partition("(")[2].partition(")")[0]
    assert said == f"Something went wrong on our side ({number}). Please try again."
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


def test_completion_begins_with_the_commands() -> None:
    """All of them after the mark, then those that begin, contain, or spell it."""
    assert values("/")[:3] == ["/model ", "/models ", "/agent "]
    assert len(values("/")) == len(COMMANDS)
    assert values("/mo") == ["/model ", "/models "]
    assert values("!re") == [
        "!new",
        "!retry ",
        "!summarise",
        "!rate ",
        "!forget ",
        "!approve ",
    ]  # "reset" is another name of "new"
    assert values("/cnt") == ["/continue "]
    assert values("hello") == values("") == values("/none of these") == []


def test_completion_goes_on_with_the_values_of_options() -> None:
    """Models by the whole name or the model's own, whatever was typed before them."""
    assert values("/model ") == [f"/model {model.id}" for model in MODELS]
    assert values("/model QU") == ["/model demo/quick", "/model vast/meta/Quill-70B"]
    assert values("/model q7b") == ["/model vast/meta/Quill-70B"]
    assert values("/retry #12 sto") == ["/retry #12 demo/story"]
    assert values("/model ", limit=2) == ["/model demo/quick", "/model demo/thorough"]
    assert values("/stop ") == []
    assert values("/help ra") == ["/help rate"]
    assert values("/rate b") == ["/rate bad"]
    assert values("/remind t", BOTH) == ["/remind today", "/remind tomorrow"]
    assert values("/remind today lo", BOTH) == ["/remind today loud"]


def test_completion_says_what_a_value_is() -> None:
    """A label and a detail for the list."""
    [quill] = complete("/model quill", COMMANDS, MODELS, 25)
    assert (quill.label, quill.detail) == ("vast/meta/Quill-70B", "2M tokens, unpriced")
    assert complete("/mod", COMMANDS, MODELS, 25)[0].detail == COMMANDS[0].summary


async def test_completion_knows_the_registrys_models(thread: Thread) -> None:
    """What is set up here."""
    assert [one.value for one in thread.desk.complete("/model 6-lu")] == ["/model openai/gpt-6-luna"]


def test_completion_finds_the_best_among_thousands() -> None:
    """What begins with the words comes before what only contains them."""
    names = [ModelId("vast", f"maker-{number}/model-{number}b-instruct") for number in range(2_000)]
    many = [Model(name, 8_192, None, local=False, vision=False, priced=False) for name in names]
    many.append(Model(ModelId("70b-inc", "x"), 8_192, None, local=False, vision=False, priced=False))
    found = [one.label for one in complete("/model 70b-in", COMMANDS, many, 25)]
    assert found[:3] == [
        "70b-inc/x",
        "vast/maker-70/model-70b-instruct",
        "vast/maker-170/model-170b-instruct",
    ]
    assert len(found) == 25


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("ollama pull llama3.2", "/ollama pull llama3.2"),
        ("ollama", "/ollama"),
        ("ollama search is a good idea", None),
        ("ollama is nice", None),
        ("/ollama search small vision", "/ollama search small vision"),
    ],
)
def test_plain_words_give_an_order_only_where_they_can_hardly_mean_more(words: str, line: str | None) -> None:
    """A choice and one word are an order; a sentence is for the model."""
    assert spoken(words, COMMANDS, MODELS) == line
