"""One serving process per folder."""

import os
import signal
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from storage.errors import FolderInUse, StorageDown
from storage.lock import FolderLock, alone

HOLD = """
import sys
from pathlib import Path
from storage.lock import FolderLock
with FolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_process_is_refused_by_name(tmp_path: Path) -> None:
    """Who comes second learns which process serves the folder, and what to do."""
    with FolderLock(tmp_path), pytest.raises(FolderInUse) as refused, FolderLock(tmp_path):
        pass
    assert f"process {os.getpid()} on " in refused.value.say
    assert str(tmp_path) in refused.value.say
    with FolderLock(tmp_path):
        pass


def test_lock_dies_with_its_process(tmp_path: Path) -> None:
    """A process that is killed holds nothing any more."""
    with Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(FolderInUse) as refused, FolderLock(tmp_path):
            pass
        assert f"process {process.pid} " in refused.value.say
        process.send_signal(signal.SIGKILL)
        process.wait()
    with FolderLock(tmp_path):
        pass


def test_leaving_without_entering(tmp_path: Path) -> None:
    """A lock that was never held can be let go of."""
    FolderLock(tmp_path).__exit__(None, None, None)


def test_folder_is_made(tmp_path: Path) -> None:
    """A folder that is not there yet is made; one that cannot be is said."""
    with FolderLock(tmp_path / "new" / "folder"):
        assert (tmp_path / "new" / "folder").is_dir()
    with pytest.raises(StorageDown) as refused, FolderLock(Path("/proc/nowhere")):
        pass
    assert "SWITCHBOARD_DATA" in refused.value.say


async def test_waiting_for_a_lock_ends(tmp_path: Path) -> None:
    """Who waits for somebody else's migration does not wait for ever."""
    async with alone(tmp_path / "x"):
        with pytest.raises(StorageDown) as refused:
            async with alone(tmp_path / "x", patience=0.1):
                pass
        assert "migrating" in refused.value.say
    async with alone(tmp_path / "x", patience=0):
        pass
