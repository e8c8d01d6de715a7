"""Conversations on the site: found, read, exported and forgotten by those who took part in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx

from bot.core.message import Author, Incoming, Said
from storage.conversations import NewMessage, add_message
from storage.people import Person
from tests.web.conftest import Site
from web.chat import place_of

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def talked(site: Site, person: Person, thread: str, text: str, answer: str) -> int:
    """A question and its answer in a thread of a person's; the number of the conversation."""
    place = place_of(person.id, thread)
    said = Said(text)
    received = await site.services.receive(
        Incoming(thread, place, Author(str(person.id), person.name, person.id), said, NOW), None
    )
    database = site.store._db  # noqa: SLF001 - nobody answers here, so the answer is written by hand
    async with database.transaction() as tx:
        question = await add_message(
            tx,
            NewMessage(
                received.conversation_id,
                None,
                "user",
                text,
                NOW,
                person_id=person.id,
                author_name=person.name,
            ),
            "web:main",
        )
        head = await add_message(
            tx,
            NewMessage(
                received.conversation_id,
                question,
                "assistant",
                answer,
                NOW,
                model="openai/gpt-4.1",
                outcome="complete",
                input_tokens=12,
                output_tokens=34,
                cost=1_230_000,
                latency_ms=1500,
            ),
            "web:main",
        )
        await tx.write(
            "UPDATE conversations SET head_id = ?, title = ? WHERE id = ?",
            head,
            text,
            received.conversation_id,
        )
    return received.conversation_id


async def _text(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_conversations_are_found_and_read(site: Site) -> None:
    """By words of their title or text in any case; a letter that SQL knows is a letter. Others find nothing."""
    async with site.visitor() as client, site.visitor() as other:
        owner = await site.sign_in(client)
        assert "Nothing yet" in await _text(client, "/conversations")
        bread = await talked(
            site, owner, "bread1234", "How is bread made?", "Flour, **water**, 100% patience."
        )
        await talked(site, owner, "rain12345", "Will it rain?", "No.")
        page = await _text(client, "/conversations?q=WATER")
        assert "How is bread made?" in page
        assert "Will it rain?" not in page
        assert "bread" in await _text(client, "/conversations?q=100%25")
        assert "Nothing has these words" in await _text(client, "/conversations?q=1_0")
        shown = await _text(client, f"/conversations/{bread}")
        assert "<strong>water</strong>" in shown
        assert "12 + 34 tokens" in shown
        await site.sign_in(other, (await site.someone_else()).id)
        assert "How is bread made?" not in await _text(other, "/conversations?q=bread")
        for path in ("", "/export", "/export?as=json"):
            assert (await other.get(f"/conversations/{bread}{path}")).status_code == 404


async def test_a_conversation_is_taken_along(site: Site) -> None:
    """As Markdown and as JSON, with what each answer cost."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        number = await talked(site, owner, "bread1234", "How is bread made?", "Slowly.")
        markdown = await client.get(f"/conversations/{number}/export")
        assert 'filename="how-is-bread-made.md"' in markdown.headers["content-disposition"]
        assert markdown.text.startswith("# How is bread made?\n")
        assert "## openai/gpt-4.1 (12 + 34 tokens" in markdown.text
        exported = json.loads((await client.get(f"/conversations/{number}/export?as=json")).text)
        assert [message["text"] for message in exported["messages"]] == ["How is bread made?", "Slowly."]
        assert exported["messages"][1]["cost_nano_usd"] == 1_230_000


async def test_older_conversations_are_paged(site: Site) -> None:
    """A page holds thirty, and a link goes on."""
    async with site.visitor() as client:
        owner = await site.sign_in(client)
        for number in range(32):
            await talked(site, owner, f"thread{number:04}", f"Question {number}.", "Yes.")
        page = await _text(client, "/conversations")
        assert page.count('<tr><td class="name">') == 30
        more = page.split('class="quiet" href="')[1].split('"')[0].replace("&amp;", "&")
        assert (await _text(client, more)).count('<tr><td class="name">') == 2
