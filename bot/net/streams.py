"""Readers of what streams: server-sent events, and JSON by the line. Bytes in, whole payloads out, no I/O.

Lines end at LF, CR and CRLF alone (SSE) or at LF alone (NDJSON): U+2028 and its like are part of the text.
The same bytes give the same payloads however they were cut, and nothing but TooLarge is ever raised.
"""

from __future__ import annotations

from bot.net.errors import TooLarge

EVENT_LIMIT = 8 * 1024 * 1024  # bytes of one event or line

_BOM = b"\xef\xbb\xbf"
_KNOWN = (b"event", b"id", b"retry")


class _Lines:
    """Cuts bytes into lines at LF and keeps the unfinished one."""

    def __init__(self, limit: int) -> None:
        self._limit, self._parts, self._size = limit, list[bytes](), 0

    def cut(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete."""
        over = self._size + len(data) > self._limit
        *lines, rest = data.split(b"\n")
        if lines and self._parts:
            self._parts.append(lines[0])
            lines[0] = b"".join(self._parts)
            self._parts, self._size = [], 0
        if rest:
            self._parts.append(rest)
            self._size += len(rest)
        if over and max(self._size, *map(len, lines), 0) > self._limit:
            raise _too_large(self._limit)
        return lines

    def last(self) -> bytes:
        """The unfinished line, once no more bytes come."""
        line, self._parts, self._size = b"".join(self._parts), [], 0
        return line


class Ndjson:
    """Reads newline-delimited JSON: one payload per line that is not blank."""

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self._lines = _Lines(limit)

    def feed(self, data: bytes) -> list[str]:
        """The payloads that these bytes complete. Raises TooLarge."""
        return [_text(line) for line in self._lines.cut(data) if line.strip()]

    def flush(self) -> list[str]:
        """What stood unfinished at the end of the stream."""
        last = self._lines.last()
        return [_text(last)] if last.strip() else []


class Sse:
    """Reads server-sent events and gives their data; names and ids are not needed, payloads carry their type.

    ``rest`` holds what came that belongs to no event: servers send errors as bare JSON into a stream.
    """

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self._lines, self._limit = _Lines(limit), limit
        self._data, self._size = list[bytes](), 0
        self._rest, self._rest_size = list[bytes](), 0
        self._after_cr, self._started = False, False

    def feed(self, data: bytes) -> list[str]:
        """The payloads of the events that these bytes complete. Raises TooLarge."""
        if self._after_cr or b"\r" in data:
            data = self._unified(data)
        return self._events(self._lines.cut(data))

    def flush(self) -> list[str]:
        """What stood unfinished at the end of the stream: servers forget the last blank line."""
        return self._events([self._lines.last(), b""])

    @property
    def rest(self) -> str:
        """Everything that was no event, one line below the other."""
        return _text(b"\n".join(self._rest)).strip()

    def _events(self, lines: list[bytes]) -> list[str]:
        events = []
        for line in lines:
            if not line:
                if self._data:
                    events.append(_text(b"\n".join(self._data)))
                    self._data, self._size = [], 0
            elif line.startswith(b"data: "):
                self._started = True
                self._keep(line[6:])
            else:
                self._field(line)
        return events

    def _field(self, line: bytes) -> None:
        """Take a line that is not plain data. The first line of all may begin with a byte order mark."""
        if not self._started:
            line = line.removeprefix(_BOM)
        name, colon, value = line.partition(b":")
        if name == b"data":
            self._keep(value.removeprefix(b" "))
        elif name and not (name in _KNOWN and colon):
            self._aside(line)
        self._started = True

    def _keep(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value)
        if self._size > self._limit:
            raise _too_large(self._limit)

    def _aside(self, line: bytes) -> None:
        self._rest.append(line)
        self._rest_size += len(line)
        if self._rest_size > self._limit:
            raise _too_large(self._limit)

    def _unified(self, data: bytes) -> bytes:
        """The bytes with every line end as LF; one CRLF may be cut in two."""
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]
            self._after_cr = False
        if data:
            self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"one event of the stream is over {limit} bytes")
