"""Logs: their two forms, and that no secret gets into either by any way."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Literal

import pytest

from bot.logs import Redactor, setup

FORMS: tuple[Literal["text", "json"], ...] = ("text", "json")
SECRETS = (
    "correct-horse-battery",
    'with"quotes\\and\\slashes',
    "naïve-sécret-ключ",
    "line one\nline two of it",
    "per%cent/and+plus==",
)
log = logging.getLogger("bot.test")


pytestmark = pytest.mark.usefixtures("own_logging")


def written(
    form: Literal["text", "json"], act: Callable[[], object], *secrets: str, level: str = "info"
) -> str:
    stream = io.StringIO()
    setup(level, Redactor(secrets), form, stream)
    act()
    return stream.getvalue()


def fail(secret: str) -> None:
    """Raise, with the secret in the error, in its cause and in its note."""
    try:
        raise KeyError(secret)
    except KeyError as cause:
        error = RuntimeError(f"could not use {secret}")
        error.add_note(f"tried {secret}")
        raise error from cause


def in_exception(secret: str) -> None:
    try:
        fail(secret)
    except RuntimeError:
        log.exception("failed")


def in_thread(secret: str) -> None:
    thread = threading.Thread(target=fail, args=(secret,))
    thread.start()
    thread.join()


def uncaught(secret: str) -> None:
    try:
        fail(secret)
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def unraisable(secret: str) -> None:
    class Broken:
        def __del__(self) -> None:
            raise RuntimeError(secret)

    Broken()


def unformattable(secret: str) -> None:
    log.info("%d tokens", secret)


WAYS: dict[str, Callable[[str], object]] = {
    "message": lambda secret: log.info(f"key is {secret}"),  # noqa: G004 - the way under test
    "argument": lambda secret: log.info("key is %s", secret),
    "quoted argument": lambda secret: log.info("key is %r", secret),
    "argument in a list": lambda secret: log.info("keys are %s", [secret]),
    "extra": lambda secret: log.info("key", extra={"key": secret}),
    "extra in a mapping": lambda secret: log.info("key", extra={"headers": {"x-api-key": secret}}),
    "exception": in_exception,
    "uncaught exception": uncaught,
    "exception in a thread": in_thread,
    "exception in a finalizer": unraisable,
    "wrong arguments": unformattable,
    "warning": lambda secret: warnings.warn(f"do not use {secret}", stacklevel=1),
    "another library": lambda secret: logging.getLogger("other").warning("sent %s", secret),
}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_gets_through_by_any_way(form: Literal["text", "json"], way: str, secret: str) -> None:
    """Each secret, in each way a log may be told of it, in each form."""
    output = written(form, lambda: WAYS[way](secret), secret)
    assert output
    spellings = (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(repr(secret)[1:-1])[1:-1])
    for spelling in spellings:
        assert spelling not in output
    for line in output.splitlines() if form == "json" and way != "wrong arguments" else ():
        json.loads(line)


@pytest.mark.parametrize(
    "unknown",
    [
        "sk-proj-abcdefghijklmnop1234",
        "sk-ant-api03-abcdefghijklmnop",
        "xoxb-1234567890-abcdefghij",
        "xapp-1-A012-3456-abcdef",
        "AIzaSyA0123456789abcdefghijklmnopqrstu",
        "gsk_abcdefghijklmnop1234",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz-_1",
    ],
)
def test_what_looks_like_a_key_is_hidden_unasked(unknown: str) -> None:
    """A key that nobody has told the redactor about."""
    assert unknown not in Redactor().clean(f"401: key {unknown} is wrong")


def test_headers_and_addresses_lose_their_secrets() -> None:
    """What stands around them stays readable."""
    clean = Redactor().clean
    assert clean("Authorization: Bearer abc.def-123, next") == "Authorization: Bearer [secret], next"
    assert clean("postgres://bot:hunter2@db:5432/x") == "postgres://[secret]@db:5432/x"
    assert clean("http://127.0.0.1:8000/readyz ok") == "http://127.0.0.1:8000/readyz ok"
    assert clean("the task-force asked for risk-management-procedures") == (
        "the task-force asked for risk-management-procedures"
    )


def test_secrets_may_come_later_and_may_share_a_beginning() -> None:
    """The longer one is hidden whole; one too short to be told from a word is left."""
    redactor = Redactor()
    redactor.add("abcdef")
    redactor.add("abcdefghij")
    redactor.add("of")
    assert redactor.clean("one of abcdefghij, abcdef") == "one of [secret], [secret]"


def test_json_lines_carry_time_level_logger_and_extra() -> None:
    """One object per line; an extra cannot pass for the level."""
    line = written("json", lambda: log.info("sealed %s", "r1", extra={"model": "demo/plain", "level": "x"}))
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {"level": "info", "logger": "bot.test", "message": "sealed r1", "model": "demo/plain"}


def test_text_is_one_line_whatever_is_in_it() -> None:
    """A line break in a message cannot start a line of its own."""
    line = written("text", lambda: log.warning("asked\nand\r\nanswered", extra={"ms": 812, "why": "a b"}))
    assert line.endswith('WARNING  bot.test  asked\\nand\\r\\nanswered  ms=812 why="a b"\n')
    assert line.count("\n") == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_names_its_causes(form: Literal["text", "json"]) -> None:
    """Redacting does not take away what is needed to find the fault."""
    output = written(form, lambda: in_exception("some-secret-value"), "some-secret-value")
    assert "KeyError" in output
    assert "RuntimeError: could not use [secret]" in output
    assert "tried [secret]" in output


def test_stack_info_is_written() -> None:
    """`stack_info=True` adds where the call came from."""
    assert "Stack (most recent call last)" in written("text", lambda: log.info("here", stack_info=True))


def test_other_libraries_speak_only_when_it_matters() -> None:
    """At debug too: what they log there holds prompts and SQL parameters."""

    def speak() -> None:
        log.debug("ours")
        logging.getLogger("aiosqlite").debug("theirs")
        logging.getLogger("aiosqlite").warning("matters")

    output = written("text", speak, level="debug")
    assert "ours" in output
    assert "matters" in output
    assert "theirs" not in output


def test_a_lost_stream_is_borne_in_silence() -> None:
    """A terminal that went away does not take the process with it."""

    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    setup("info", Redactor(), "text", Gone())
    log.info("into nothing")


def test_the_form_follows_the_stream() -> None:
    """JSON where nobody looks on, text on a terminal."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        setup("info", Redactor(), stream=stream)
        log.info("hello")
    assert "INFO     bot.test  hello" in terminal.getvalue()
    assert json.loads(file.getvalue())["message"] == "hello"
