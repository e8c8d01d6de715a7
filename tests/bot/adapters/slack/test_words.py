"""Commands as words in messages: what is one, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.core.place import Place
from storage.store import Store
from tests.bot.adapters.slack.command_stage import LUNA, Stage, staged
from tests.fakes.slack.messages import Message


@pytest_asyncio.fixture
async def stage(store: Store) -> AsyncIterator[Stage]:
    async with staged(store) as one:
        yield one


def line(stage: Stage, text: str, *, mentioned: bool = True, inside: bool = True) -> str | None:
    return stage.commands.line_of(text, mentioned=mentioned, in_conversation=inside)


async def order(
    stage: Stage, message: Message, text: str, *, place: Place | None = None, who: str = "ada"
) -> None:
    """Whoever receives messages hands one over that is a command."""
    await stage.commands.words(
        workspace=stage.workspace,
        place=place or stage.place(message),
        channel=message.channel,
        user=stage.slack.world.user(who).id,
        ts=message.ts,
        thread_ts=message.thread_ts,
        line=text,
    )


COMMANDS = {
    "model": "/model",
    "Model gpt": "/model gpt",
    "model default": "/model default",
    "model 4.1.": "/model 4.1",
    "/model gpt": "/model gpt",
    "!model no such model": "/model no such model",
    "/new please": "/new please",
    "new": "/new",
    "RESET": "/new",
    "stop": "/stop",
    "Stop!": "/stop",
    "cancel": "/stop",
    "retry": "/retry",
    "again demo/quick": "/retry demo/quick",
    "retry #12 quick": "/retry #12 quick",
    "continue": "/continue",
    "continue #3": "/continue #3",
    "help": "/help",
    "help?": "/help",
    "help model": "/help model",
    "rate good": "/rate good",
    "follow": "/follow",
    "follow mentions": "/follow mentions",
}

SENTENCES = [
    "stop the war in the kitchen",
    "new ideas for a name?",
    "help me with my homework",
    "help me",
    "continue the story",
    "continue please",
    "retry the build",
    "again please",
    "model the economy of a small island",
    "model\nthe economy",
    "rate this essay",
    "rate",
    "follow the instructions",
    "reset my expectations",
    "cancel culture",
    "modelling clay",
    "what is new",
    "/etc/passwd is what?",
    "/shrug",
    "!important",
    "stop, please",
    "",
    "🤖",
]


@pytest.mark.parametrize(("text", "meant"), COMMANDS.items())
async def test_after_our_name_a_command_is_one(stage: Stage, text: str, meant: str) -> None:
    """In any case, with a mark or without, with a full stop; an explicit mark needs no more than the name."""
    assert line(stage, text) == line(stage, text, inside=False) == meant


@pytest.mark.parametrize("text", SENTENCES)
async def test_a_sentence_is_for_the_model(stage: Stage, text: str) -> None:
    """A word counts only if all that follows makes sense to its command."""
    assert line(stage, text) is None


async def test_without_our_name_only_a_mark_in_a_conversation_counts(stage: Stage) -> None:
    """Elsewhere people may shout as they like."""
    assert line(stage, "!model gpt", mentioned=False) == "/model gpt"
    assert line(stage, "!Stop", mentioned=False) == "/stop"
    assert line(stage, "!model gpt", mentioned=False, inside=False) is None
    assert line(stage, "model gpt", mentioned=False) is None
    assert line(stage, "/model gpt", mentioned=False) is None
    assert line(stage, "!wow", mentioned=False) is None


async def test_a_switch_is_said_to_the_thread(stage: Stage) -> None:
    """Everybody reads it; a repeat of the message does nothing more."""
    root, _, _ = await stage.thread()
    message = stage.slack.say("ada", "general", "!model quick", thread_ts=root.ts)
    await order(stage, message, "/model quick")
    assert "**demo/quick** answers here from the next message on." in await stage.said(root, 2)
    await order(stage, message, "/model quick")
    second = stage.slack.say("ada", "general", "!model story", thread_ts=root.ts)
    await order(stage, second, "/model story")
    assert "**demo/story**" in await stage.said(root, 3)
    assert len(stage.words(root)) == 3


async def test_what_changes_nothing_is_said_to_the_asker_alone(stage: Stage) -> None:
    """In the thread; an error too."""
    root, _, _ = await stage.thread()
    await order(stage, stage.slack.say("ada", "general", "!model", thread_ts=root.ts), "/model")
    shown = await stage.whispered()
    assert shown.startswith(f"**{LUNA}** answers here:")
    assert stage.slack.whispers("ada")[0].thread_ts == root.ts
    wrong = stage.slack.say("ada", "general", "!model gpt6lunna", thread_ts=root.ts)
    await order(stage, wrong, "/model gpt6lunna")
    assert "Nearest:" in await stage.whispered(2)
    assert len(stage.words(root)) == 1
    assert stage.whispers("grace") == []


async def test_where_no_thread_is_yet_the_asker_is_answered_in_the_channel(stage: Stage) -> None:
    """What one person alone is told in a thread would show nowhere before there is a thread."""
    message = stage.slack.mention("ada", "general", "help")
    await order(stage, message, "/help")
    await stage.whispered()
    assert stage.slack.whispers("ada")[0].thread_ts == ""


async def test_a_thread_may_begin_with_its_model(stage: Stage) -> None:
    """Said at top level, the message is the root of its own thread, and the answer stands in that."""
    message = stage.slack.mention("ada", "general", "model quick")
    await order(stage, message, "/model quick")
    assert "**demo/quick** answers here" in await stage.said(message, 1)
    assert await stage.model(stage.place(message)) == "demo/quick"


async def test_in_a_direct_message_every_answer_stays(stage: Stage) -> None:
    """Nobody else is there, and what only one person sees is gone after a reload."""
    message = stage.slack.dm("ada", "!help")
    await order(stage, message, "/help", place=stage.dm)
    await stage.slack.until(lambda: len(stage.slack.top(stage.dm.channel)) == 2)
    assert stage.whispers() == []


async def test_follow_is_for_the_whole_channel(stage: Stage) -> None:
    """Said in a thread it holds for the others too; in a direct message there is nothing to choose."""
    root, _, _ = await stage.thread()
    message = stage.slack.say("ada", "general", "!follow mentions", thread_ts=root.ts)
    await order(stage, message, "/follow mentions")
    assert "only messages that mention me are answered from now on" in await stage.said(root, 2)
    scope = f"place:{replace(stage.place(root), thread='')}"
    found = await stage.store.settings.get_many([scope], "follow")
    assert found[scope].value == "mentions"
    private = stage.slack.dm("ada", "!follow")
    await order(stage, private, "/follow", place=stage.dm)
    await stage.slack.until(lambda: len(stage.slack.top(stage.dm.channel)) == 2)
    assert "nothing to choose" in stage.slack.top(stage.dm.channel)[-1].text


async def test_an_answer_that_nobody_can_be_shown_is_let_go(stage: Stage) -> None:
    """The order was carried out; the next one is answered again."""
    root, _, _ = await stage.thread()
    stage.slack.general.archived = True
    stage.slack.book.expect("chat.postMessage", "is_archived")
    gone = stage.slack.say("ada", "general", "!model quick", thread_ts=root.ts)
    await order(stage, gone, "/model quick")
    await stage.slack.until(lambda: stage.slack.book.entries)
    stage.slack.general.archived = False
    assert await stage.model(stage.place(root)) == "demo/quick"
    await order(stage, stage.slack.say("ada", "general", "!model", thread_ts=root.ts), "/model")
    await stage.whispered()
