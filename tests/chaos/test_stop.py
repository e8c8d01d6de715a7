"""Ending the real program as an operator does."""

import asyncio
from pathlib import Path

import pytest

from storage.store import Store
from tests.chaos import ALL
from tests.chaos.browser import Browser, finished
from tests.chaos.program import Ended, Program
from tests.chaos.provider import Provider, running
from tests.chaos.verdict import judge

pytestmark = pytest.mark.chaos


async def test_a_stop_lets_answers_finish(program: Program, provider: Provider) -> None:
    """SIGTERM, and once more because somebody is impatient: what grows is completed, and the exit code is 0."""
    text = "Tell me a story."
    await program.start()
    async with Browser(program) as browser:
        await browser.sign_in()
        await browser.say("stopping", text, "key00001")
        await browser.grows("stopping")
        program.terminate()
        program.terminate()
        assert await program.ended() == 0
        await program.start()
        posts = await browser.answered("stopping")
    (answer,) = finished(posts)
    assert [one for one in answer[-1].buttons if one != "Fork"] == ["Retry", "Model"]
    program.terminate()
    assert await program.ended() == 0
    assert "Traceback" not in program.said
    await _assert_billed(program, provider, text)


@pytest.mark.skipif(not ALL, reason="takes 20 s: make chaos runs it")
async def test_a_stop_seals_what_would_take_too_long(tmp_path: Path) -> None:
    """Whatever cannot finish is sealed as interrupted, and all that within 25 s."""
    async with running(tmp_path, speed=1.5) as provider:
        program = Program(tmp_path, provider.url)
        await program.start()
        async with Browser(program) as browser:
            await browser.sign_in()
            await browser.say("stopping", "Tell me a long story.", "key00001")
            await browser.grows("stopping")
            loop = asyncio.get_running_loop()
            started = loop.time()
            program.terminate()
            assert await program.ended() == 0
            assert loop.time() - started < 25
            await program.start()
            (answer,) = finished(await browser.answered("stopping"))
        assert "was restarted" in answer[-1].notice
        assert [one for one in answer[-1].buttons if one != "Fork"] == ["Continue", "Retry", "Model"]
        program.terminate()
        assert await program.ended() == 0
        await _assert_billed(program, provider, "Tell me a long story.")


async def test_one_program_to_a_folder(program: Program) -> None:
    """A second one refuses with a sentence, and the first goes on."""
    await program.start()
    second = Program(program.folder, "http://127.0.0.1:9/v1")
    with pytest.raises(Ended) as refused:
        await second.start()
    assert refused.value.code == 1
    assert "Traceback" not in refused.value.said
    assert str(program.folder / "data") in refused.value.said
    async with Browser(program) as browser:
        await browser.sign_in()
        await browser.say("stillhere", "Are you still there?", "key00001")
        await browser.answered("stillhere")


async def _assert_billed(program: Program, provider: Provider, text: str) -> None:
    store = await Store.open(program.database_url, program.folder, migrate=False)
    entries = await store.ledger.billed()
    await store.close()
    verdict = judge({"stopping": [text]}, {}, provider.billed(), entries)
    assert verdict.unbilled == []
