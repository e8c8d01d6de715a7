"""Where secret keys are kept: the environment, which wins, and a file in the data folder.

The file has one key a line in base64, the newest first. Keys that were rotated out go to a file beside it, which
is never read: it is for backups from before the rotation.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import socket
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from storage.errors import KeyRefused
from storage.ring import KEY_BYTES, KeyRing, SecretKey

NAME = "secret.key"
VARIABLE = "SWITCHBOARD_SECRET_KEY"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFile:
    """The file, its keys the newest first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.retired = path.with_name(f"{path.name}.retired")

    def read(self) -> tuple[SecretKey, ...]:
        """Its keys, none where it is not there. Raises KeyRefused where others can read it, or it holds no keys."""
        with self._faults("read"):
            try:
                descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return ()
            with os.fdopen(descriptor, "rb") as file:
                mode = os.fstat(descriptor).st_mode
                text = file.read(KEY_BYTES * 1000)
        if mode & _OTHERS:
            raise KeyRefused(
                f"{self.path} has mode {stat.S_IMODE(mode):o}",
                say=f"Other users of this machine can open {self.path}, the key to every stored secret; it is not "
                f"used like that. `chmod 600 {self.path}` closes it; if somebody may have read it, run "
                "`switchboard keys rotate` afterwards.",
            )
        return tuple(self._keys(text))

    def add(self) -> SecretKey:
        """Make a key and put it first; it is on the disk when this returns."""
        made = SecretKey(secrets.token_bytes(KEY_BYTES), self._source)
        self._write(self.path, [made, *self.read()])
        return made

    def keep_only(self, key: SecretKey) -> None:
        """Take the other keys out, into the file beside."""
        gone = [old for old in self.read() if old.id != key.id]
        if gone:
            before = KeyFile(self.retired).read()
            kept = {old.id: old for old in (*gone, *before)}
            self._write(self.retired, list(kept.values()))
            self._write(self.path, [key])

    @property
    def _source(self) -> str:
        return f"{self.path} on {socket.gethostname()}"

    def _keys(self, text: bytes) -> Iterator[SecretKey]:
        lines = [line for line in map(bytes.strip, text.splitlines()) if line]
        for line in lines or [b"?"]:
            try:
                value = base64.b64decode(line.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
            except binascii.Error:
                value = b""
            if len(value) != KEY_BYTES:
                say = (
                    f"{self.path} is not a key file: each line has to be {KEY_BYTES} bytes in base64. Put the right "
                    "file back; nothing that is stored was changed."
                )
                raise KeyRefused(f"{self.path} holds no keys", say=say)
            yield SecretKey(value, self._source)

    def _write(self, path: Path, keys: Sequence[SecretKey]) -> None:
        """Replace a file as a whole: after a crash it is the old one or the new one."""
        with self._faults("write"):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.part")
            part.unlink(missing_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join(base64.b64encode(key.value) + b"\n" for key in keys))
                file.flush()
                os.fsync(descriptor)
            part.replace(path)
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @contextmanager
    def _faults(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            say = f"Cannot {verb} the key file {self.path} ({error.strerror}); nothing that is stored was changed."
            raise KeyRefused(str(error), say=say) from error


class Keys:
    """All keys at hand: those of the environment, the newest first, then those of the file."""

    def __init__(self, file: Path, environment: Sequence[bytes] = ()) -> None:
        source = f"{VARIABLE} on {socket.gethostname()}"
        self.environment = tuple(SecretKey(value, source) for value in environment)
        self.file = KeyFile(file)

    def ring(self) -> KeyRing:
        """The keys as they are now. Raises KeyRefused, unless the environment has keys to go on with."""
        try:
            filed = self.file.read()
        except KeyRefused:
            if not self.environment:
                raise
            filed = ()
        return KeyRing((*self.environment, *filed))
