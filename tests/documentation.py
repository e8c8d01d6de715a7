"""The pages of docs/ that are made from the program itself, so that they cannot say anything else.

``make docs`` writes them; tests/test_docs.py compares them with what the program says today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from click import Group
from click.testing import CliRunner

import bot.__main__
from bot.commands import COMMANDS
from bot.commands.grammar import Command
from bot.core.errors import TimedOut
from bot.providers import catalog
from bot.providers.resilience import PATIENCE, Deadlines
from bot.providers.wires.demo import failures, texts, wire
from web.chat import _LIMITS

DOCS = Path(__file__).parent.parent / "docs"


def _page(sources: str, *parts: str) -> str:
    made = f"<!-- Made by `make docs` from {sources}: change those, then make it again. -->"
    return "\n\n".join((made, *parts)) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# ---- commands.md


def commands_page() -> str:
    """What can be said in a conversation and on the command line."""
    return _page(
        "bot/commands and bot/__main__.py",
        _IN_CONVERSATION,
        *map(_command, COMMANDS),
        _MODELS_AND_BUTTONS,
        "## On the command line",
        *_helps(),
        _exit_codes(),
    )


_IN_CONVERSATION = """# Commands

## In a conversation

What you write is answered by a model. A line that begins with `/`, or with `!` and the name of a command, is an
order instead; a space before it makes a message of it again. Typing `/` shows what may follow: the arrow keys
choose, Tab or Enter takes it."""

_MODELS_AND_BUTTONS = """## How a model is written

`provider/model-id`, as in `openai/gpt-4.1` or `demo/quick`. The end of the name is enough where only one model
ends so (`/model quick`); any part of it lists the models that have it.

## Buttons

**Retry** beneath an answer is `/retry` for that very answer, **Continue** is `/continue`, and **Stop**, which shows
while an answer is written, is `/stop`; so is the Escape key. Another answer never replaces the one before it: it
starts a branch at its question, and the conversation goes on from there."""


def _command(command: Command) -> str:
    parts = [f"### `{command.usage}`", f"{command.summary[:1].upper()}{command.summary[1:]}."]
    if command.options:
        rows = [(f"`{option.name}`", option.summary) for option in command.options]
        parts.append(table(("option", "what it is"), rows))
    names = ", ".join(f"`/{alias}`" for alias in command.aliases)
    example = f"`{command.example}`" if command.example else ""
    more = [text for text in (f"Also: {names}." * bool(names), f"Example: {example}" * bool(example)) if text]
    return "\n\n".join(parts + [" ".join(more)] * bool(more))


def _helps() -> list[str]:
    main: Group = bot.__main__.main
    return [_help([]), *(_help([name]) for name in sorted(main.commands))]


def _help(words: list[str]) -> str:
    """What `switchboard WORDS --help` prints, 80 columns wide."""
    asked = [*words, "--help"]
    said = CliRunner().invoke(bot.__main__.main, asked, prog_name="switchboard", terminal_width=80)
    return f"```console\n$ switchboard {' '.join(asked)}\n{said.output}```"


def _exit_codes() -> str:
    """The sentence of the module itself."""
    found = re.search(r"^Exit codes: (.+?)$", bot.__main__.__doc__ or "", re.MULTILINE)
    assert found, "bot/__main__.py says no more what its exit codes are"
    return f"Exit codes: {found[1]}"


# ---- demo.md


def demo_page() -> str:
    """What the demo understands."""
    return _page(
        "bot/providers/wires/demo",
        _DEMO,
        _what_to_say(),
        _FIGURES.format(speed=wire.SPEED, first=wire.FIRST_TOKEN),
        "## Its models",
        table(("model", "what it does"), _models()),
        f"Each reads {_window():,} tokens; what no longer fits is left out, the oldest first, and the footer says so.",
        _FAILURES.format(middle=failures.MIDDLE),
        table(("say", "the thread then says", "tried again first"), [*map(_failure, failures.KINDS)]),
        _HANGS.format(first=Deadlines().first, idle=Deadlines().idle),
    )


_DEMO = """# The demo

The provider `demo` is a script inside Switchboard, not a language model: it answers without a key and without a
network, it costs nothing, and it says so. It is there so that you can see streaming, formatting, branches and every
kind of failure in the first minute, and so that whoever works on Switchboard can order each of them.

It answers where no other provider is set up and no other model was chosen; `/model quick` brings it back anywhere.
The same words get the same answer each time.

## What to say"""

_FIGURES = """`slow start` takes up to 120 seconds, a story up to 20,000 words, and counting ends at 500. What fits none
of these is quoted back with a hint. Files that you attach are listed with their type and size.

It writes {speed:.0f} tokens a second after {first} seconds of silence, as a quick model does."""

_FAILURES = """## Failures on request

The whole message is the order, in any case and with or without "please":

```text
fail KIND [in the middle] [after N words] [on MODEL]
```

`after N words` writes so much of an answer first, and `in the middle` means {middle}. `on quick` fails for that one
model only, so that `/retry thorough` then works; `cut` and `hang` need no "fail"; a cut always comes in the middle."""

_HANGS = """Where some text was written already, nothing is tried again: the text is kept, and **Continue** goes on from
it. `hang` says nothing for {first:.0f} seconds, `hang in the middle` falls silent for {idle:.0f}; then Switchboard
gives up on the model."""

_ABOUT = MappingProxyType(
    {
        "quick": "answers at once",
        "thorough": "thinks first, as the status line says, and adds a second look",
        "story": "writes at length where nothing else was asked for",
    }
)


# What the demo itself offers when it is greeted, and what comes of it in the web chat.
_SHOWS = MappingProxyType(
    {
        "`code`": "a code block that grows, with a button to copy it",
        "`table`, `list`, `markdown`": "how formatting comes through, also while it is half written",
        "`a long story`, `3000 words`": "long replies; over {page:,} characters they go on in a second message",
        "`slow start`, `slow start 8`": "a model that takes its time",
        "`think about cheese`": "a model that thinks first; the status line says so",
        "`cite your sources`": "an answer with its sources beneath",
        "`what did I say first?`": "that the conversation is remembered",
        "`count to 30`, `repeat: …`": "something to recognise",
        "`fail rate`, `fail quota`, `fail auth`": "how failures are told: see below",
        "`cut after 20 words`, `hang`, `hang in the middle`": "streams that break: see below",
    }
)


def _what_to_say() -> str:
    offered = re.findall(r"^\| (`.+`) \| .+ \|$", texts.HELP, re.MULTILINE)
    rows = [(phrases, _SHOWS[phrases].format(page=_LIMITS.page_chars)) for phrases in offered]
    return table(("say", "to see"), rows)


def _models() -> list[tuple[str, str]]:
    return [(f"`demo/{model}`", _ABOUT[model]) for model in wire.MODELS]


def _window() -> int:
    row = catalog.row("demo")
    assert row is not None
    window = row.profile(wire.MODELS[0]).window
    assert window is not None
    return window


def _failure(kind: str) -> tuple[str, str, str]:
    if kind == failures.HANG:
        return f"`{kind}`", TimedOut(provider="demo", model="quick").say, "no"
    if kind == "cut":
        return f"`cut after {failures.MIDDLE} words`", failures.Failure(kind).error("quick").say, "no"
    error = failures.Failure(kind).error("quick")
    # A pause that is longer than our patience is left to the person.
    again = error.recovery.retry_same and (error.wait or 0) < PATIENCE
    return f"`fail {kind}`", error.say, "twice" if again else "no"


PAGES: Mapping[Path, Callable[[], str]] = MappingProxyType(
    {DOCS / "commands.md": commands_page, DOCS / "demo.md": demo_page}
)
"""Every page that is made, and how."""


def write() -> None:
    """Write them all."""
    for path, page in PAGES.items():
        path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
