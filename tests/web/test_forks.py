"""A fork in the browser: a thread of its own, which shows what was said up to there."""

from __future__ import annotations

import re

from bot.core.view import Button, View
from storage.replies import SealedMessage
from tests.web.conftest import Site

THREAD = "abcdefgh12345678"
JSON = {"Accept": "application/json"}


async def answered(site: Site, conversation_id: int, text: str) -> int:
    """Answer what waits, as the engine does; the reply's number."""
    claim = await site.store.conversations.claim(conversation_id, "test")
    assert claim is not None
    taken = await site.store.replies.take(claim)
    assert taken is not None
    sealed = SealedMessage(text, "complete", "demo/quick")
    await site.store.replies.seal(claim, taken.reply.id, message=sealed)
    await site.store.conversations.release(claim)
    return taken.reply.id


async def test_a_fork_shows_what_it_shares(site: Site) -> None:
    """The button leads to a new thread with question and answer above; twice it leads to the same one."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        said = {"key": "0123456789abcdef", "text": "What is for *dinner*?"}
        await client.post(f"/try/{THREAD}/say", data=said, headers=JSON)
        conversation = await site.store.conversations.current(f"web:main/{person.id}/{THREAD}")
        assert conversation is not None
        number = await answered(site, conversation.id, "A **stew**.")
        buttons = (Button("Retry", f"retry #{number}"), Button("👍", f"rate good #{number}"))
        await site.post(person, THREAD, View("A **stew**.", buttons=buttons), "a1")
        page = (await client.get(f"/try/{THREAD}")).text
        (command,) = re.findall(r'data-command="(fork #\d+)">Fork</button>', page)
        press = {"key": "fedcba9876543210", "command": command}
        for _ in range(2):
            await client.post(f"/try/{THREAD}/press", data=press, headers=JSON)
        (link,) = set(
            re.findall(r'href="(/try/[a-z0-9]+)">Go on there', (await client.get(f"/try/{THREAD}")).text)
        )
        fork = (await client.get(link)).text
        assert "What is for *dinner*?</div>" in fork
        assert "<strong>stew</strong>" in fork
        assert fork.index("<strong>stew</strong>") < fork.index("Fork of")
        assert f'href="/try/{THREAD}"' in fork
        listed = await site.store.conversations.list_for_person(person.id, "web", 9)
        assert [one.title for one in listed] == ["Fork: What is for *dinner*?", "What is for *dinner*?"]


async def test_a_fork_of_somebody_else_is_not_there(site: Site) -> None:
    """A number from another person's thread opens no door to it."""
    someone = await site.someone_else()
    async with site.visitor() as client:
        await site.sign_in(client, someone.id)
        said = {"key": "0123456789abcdef", "text": "A secret."}
        await client.post(f"/try/{THREAD}/say", data=said, headers=JSON)
        conversation = await site.store.conversations.current(f"web:main/{someone.id}/{THREAD}")
        assert conversation is not None
        number = await answered(site, conversation.id, "Kept.")
    async with site.visitor() as client:
        person = await site.sign_in(client)
        await site.post(person, THREAD, View("Hello"), "b1")
        press = {"key": "fedcba9876543210", "command": f"fork #{number}"}
        told = (await client.post(f"/try/{THREAD}/press", data=press, headers=JSON)).json()
    assert told["bad"]
    assert await site.store.conversations.list_for_person(person.id, "web", 9) == []


async def test_what_is_forgotten_leaves_the_page(site: Site) -> None:
    """Questions, answers and commands of the conversation go; a fork's first post quotes it no longer."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        place = f"web:main/{person.id}/{THREAD}"
        said = {"key": "0123456789abcdef", "text": "The plum stone."}
        await client.post(f"/try/{THREAD}/say", data=said, headers=JSON)
        conversation = await site.store.conversations.current(place)
        assert conversation is not None
        number = await answered(site, conversation.id, "The plum stone, I see.")
        await site.post(person, THREAD, View("The plum stone, I see."), "a1")
        press = {"key": "fedcba9876543210", "command": f"fork #{number}"}
        await client.post(f"/try/{THREAD}/press", data=press, headers=JSON)
        fork = (await site.store.conversations.list_for_person(person.id, "web", 9))[0]
        ask = {"key": "f000000000000000", "command": f"forget #{conversation.id}"}
        told = (await client.post(f"/try/{THREAD}/press", data=ask, headers=JSON)).json()
        assert told["refresh"]
        page = (await client.get(f"/try/{THREAD}")).text
        assert "plum" not in page
        assert "Forgotten: 2 messages." in page
        shared = (await client.get(f"/try/{fork.place.rpartition('/')[2]}")).text
        assert "plum" not in shared
        assert "Fork of a conversation that was forgotten." in shared
