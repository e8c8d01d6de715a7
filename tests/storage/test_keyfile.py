"""The key file: made safely, refused when unsafe."""

import base64
import os
from pathlib import Path

import pytest

from storage.errors import KeyRefused
from storage.keyfile import KeyFile, Keys


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "data" / "secret.key")


def test_a_key_is_made_for_this_user_alone(file: KeyFile) -> None:
    """Whatever the umask, in a folder that is made with it; the newest stands first, as `openssl` would write it."""
    assert file.read() == ()
    umask = os.umask(0)
    try:
        first, second = file.add(), file.add()
    finally:
        os.umask(umask)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    assert file.read() == (second, first)
    lines = file.path.read_text().splitlines()
    assert [base64.b64decode(line) for line in lines] == [second.value, first.value]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660])
def test_a_file_that_others_can_open_is_refused(file: KeyFile, mode: int) -> None:
    """The sentence says how to close it, and nothing was changed."""
    file.add()
    before = file.path.read_bytes()
    file.path.chmod(mode)
    for act in (file.read, file.add):
        with pytest.raises(KeyRefused) as refused:
            act()
        assert f"chmod 600 {file.path}" in refused.value.say
    assert file.path.read_bytes() == before


@pytest.mark.parametrize("text", ["", "\n\n", "hello", "aHVudGVyMjIyMg==", "{}\n", "A" * 43 + "=\nrest"])
def test_what_is_no_key_file_is_refused_and_left(file: KeyFile, text: str) -> None:
    """An empty one too: a new key in its place would hide that the old one is gone."""
    file.path.parent.mkdir()
    file.path.write_text(text)
    file.path.chmod(0o600)
    with pytest.raises(KeyRefused, match="holds no keys") as refused:
        file.add()
    assert "is not a key file" in refused.value.say
    assert file.path.read_text() == text


def test_either_alphabet_and_empty_lines(file: KeyFile) -> None:
    """What a person pastes."""
    file.path.parent.mkdir()
    file.path.write_bytes(b"\n" + base64.urlsafe_b64encode(b"\xff" * 32) + b"\r\n\n")
    file.path.chmod(0o600)
    assert [key.value for key in file.read()] == [b"\xff" * 32]


def test_keys_that_go_are_kept_beside(file: KeyFile) -> None:
    """For backups from before; every one of them, and the file beside is as closed as the first."""
    first, second, third = file.add(), file.add(), file.add()
    file.keep_only(third)
    assert file.read() == (third,)
    fourth = file.add()
    file.keep_only(fourth)
    file.keep_only(fourth)
    assert KeyFile(file.retired).read() == tuple(
        key.__class__(key.value, f"{file.retired} on {key.source.partition(' on ')[2]}")
        for key in (third, second, first)
    )
    assert file.retired.stat().st_mode & 0o777 == 0o600


def test_a_crash_while_writing_leaves_the_old_file(file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it left behind is in nobody's way."""
    first = file.add()

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            file.add()
    assert file.read() == (first,)
    assert file.read()[0] != file.add()
    assert len(file.read()) == 2


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """Where the folder should be there is a file."""
    (tmp_path / "data").write_text("")
    with pytest.raises(KeyRefused) as refused:
        KeyFile(tmp_path / "data" / "secret.key").add()
    assert "Cannot" in refused.value.say


def test_the_environment_wins(file: KeyFile) -> None:
    """Its keys come first; those of the file still open what they sealed, unless the file is refused."""
    filed = file.add()
    keys = Keys(file.path, (b"1" * 32, b"2" * 32))
    assert [key.value for key in keys.ring()] == [b"1" * 32, b"2" * 32, filed.value]
    assert "SWITCHBOARD_SECRET_KEY on " in keys.environment[0].source
    file.path.chmod(0o644)
    assert [key.value for key in keys.ring()] == [b"1" * 32, b"2" * 32]
    with pytest.raises(KeyRefused):
        Keys(file.path).ring()
