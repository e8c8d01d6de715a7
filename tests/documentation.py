"""The pages of docs/ that are made from the program itself, so that they cannot say anything else.

``make docs`` writes them; tests/test_docs.py compares them with what the program says today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from types import MappingProxyType

import click
from click.testing import CliRunner

import bot.__main__
from bot.adapters.discord.setup import permissions
from bot.adapters.slack.setup import scopes
from bot.commands import COMMANDS
from bot.commands.grammar import Command
from bot.core.errors import TimedOut
from bot.core.provider import ModelId, Usage
from bot.providers import catalog, defaults
from bot.providers.catalog import ProviderRow
from bot.providers.prices import PriceBook
from bot.providers.resilience import PATIENCE, Deadlines
from bot.providers.rows.forms import Can
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
choose, Tab or Enter takes it. How the same is said elsewhere stands in
[Slack](slack.md) and [Discord](discord.md)."""

_MODELS_AND_BUTTONS = """## How a model is written

`provider/model-id`, as in `openai/gpt-4.1` or `demo/quick`. The end of the name is enough where only one model
ends so (`/model quick`); any part of it lists the models that have it.

## Buttons

**Retry** beneath an answer is `/retry` for that very answer, **Continue** is `/continue`, and **Stop**, which shows
while an answer is written, is `/stop`; so is the Escape key. **Model** opens the choice of another model. The thumbs
are `/rate` for that answer. **Fork** in the browser, and **Fork from here** in the menu of a message in Slack and
Discord, is `/fork` from that very message. **Summarise** stands beneath an answer that could not read all that was
said. Another answer never replaces the one before it: it starts a branch at its question, and
the conversation goes on from there."""


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
    return [_help(words) for words in _words(bot.__main__.main, [])]


def _words(command: click.Command, words: list[str]) -> Iterator[list[str]]:
    """A command's words, and those of all that it holds."""
    yield words
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from _words(inner, [*words, name])


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


# ---- providers.md, and what the README and .env.example say of providers


def providers_page() -> str:
    """What each provider can do, where its keys are, and what becomes of what it gets."""
    can = [(row.name, f"`{row.id}`", *_abilities(row), _list_of(row), _checked(row)) for row in _LISTED]
    keys = [(row.name, _settings_of(row), _link(row.console_url), row.privacy) for row in _LISTED]
    return _page(
        "bot/providers/rows",
        _PROVIDERS,
        table(("provider", "id", *Can, "list of models", "free check"), can),
        _CHECKED,
        _PRIVACY,
        table(("provider", "settings", "where keys are made", "what is kept"), keys),
        _KNOWN.format(
            gigabytes=defaults.LIGHT // 10**9, window=defaults.LEAST_WINDOW, as_of=catalog.PREFERRED_AS_OF
        ),
        table(("model", "price per million tokens"), _standing_in()),
        _ANOTHER,
    )


_LISTED = [row for row in catalog.CATALOG if row.wire != "demo"]

_PROVIDERS = """# Providers

A provider is there as soon as its key or its address is set; `.env.example` has every setting. All of them stream
their text, say why they ended and what was used. What they have beyond that, where the model has it too:"""

_CHECKED = """Who has a free check is asked by it every five minutes, by `switchboard test PROVIDER` and by the doctor;
the others are judged by how they answer. What that shows is told in
[How it works](how-it-works.md#a-model-that-does-not-answer)."""

_PRIVACY = """## Keys and privacy

Each line says when it was looked at. An address that is set in a provider's place has rules of its own."""

_KNOWN = """## What is known of a model

Window, output, price, abilities and last day of a model come from several sources; for each value the first that has
it counts: what an admin entered, the provider's own list, the catalogue, and the bundled data, which is made from
[LiteLLM](https://github.com/BerriAI/litellm)'s table and [genai-prices](https://github.com/pydantic/genai-prices) (both
MIT, `bot/providers/data/NOTICE`). Prices come from what settles bills: an admin's entry, then the price data.
`switchboard models --json` names the source of each value.

Models that are retired, or that are on the list no more, are not offered. From thirty days before its end a model says
when that is, and what takes its place: what the provider names, else what the catalogue suggests.

## Where nobody chose

`DEFAULT_MODEL`. Else an installed model of Ollama's, where it is set up: the largest that chats up to {gigabytes} GB on
the disk, or the smallest where all are larger; of equals the one that came last. Models of Ollama's cloud do not count.
Else, of the following (as of {as_of}) that have a key, a window of at least {window:,} tokens and are not retired, the
cheapest, three tokens read to one written. Else the first model of whatever is set up, and the demo last. Nothing that
is paid for stands in where something local is there."""

_ANOTHER = """## Another provider

A server that speaks OpenAI's protocol is entered by its name and address, and a model by its id, without code
([how](operating.md#providers-and-models-of-your-own)).


One that speaks OpenAI's protocol is a row in `bot/providers/rows/`: its settings, `.env.example`, the README's table
and this page follow from it (`make docs`), and `tests/contracts/test_providers.py` tries it. In which details it
differs from the others are fields of the row. Until then `COMPATIBLE_BASE_URL` reaches it.

A gateway's models are written `gateway/PROVIDER/MODEL`, Azure's `azure/DEPLOYMENT`. Where the list names every model,
only those can be asked; elsewhere a full name is believed."""


def _standing_in() -> list[tuple[str, str]]:
    """Every preferred model with what the price data says, as of the day of the list."""
    at = datetime.combine(catalog.PREFERRED_AS_OF, time(12), UTC)
    found = []
    for row in _LISTED:
        for model in row.preferred:
            told = PriceBook().price_of(ModelId(row.id, model), Usage(1, 1), at).prices
            shown = f"${told['input']} in, ${told['output']} out" if told else "unknown"
            found.append((f"`{row.id}/{model}`", shown))
    return found


def _abilities(row: ProviderRow) -> list[str]:
    return ["yes" if can in row.can else "" for can in Can]


def _list_of(row: ProviderRow) -> str:
    if not row.list_path:
        return "none"
    return "yes" if row.lists else "not of what can be asked"


def _checked(row: ProviderRow) -> str:
    if row.check_path:
        return "yes, of the key"
    return "yes" if row.list_path else "none"


def _settings_of(row: ProviderRow) -> str:
    return ", ".join(f"`{name}`" for name in (row.key_env, row.base_url_env) if name)


def _link(url: str) -> str:
    return f"[{url.removeprefix('https://')}]({url})" if url else "your own server"


_END = "<!-- End of what was made. -->"
_PROVIDER_SETTINGS = "<!-- Made by `make docs` from bot/providers/rows. -->"


def readme_page() -> str:
    """The page as it stands, with its table of the providers' settings made anew."""
    before, _, rest = (DOCS.parent / "README.md").read_text(encoding="utf-8").partition(_PROVIDER_SETTINGS)
    after = rest.partition(_END)[2]
    assert after, "README.md says no more where its table of providers stands"
    rows = [(_settings_of(row), _purpose(row), _without(row)) for row in _LISTED]
    settings = table(("setting", "what it is", "without it"), rows)
    return "\n\n".join((before + _PROVIDER_SETTINGS, settings, _END + after))


def _purpose(row: ProviderRow) -> str:
    key, address = f"{row.name}'s key" if row.key_env else "", "its address" if row.base_url_env else ""
    return ", ".join(part for part in (key, address) if part)


def _without(row: ProviderRow) -> str:
    return (
        f"no {row.name}" if row.base_url_env == "" or not row.base_url else f"no {row.name}; {row.base_url}"
    )


_ENV_PROVIDERS = "# ---- Providers ----\n"


def env_file() -> str:
    """The example as it stands, with the providers' settings made anew."""
    before, found, _ = (DOCS.parent / ".env.example").read_text(encoding="utf-8").partition(_ENV_PROVIDERS)
    assert found, ".env.example says no more where the providers begin"
    said = [part for row in _LISTED for part in _explained(row)]
    return before + found + "".join(f"\n{part}" for part in said)


def _explained(row: ProviderRow) -> Iterator[str]:
    if row.key_env:
        where = f", from {row.console_url}" if row.console_url else ", where it has one"
        yield f"# {row.name}'s key{where}.\n#{row.key_env}=\n"
    if row.base_url_env:
        without = row.base_url or f"there is no {row.name}"
        yield f"# Where {row.name} is: {row.base_url_form}.\n# Without it: {without}\n#{row.base_url_env}=\n"


# ---- slack.md and discord.md, of which one section each is made


def _renewed(page: str, source: str, *made: str) -> str:
    """A page as it stands, with what is made from a module between two marks made anew."""
    begin, end = f"<!-- Made by `make docs` from {source}. -->", _END
    before, _, rest = (DOCS / page).read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    assert after, f"docs/{page} says no more where its tables stand"
    return "\n\n".join((before + begin, *made, end + after))


def slack_page() -> str:
    """With its tables of scopes and events."""
    scoped = [(f"{s.name}{_FOR_AGENT if s.agent else ''}", s.why, s.without) for s in scopes.SCOPES]
    heard = [(f"{e.name}{_FOR_AGENT if e.agent else ''}", e.why, e.scope or "none") for e in scopes.EVENTS]
    tables = (
        table(("scope", "what for", "without it"), scoped),
        table(("event", "Slack tells that", "by the scope"), heard),
    )
    return _renewed("slack.md", "bot/adapters/slack/setup/scopes.py", *tables)


def discord_page() -> str:
    """With its tables of permissions and intents."""
    asked = [(one.name, one.why, one.without) for one in permissions.PERMISSIONS]
    heard = [
        (one.name, one.why, "to be switched on" if one.switch else "no switch") for one in permissions.INTENTS
    ]
    tables = (
        table(("permission", "what for", "without it"), asked),
        table(("intent", "Discord tells", "on the page Bot"), heard),
    )
    return _renewed("discord.md", "bot/adapters/discord/setup/permissions.py", *tables)


_FOR_AGENT = " (agent view)"


def manifest_file() -> str:
    """The Slack app as `switchboard manifest slack` prints it."""
    return CliRunner().invoke(bot.__main__.main, ["manifest", "slack"]).output


PAGES: Mapping[Path, Callable[[], str]] = MappingProxyType(
    {
        DOCS / "commands.md": commands_page,
        DOCS / "demo.md": demo_page,
        DOCS / "discord.md": discord_page,
        DOCS / "slack.md": slack_page,
        DOCS / "discord.md": discord_page,
        DOCS / "providers.md": providers_page,
        DOCS.parent / "README.md": readme_page,
        DOCS.parent / ".env.example": env_file,
        DOCS.parent / "manifest.yml": manifest_file,
    }
)
"""Every page that is made, and how."""


def write() -> None:
    """Write them all."""
    for path, page in PAGES.items():
        path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
