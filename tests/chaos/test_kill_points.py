"""The real program dies by kill -9 at each write of an answer; started again, it leaves nothing lost or doubled.

The same steps, on both databases, run much faster in ``tests/dialogues/test_crashes.py``; here the process, its
sockets, its files and its locks are real. `make chaos` runs them all, `make test` those between which most is at
stake.
"""

import pytest

from storage.store import Store
from tests.chaos import ALL
from tests.chaos.browser import Browser, finished
from tests.chaos.launch import POINTS
from tests.chaos.program import Program
from tests.chaos.provider import Provider
from tests.chaos.verdict import judge

pytestmark = pytest.mark.chaos

FEW = [("surface.post", "after"), ("replies.end", "after")]
CASES = [(point, when) for point in POINTS for when in ("before", "after")] if ALL else FEW


@pytest.mark.parametrize(("point", "when"), CASES)
async def test_a_kill_at_a_write(program: Program, provider: Provider, point: str, when: str) -> None:
    """One complete answer in the end, or one that was interrupted where people had seen a part of it."""
    text = f"What happens at {point}?"
    await program.start("tests.chaos.launch", point, when, "1")
    async with Browser(program) as browser:
        await browser.sign_in()
        saying = browser.say_later("killpoint", text, "key00001")
        assert await program.ended() == -9
        await program.start()
        await saying
        posts = await browser.answered("killpoint")
        (answer,) = finished(posts)
        assert "Retry" in answer[-1].buttons
        program.terminate()
        assert await program.ended() == 0
    store = await Store.open(program.database_url, program.folder, migrate=False)
    entries = await store.ledger.billed()
    await store.close()
    assert judge({"killpoint": [text]}, {"killpoint": posts}, provider.billed(), entries).problems() == []
