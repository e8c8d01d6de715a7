"""Plants every bug in a copy of the source, one by one, and runs the tests that must turn red.

    python -m tests.sabotage [PART OF A NAME]

First the same tests run on the sound copy: what is red by itself catches nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.sabotage.bugs import BUGS, Bug
from tests.sabotage.tree import Tree

_AT_ONCE = 2
_LONGEST = 300.0  # seconds that one run of tests may take
_RED, _GREEN = 1, 0  # pytest's exit codes


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run of tests."""

    code: int | None  # None: it had to be ended
    output: str
    seconds: float

    @property
    def catcher(self) -> str:
        """The first test that failed."""
        found = re.search(r"^(?:FAILED|ERROR) (\S+)", self.output, re.MULTILINE)
        return found[1] if found else "?"


async def _pytest(tree: Tree, tests: Iterable[str]) -> Run:
    started = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(tree.folder), "SWITCHBOARD_TEST_PATIENCE": "8"}
    environment.pop("SWITCHBOARD_CHAOS", None)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests),
        cwd=tree.folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_LONGEST):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return Run(None, "", time.monotonic() - started)
    return Run(process.returncode, output.decode(errors="replace"), time.monotonic() - started)


async def _try(bug: Bug | None, tree: Tree, bugs: Iterable[Bug]) -> bool:
    """Whether a bug is caught, or without one whether the tests are green."""
    tests = bug.tests.split() if bug else sorted({test for one in bugs for test in one.tests.split()})
    with tree.with_bug(bug) if bug else nullcontext():
        run = await _pytest(tree, tests)
    good = run.code == (_RED if bug else _GREEN)
    if bug is None:
        said = "green   without any bug" if good else f"RED     without any bug: {run.catcher}"
    elif good:
        said = f"caught  {bug.name}: {run.catcher}"
    else:
        said = f"MISSED  {bug.name} (exit code {run.code})"
    sys.stdout.write(f"{said} ({run.seconds:.0f} s)\n")
    if not good:
        sys.stdout.write(run.output[-3000:])
    sys.stdout.flush()
    return good


async def _work(queue: list[Bug | None], bugs: list[Bug], folder: Path) -> list[Bug | None]:
    """Take from the queue until it is empty; what came out as it should."""
    tree, good = Tree(folder), list[Bug | None]()
    while queue:
        bug = queue.pop(0)
        if await _try(bug, tree, bugs):
            good.append(bug)
    return good


async def _all(bugs: list[Bug], folder: Path) -> list[Bug | None]:
    """What came out as it should: bugs that were caught, and None for green tests without any."""
    queue: list[Bug | None] = [None, *bugs]
    workers = [_work(queue, bugs, folder / str(number)) for number in range(_AT_ONCE)]
    return [bug for good in await asyncio.gather(*workers) for bug in good]


def main() -> int:
    """Print one line for each bug and a last one for all; 1 where any was missed, 2 where none is called so."""
    part = " ".join(sys.argv[1:])
    bugs = [bug for bug in BUGS if part in bug.name]
    if not bugs:
        sys.stderr.write(f"No sabotage has “{part}” in its name; tests/sabotage/bugs.py has them all.\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="switchboard-sabotage-") as folder:
        good = asyncio.run(_all(bugs, Path(folder)))
    caught = [bug for bug in good if bug is not None]
    sys.stdout.write(f"{len(caught)} of {len(bugs)} sabotages caught\n")
    return 0 if len(good) == len(bugs) + 1 else 1


if __name__ == "__main__":
    sys.exit(main())
