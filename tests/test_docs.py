"""The documentation says what is: pages made from the program, links, paths, figures, commands and statements."""

from __future__ import annotations

import re
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from bot import config
from bot.adapters.discord.commands.offering import MOST as _ENTRIES
from bot.adapters.discord.incoming.backfill import _OLDEST
from bot.adapters.discord.incoming.marks import _EVERY
from bot.adapters.discord.outgoing.budgets import _IN_CHANNEL as _EDITS
from bot.adapters.discord.outgoing.render import _WHOLE
from bot.adapters.discord.outgoing.render import LIMITS as _DISCORD
from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.outgoing.surface import _LIMITS as _SLACK
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.setup.doctor import _MOST_DRIFT
from bot.app import _FINISHING
from bot.calls import admission, limits, pace
from bot.commands import COMMANDS
from bot.conversation.delivery.delivery import _GIVE_UP
from bot.conversation.delivery.delivery import _PATIENCE as _FOR_AN_EDIT
from bot.conversation.fetching import LIMIT
from bot.conversation.insist import PATIENCE
from bot.conversation.presence import BEAT, DEAD_AFTER
from bot.conversation.recovery import _MOST_ATTEMPTS
from bot.core.message import Role
from bot.core.overheard import _CHARACTERS, _LINES
from bot.core.provider import ChatMessage, ChatRequest
from bot.core.surface import Rate, Verb
from bot.doctor.examine import _PATIENCE
from bot.doctor.house import _LOW
from bot.jobs import health
from bot.jobs.supervisor import _LONGEST
from bot.knowledge.files import DOCUMENT_BYTES, IMAGE_BYTES, MOST_FILES, TEXT_BYTES
from bot.knowledge.reading import Limits as Reading
from bot.logs import _HIDDEN
from bot.net.http import CONNECT_TIMEOUT
from bot.providers import breaker, catalog, checks, vitals
from bot.providers.resilience import BACKOFF, PATIENCE_WITH_FALLBACK, Deadlines
from bot.providers.wires.demo.answers import answer
from bot.providers.wires.demo.failures import KINDS, ordered
from storage.ledger import Charge
from storage.postgres import _MOST, PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.store import Store
from tests.documentation import PAGES
from tests.test_project import ROOT
from web.chat import _LIMITS, _RATES
from web.limits import UPLOAD_BYTES
from web.pages.events import _HEARTBEAT
from web.pages.threads import MOST_CHARS

WRITTEN = sorted(
    path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if not path.is_symlink()
)
names = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))

LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:bot|web|storage|tests|docs)/[\w./-]*)`")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ELSEWHERE = re.compile(
    r"/(?:work|tmp|root|home)/|[A-Z]:\\|pypi|pythonhosted|/simple/|artifactory|devpi|nexus|proxy\.golang|npmjs",
    re.IGNORECASE,
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def plain(text: str) -> str:
    """A text in one line, as it reads."""
    return " ".join(text.split())


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def block(name: str, language: str, holding: str) -> str:
    """The fenced block of a page that holds some words."""
    found = [code for kind, code in FENCED.findall(text_of(name)) if kind == language and holding in code]
    assert len(found) == 1, f"{name} has {len(found)} blocks of {language} with {holding!r}"
    return str(found[0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_made_from_the_program_are_those_it_makes(page: Path) -> None:
    """`make docs` renews them."""
    assert page.read_text(encoding="utf-8") == PAGES[page](), "renew it with: make docs"


@names
def test_links_lead_somewhere(page: Path) -> None:
    """Every file and every heading that a page links to is there."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        url = urlsplit(link)
        if url.scheme:
            continue
        target = (page.parent / unquote(url.path)).resolve() if url.path else page
        assert target.exists(), f"{link} is not there"
        assert not url.fragment or url.fragment in anchors(target), f"{link} has no such heading"


@names
def test_named_paths_exist(page: Path) -> None:
    """A module, folder or picture that a page names can be opened."""
    for path in NAMED.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), f"{path} is not there"


@names
def test_a_page_speaks_of_the_project_alone(page: Path) -> None:
    """No path of somebody's machine, and no package index."""
    assert ELSEWHERE.findall(page.read_text(encoding="utf-8")) == []


def test_every_page_can_be_found_from_the_readme() -> None:
    """Nobody has to know a file's name."""
    seen, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / urlsplit(link).path).resolve()
            waiting += [target] if target.suffix == ".md" else sorted(target.glob("*.md"))
    assert set(WRITTEN) <= seen


def test_the_readme_explains_every_setting_and_no_other() -> None:
    """Its table has the settings of the code, with their defaults."""
    section = text_of("README.md").partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| .+ \| (.+) \|$", section, re.MULTILINE)
    explained = [name for names_, _ in rows for name in re.findall(r"[A-Z_]+", names_)]
    assert sorted(explained) == sorted(config.settings())
    without = {name: default for names_, default in rows for name in re.findall(r"[A-Z_]+", names_)}
    for name, setting in config.settings().items():
        assert setting.default is None or f"`{setting.default}`" in without[name], name


def test_the_pages_name_no_unknown_command_or_setting() -> None:
    """What is written like a command can be said; what is written like a setting can be set."""
    known = {name for command in COMMANDS for name in (command.name, *command.aliases)}
    other = {"healthz", "readyz", "metrics", "invite", "me"}
    settings = {*config.settings(), "CI", "ARGS", "PYTHON"}
    for page in WRITTEN:
        text = re.sub(FENCED, "", page.read_text(encoding="utf-8"))
        said = set(re.findall(r"`/([a-z]+)[ `]", text))
        assert said <= known | other, page
        written = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", text)) - {"RETURNING", "POST", "UPDATE"}
        assert {name for name in written if "_" in name} <= settings, page


SLACK = SlackSettings(())
DISCORD = DiscordSettings(())

# What a page says in figures, and where the program has them from.
FIGURES = {
    "docs/how-it-works.md": (
        f"all at once and for {LIMIT:.0f} seconds at most",
        f"one beat every {BEAT:.0f} seconds, and after {DEAD_AFTER:.0f} seconds without one",
        "after four attempts" if _MOST_ATTEMPTS == 4 else "after other than four attempts",
        f"repeated for up to {PATIENCE:.0f} seconds",
        f"no token for an edit within {_FOR_AN_EDIT:.0f} seconds",
        f"after {_GIVE_UP / 60:.0f} minutes delivery gives up",
        f"{_LIMITS.page_chars:,} characters for a message",
        "eight edits a second" if _RATES[Verb.EDIT] == Rate(8, 1.0) else "other than eight edits",
        f"where not even {limits.LEAST_OUTPUT} tokens would fit",
        f"capped at {limits.UNPRICED_DEFAULT:,} tokens",
        f"| a connection | {CONNECT_TIMEOUT:.0f} seconds |",
        f"{catalog.FIRST_EVENT:.0f} seconds; {catalog.FIRST_EVENT_REASONING:.0f} for models that think unseen;",
        f"; {catalog.FIRST_EVENT_LOADING:.0f} for a server",
        f"| any sign of life after that | {Deadlines().idle:.0f} seconds |",
        f"| the whole answer | {Deadlines().total / 60:.0f} minutes |",
        f"tried again twice, after about {BACKOFF[0]:g} and {BACKOFF[1]:.0f} seconds",
        f"message that was dealt with, written every {_EVERY:.0f} seconds",
        f"for {PATIENCE_WITH_FALLBACK:.0f} seconds at most from the first failure",
        "at the third time in a row" if breaker.IN_A_ROW == 3 else "at another time in a row",
        f"let through after {breaker.SHORTEST:.0f} to {breaker.LONGEST:.0f} seconds",
        "every five minutes" if health.EVERY == 300 else "every now and then",
        "two and a half times as long" if vitals.SLOWER == 2.5 else "so many times as long",
        "a second longer at least" if vitals.AT_LEAST == 1000 else "somewhat longer at least",
    ),
    "docs/operating.md": (
        f"a sign of life every {_HEARTBEAT:.0f} seconds",
        f"the others notice after {DEAD_AFTER:.0f} seconds",
        f"up to {_MOST} connections",
        f"for up to {_FINISHING:.0f} seconds",
        f"after half a second at first and {'a minute' if _LONGEST == 60 else 'longer'} at most",
        f"in their place stands `{_HIDDEN}`",
        f"{limits.UNPRICED_DEFAULT:,} tokens",
        f"{MOST_CHARS:,} characters, {MOST_FILES} files, {UPLOAD_BYTES / 1e6:.0f} MB in all;",
        f"an image {IMAGE_BYTES / 1e6:.0f} MB, a document {DOCUMENT_BYTES / 1e6:.0f} MB, a text file ",
        f"a text file {TEXT_BYTES / 1e6:.0f} MB |",
        f"{Reading().chars:,} characters, {Reading().seconds} seconds of computing and {Reading().memory / 1e6:.0f} MB",
        f"away for less than {PATIENCE:.0f} seconds",
        "within ten seconds, before" if _PATIENCE < 10 else "within longer",
        "a gigabyte is free" if _LOW == 1_000_000_000 else "something else is free",
        f"agrees with Slack's within {_MOST_DRIFT:.0f} seconds",
        f"| one person | {pace.PERSON} requests a minute;",
        f"| one workspace | {pace.WORKSPACE} requests a minute |",
        f"| one credential | {pace.AT_ONCE} requests at once, in each process;",
        f"the next one waits up to {admission.PATIENCE:.0f} seconds for a place",
        "costs nothing, within five seconds" if checks.LIMIT == 5 else "within other than five seconds",
    ),
    "docs/slack.md": (
        f"at most the newest {_LINES} messages, or {_CHARACTERS:,} characters",
        f"A message holds {_SLACK.page_chars:,} characters",
        f"about {SLACK.updates_per_minute} edits a minute",
        f"after {SLACK.stream_bytes:,} bytes or {SLACK.stream_seconds:.0f} seconds",
        "two connections to each app" if SLACK.sockets == 2 else "other than two connections",
        f"| `{SLACK.streaming}` | in threads of direct messages | the default |",
    ),
    "docs/discord.md": (
        f"at most the newest {_LINES} messages, or {_CHARACTERS:,} characters",
        f"A message holds {_WHOLE.chars:,} characters, about {round(_DISCORD.page_chars, -2):,} of them for",
        "five edits in five seconds" if (_EDITS.calls, _EDITS.seconds) == (5, 5) else "other than five",
        "of the last day, and of" if _OLDEST.days == 1 else "of more or less than a day",
        f"each channel and thread the newest {DISCORD.back_fill} messages (`DISCORD_BACK_FILL`)",
        f"A menu holds {_ENTRIES} entries",
    ),
}


@pytest.mark.parametrize(("page", "said"), [(page, said) for page, all_ in FIGURES.items() for said in all_])
def test_figures_are_those_of_the_program(page: str, said: str) -> None:
    """A constant that changes is changed on the page too."""
    assert said in plain(text_of(page))


def phrases(page: str, heading: str) -> Iterator[str]:
    """What a table of a page says that one may say: the words in its first column."""
    section = text_of(page).partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for cell in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE):
        yield from re.findall(r"`([^`]+)`", cell)


def test_the_demo_understands_what_the_pages_say() -> None:
    """Each phrase gets an answer made for it, or the failure it orders; none the shrug."""
    said = [*phrases("docs/demo.md", "What to say"), *phrases("docs/demo.md", "Failures on request")]
    said += [phrase for phrase in phrases("README.md", "The first minute") if not phrase.startswith("/")]
    assert len(said) > 25
    for phrase in said:
        text = phrase.replace("…", "something")
        made = answer(ChatRequest("quick", (ChatMessage(Role.USER, text),)))
        assert made.failure or made.reasoning or not made.text.startswith("You said"), phrase
        assert (made.failure is None) == (ordered(text, "quick") is None)
    assert {phrase.split()[-1] for phrase in phrases("docs/demo.md", "Failures on request")} >= {*KINDS} - {
        "cut"
    }


def test_the_demo_keeps_to_its_limits() -> None:
    """As docs/demo.md has them."""

    def asked(text: str) -> str:
        return answer(ChatRequest("quick", (ChatMessage(Role.USER, text),))).text

    assert answer(ChatRequest("quick", (ChatMessage(Role.USER, "slow start 900"),))).delay == 120
    assert len(asked("count to 9000").splitlines()) == 500
    assert 20_000 <= len(asked("90000 words").split()) < 21_000


async def test_the_statements_change_the_limits(empty_database_url: str, tmp_path: Path) -> None:
    """Those of docs/operating.md, on a database as a first start makes it: 100 and 1 dollars, then 25 and 0.50."""
    store = await Store.open(empty_database_url, tmp_path)
    charge = Charge("web:main", "web:main/1/t", 1, "openai", "", datetime.now(UTC))
    assert await _limits(store, charge) == (100_000_000_000, 1_000_000_000)
    for statement in block("docs/operating.md", "sql", "UPDATE").strip().removesuffix(";").split(";"):
        assert await ask_as_admin(empty_database_url, statement) == 1
    assert await _limits(store, charge) == (25_000_000_000, 500_000_000)
    await store.close()


async def ask_as_admin(url: str, statement: str) -> int:
    """Run a statement on a connection of its own, beside the program's."""
    sqlite = url.startswith("sqlite:")
    db = await (SqliteDatabase.open(Path(urlsplit(url).path)) if sqlite else PostgresDatabase.open(url))
    try:
        return await db.write(statement)
    finally:
        await db.close()


async def _limits(store: Store, charge: Charge) -> tuple[int, int]:
    (line,) = await store.ledger.rooms(charge)
    assert (line.scope, line.period) == ("installation", "day")
    found = await store.settings.get_many(["installation"], limits.REQUEST_LIMIT)
    return line.amount, int(found["installation"].value)


@pytest.mark.parametrize("page", ["README.md", "docs/operating.md"])
def test_the_backup_is_whole_while_the_program_writes(page: str, tmp_path: Path) -> None:
    """The command of the page copies what is still in the journal beside the file, and overwrites nothing."""
    lines = block(page, "sh", "VACUUM INTO").replace("\\\n", " ").strip().splitlines()
    command = shlex.split(next(line for line in lines if line.startswith("python3")))
    with sqlite3.connect(tmp_path / "switchboard.db", isolation_level=None) as written:
        written.execute("PRAGMA journal_mode = WAL")
        written.execute("CREATE TABLE said (text)")
        written.execute("INSERT INTO said VALUES ('kept')")
        assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
        again = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert "exists" in again.stderr
    written.close()
    with sqlite3.connect(tmp_path / "backup.db") as copy:
        assert copy.execute("SELECT text FROM said").fetchall() == [("kept",)]
    copy.close()


@pytest.mark.parametrize("line", re.findall(r"^([A-Z_]+=.+) make run$", text_of("README.md"), re.MULTILINE))
def test_the_readme_starts_it_with_settings_in_order(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example before `make run` is taken as it stands."""
    for word in shlex.split(line):
        name, _, value = word.partition("=")
        assert name in config.settings()
        monkeypatch.setenv(name, value)
    config.load(env_file=None)


def test_the_picture_is_light_enough() -> None:
    """The first screen loads at once: a PNG of 2560 by 1600 under 400 kB."""
    picture = (ROOT / "docs" / "first-screen.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == (2560, 1600)
    assert len(picture) < 400_000


def test_every_decision_has_the_form_of_the_others() -> None:
    """A number, a date, and what led to it, what it is, what follows."""
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    for number, page in enumerate(decisions, 1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04}-")
        assert re.match(rf"# {number}\. .+\n\n\d{{4}}-\d\d-\d\d, accepted\n", text), page.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
