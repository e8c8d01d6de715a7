"""Logs: one line per event, for a person on a terminal or as JSON elsewhere, and never a secret in it.

A line carries ids, models, tokens and milliseconds, given as `extra={...}`; never prompts, never keys.
Our own loggers (`bot`, `web`, `storage`) speak from the chosen level on, every other library only from
WARNING on: several of them write SQL parameters or whole requests at DEBUG.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO
from urllib.parse import quote

Form = Literal["text", "json"]

_OURS = ("bot", "web", "storage")
_SHORTEST_SECRET = 6
_HIDDEN = "[secret]"

# What keys look like, for those that nobody has told the redactor about.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:sk|pk|rk|gsk|xai|pplx|hf|r8|ghp|gho|ghs|github_pat)[-_][A-Za-z0-9_\-]{12,}",  # model providers
        r"\bAIza[A-Za-z0-9_\-]{30,}",  # Google
        r"\bxox[a-z]-[A-Za-z0-9\-]{6,}|\bxapp-[A-Za-z0-9\-]{6,}",  # Slack
        r"\b[A-Za-z0-9_\-]{23,28}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,}",  # Discord
        r"(?i)(?<=bearer )[A-Za-z0-9._~+/=\-]{6,}|(?<=basic )[A-Za-z0-9+/=]{6,}",  # an Authorization header
        r"(?<=://)[^\s/:@\"]*:[^\s/@\"]+(?=@)",  # user and password in a URL
    )
)

# What every LogRecord has; everything else on one came in through `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Takes secrets out of text: those it was told, however a log spells them, and what looks like one.

    A secret under six characters is ignored: hiding it would tear words apart and protect nothing.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._known: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide `secret` from now on. May be called at any time, from any thread."""
        if len(secret) < _SHORTEST_SECRET or secret in self._spellings:
            return
        plain = {secret, repr(secret)[1:-1], quote(secret, safe="")}
        self._spellings |= plain | {_in_json(text) for text in plain}
        # The longest first, or a secret that begins with another one would leave its end behind.
        longest_first = sorted(self._spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)))

    def clean(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(_HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(_HIDDEN, text)
        return text


class _Formatter(logging.Formatter):
    """A record as one line. Cleans last, when message, arguments, extra and traceback are all in the text."""

    def __init__(self, redactor: Redactor, line: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self.redactor = redactor
        self._line = line

    def format(self, record: logging.LogRecord) -> str:
        return self.redactor.clean(self._line(record))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream; a record that cannot be formatted is named by its place, not by its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        error = sys.exc_info()[1]
        # An OSError is the stream itself being gone: nowhere to say so.
        if not isinstance(error, OSError):
            place = f"{record.pathname}:{record.lineno}"
            self.stream.write(f"log line lost to {type(error).__name__} at {place}\n")


def setup(level: str, redactor: Redactor, form: Form | None = None, stream: TextIO | None = None) -> None:
    """Send every log line, warning and uncaught exception of this process through `redactor` to `stream`.

    For the start of a process: it replaces the process's handlers and hooks. `level` is a standard level
    name in any case; `form` None chooses text on a terminal and JSON elsewhere; `stream` None is stderr.
    """
    stream = stream or sys.stderr
    form = form or ("text" if stream.isatty() else "json")
    handler = _Handler(stream)
    handler.setFormatter(_Formatter(redactor, _text if form == "text" else _json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_uncaught_in_thread


def redactor() -> Redactor:
    """The redactor that `setup` gave this process; before that, one that knows only what secrets look like."""
    formatters = (handler.formatter for handler in logging.getLogger().handlers)
    return next((each.redactor for each in formatters if isinstance(each, _Formatter)), Redactor())


def _log_uncaught(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    logging.getLogger("bot").critical("stopped by an uncaught exception", exc_info=error)


def _log_uncaught_in_thread(args: "threading.ExceptHookArgs") -> None:
    logging.getLogger("bot").critical("a thread was stopped by an exception", exc_info=args.exc_value)


def _log_unraisable(args: "sys.UnraisableHookArgs") -> None:
    logging.getLogger("bot").error("an exception could not be raised", exc_info=args.exc_value)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _text(record: logging.LogRecord) -> str:
    """`02:03:14.159 INFO     bot.calls  sealed  model=demo/plain ms=812`, a traceback on the lines below."""
    clock = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S.%f")[:-3]
    # A line break in a message would let a stranger's text pass for a log line of its own.
    message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
    extra = " ".join(f"{key}={_word(value)}" for key, value in _extra(record).items())
    line = "  ".join(filter(None, (f"{clock} {record.levelname:<8} {record.name}", message, extra)))
    trace = _trace(record)
    return f"{line}\n{trace}" if trace else line


def _json(record: logging.LogRecord) -> str:
    """One JSON object; `time` is UTC in ISO 8601."""
    # Ours come last: an extra called "level" must not hide the level.
    entry = _extra(record) | {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    if trace := _trace(record):
        entry["exception"] = trace
    return json.dumps(entry, default=str, ensure_ascii=False)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _trace(record: logging.LogRecord) -> str:
    """The traceback with its causes, not cached on the record: other handlers would find it uncleaned."""
    parts = []
    if record.exc_info and record.exc_info[1]:
        parts += ["".join(traceback.format_exception(record.exc_info[1])).rstrip()]
    if record.stack_info:
        parts += [record.stack_info]
    return "\n".join(parts)


def _word(value: object) -> str:
    """`value` as one word; quoted when it has spaces, line breaks or quotes in it."""
    text = str(value)
    return text if re.fullmatch(r"[^\s\"=]+", text) else f'"{_in_json(text)}"'
