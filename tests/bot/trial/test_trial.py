"""``switchboard test``: what a person types, what is said, and the exit code."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from storage.store import Store
from tests.fakes.provider import ProviderServer

Try = Callable[..., Awaitable[Result]]

pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture
def attempt(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Try:
    """`switchboard test …` on an installation with a database, beside this loop."""
    monkeypatch.chdir(tmp_path)
    base = {"DATABASE_URL": database_url, "SWITCHBOARD_DATA": str(tmp_path / "data")}

    async def _attempt(*words: str, **environment: str) -> Result:
        def run() -> Result:
            return CliRunner().invoke(main, ["test", *words], env={**base, **environment})

        return await asyncio.to_thread(run)

    return _attempt


def reached(server: ProviderServer) -> dict[str, str]:
    """The settings that lead to it."""
    return {"OPENAI_API_KEY": server.key, "OPENAI_BASE_URL": server.url}


async def test_a_provider_that_works(attempt: Try, provider_server: ProviderServer, store: Store) -> None:
    """By a free call: no model is asked, and nothing is entered; processes that run hear of it."""
    done = await attempt("openai", **reached(provider_server))
    assert done.exit_code == 0, done.output
    assert done.output.startswith("available  openai: OpenAI answers with OPENAI_API_KEY, in ")
    assert (provider_server.requests, await store.ledger.billed()) == ([], [])
    assert (await store.health.providers())["openai", "OPENAI_API_KEY"].vitals.status == "available"
    said = json.loads((await attempt("openai", "--json", **reached(provider_server))).output)
    assert (said["works"], said["status"], said["fix"], said["live"]) == (True, "available", "", None)
    assert said["latency_ms"] >= 0


async def test_what_does_not_work_says_how_to_mend_it(attempt: Try, provider_server: ProviderServer) -> None:
    """A wrong key, no key, nobody there, no such provider; the exit code is 1, and no key is shown."""
    wrong = await attempt("openai", **reached(provider_server) | {"OPENAI_API_KEY": "sk-wrong-0123456789"})
    assert (wrong.exit_code, "sk-wrong" in wrong.output) == (1, False)
    assert wrong.output.splitlines() == [
        "failing  openai: OpenAI rejected the key.",
        (
            "  → make a new one at https://platform.openai.com/api-keys and enter it with "
            "`switchboard keys add openai`, or set OPENAI_API_KEY"
        ),
    ]
    missing = await attempt("openai", "--json")
    assert (missing.exit_code, json.loads(missing.output)["status"]) == (1, "not configured")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = await attempt("ollama", OLLAMA_BASE_URL=f"http://127.0.0.1:{port}")
    assert (away.exit_code, "start it, or let OLLAMA_BASE_URL say" in away.output) == (1, True)
    nobody = await attempt("openia")
    assert (nobody.exit_code, "There is no provider “openia”" in nobody.output) == (1, True)
    unasked = await attempt("perplexity", PERPLEXITY_API_KEY="pplx-0123456789")
    assert (unasked.exit_code, "test perplexity --live" in unasked.output) == (1, True)


async def test_a_live_answer_is_shown_billed_and_entered(
    attempt: Try,
    provider_server: ProviderServer,
    store: Store,
) -> None:
    """One tiny reply with its usage and its cost, through limits and ledger as any other."""
    provider_server.script(text="ready")
    done = await attempt("openai", "--live", "--model", "gpt-4.1", "--json", **reached(provider_server))
    assert done.exit_code == 0, done.output
    live = json.loads(done.output)["live"]
    [billed], [entry] = provider_server.billed, await store.ledger.billed()
    assert (live["model"], live["text"]) == ("openai/gpt-4.1", "ready")
    assert (live["input_tokens"], live["output_tokens"]) == (billed.input_tokens, billed.output_tokens)
    assert float(live["usd"]) * 1e9 == pytest.approx(entry.cost)
    assert (entry.kind, entry.place, entry.person_id) == ("test", "cli:local", None)
    provider_server.script(fail="quota")
    empty = await attempt("openai", "--model", "gpt-4.1", **reached(provider_server))
    assert (empty.exit_code, "has no credit left" in empty.output) == (1, True)


async def test_a_live_answer_keeps_to_the_budget(
    attempt: Try, provider_server: ProviderServer, store: Store
) -> None:
    """Where nothing is left, no model is asked."""
    await store.budgets.change((await store.budgets.all())[0].id, 0)
    done = await attempt("openai", "--model", "gpt-4.1", **reached(provider_server))
    assert (done.exit_code, "was not asked" in done.output) == (1, True)
    assert provider_server.requests == []
