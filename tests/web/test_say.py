"""What a person sends: messages, files, commands, presses of buttons."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.core.view import View
from bot.knowledge import kinds
from storage.inbox import InboxItem
from storage.people import Person
from storage.posts import Post
from tests.bot.knowledge.documents import word
from tests.bot.knowledge.test_files import PNG
from tests.web.conftest import Site
from web.codec import decode

THREAD = "abcdefgh12345678"
SAY = f"/try/{THREAD}/say"
PRESS = f"/try/{THREAD}/press"
KEY = "0123456789abcdef"
JSON = {"Accept": "application/json"}


@pytest.fixture
def address(database_url: str) -> str:
    """What people say is kept by both databases."""
    return database_url


async def posts(site: Site, person: Person) -> list[Post]:
    return await site.store.posts.since(f"web:main/{person.id}/{THREAD}", 0, 100)


async def waiting(site: Site, person: Person) -> list[InboxItem]:
    conversation = await site.store.conversations.current(f"web:main/{person.id}/{THREAD}")
    return [] if conversation is None else await site.store.inbox.waiting(conversation.id)


async def say(client: httpx.AsyncClient, text: str, key: str = KEY) -> httpx.Response:
    return await client.post(SAY, data={"key": key, "text": text}, headers=JSON)


async def test_a_message_is_in_the_inbox_and_in_the_thread_before_the_answer(site: Site) -> None:
    """Once the page has its answer nothing can be lost."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        answer = await say(client, "Hello\r\nthere  ")
        assert (answer.status_code, answer.json()) == (200, {"expects": "reply"})
    [item] = await waiting(site, person)
    assert json.loads(item.payload) == {"text": "Hello\nthere"}
    [post] = await posts(site, person)
    assert (decode(post.view).view.text, post.author_person_id) == ("Hello\nthere", person.id)


async def test_sending_again_never_doubles(site: Site) -> None:
    """A second press, or another try after a lost answer, is the same message."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        for _ in range(3):
            assert (await say(client, "Hello")).json() == {"expects": "reply"}
    assert len(await waiting(site, person)) == 1
    assert len(await posts(site, person)) == 1


async def test_two_people_may_come_up_with_the_same_key(site: Site) -> None:
    """Keys are each person's own."""
    someone = await site.someone_else()
    async with site.visitor() as client:
        person = await site.sign_in(client)
        await say(client, "Mine")
    async with site.visitor() as client:
        await site.sign_in(client, someone.id)
        await say(client, "Theirs")
    assert [decode(post.view).view.text for post in await posts(site, person)] == ["Mine"]
    assert [decode(post.view).view.text for post in await posts(site, someone)] == ["Theirs"]


async def test_files_travel_with_their_message(site: Site) -> None:
    """Attachments are kept with the inbox item, and the thread shows a receipt."""
    files = [("files", ("boat.png", PNG, "text/plain")), ("files", ("notes.md", b"# Notes", "image/png"))]
    async with site.visitor() as client:
        person = await site.sign_in(client)
        answer = await client.post(SAY, data={"key": KEY, "text": ""}, files=files, headers=JSON)
        assert answer.status_code == 200
        page = (await client.get(f"/try/{THREAD}")).text
    [item] = await waiting(site, person)
    kept = [(file.name, file.media_type, file.size) for file in item.attachments]
    assert kept == [("boat.png", "image/png", len(PNG)), ("notes.md", "text/plain", 7)]
    assert "boat.png" in page
    assert "7 B" in page


async def test_documents_travel_too(site: Site) -> None:
    """A Word file is taken by its bytes; it becomes text when the answer begins."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        files = [("files", ("plan.docx", word(), "application/octet-stream"))]
        answer = await client.post(SAY, data={"key": KEY, "text": "Read this"}, files=files, headers=JSON)
        assert answer.json() == {"expects": "reply"}
        page = (await client.get(f"/try/{THREAD}")).text
    [item] = await waiting(site, person)
    assert [file.media_type for file in item.attachments] == [kinds.WORD]
    assert 'data-document-bytes="10000000" data-documents=".pdf .docx' in page


@pytest.mark.parametrize(
    ("data", "files", "words"),
    [
        ({"key": KEY, "text": " \r\n "}, [], "Write something first"),
        ({"key": KEY}, [], "Write something first"),
        ({"key": KEY, "text": "x" * 200_001}, [], "200,001"),
        ({"text": "hello"}, [], "out of date"),
        ({"key": "../etc", "text": "hello"}, [], "out of date"),
        ({"key": KEY}, [("files", ("a.png", b"not an image"))], "a.png"),
        ({"key": KEY}, [("files", ("a.txt", b""))], "empty"),
        ({"key": KEY}, [("files", (f"{n}.txt", b"x")) for n in range(11)], "10 files"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_sentence(
    site: Site, data: dict[str, str], files: list[tuple[str, tuple[str, bytes]]], words: str
) -> None:
    """The page shows the sentence beside the message box; nothing was kept or shown."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        answer = await client.post(SAY, data=data, files=files or None, headers=JSON)
    assert answer.status_code == 400
    assert words in answer.json()["say"]
    assert await posts(site, person) == []


async def test_a_long_text_in_a_form_with_files_is_measured_by_us(site: Site) -> None:
    """Three million characters get our sentence, not the form parser's."""
    files = [("files", ("a.txt", b"x"))]
    async with site.visitor() as client:
        await site.sign_in(client)
        answer = await client.post(SAY, data={"key": KEY, "text": "x" * 3_000_000}, files=files, headers=JSON)
    assert answer.status_code == 400
    assert "3,000,000" in answer.json()["say"]


async def test_a_command_is_answered_and_no_message(site: Site) -> None:
    """A command shows in the thread with its answer; no model ever reads it."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        answer = await say(client, "/help")
        assert answer.json()["expects"] == "answer"
    typed, told = await posts(site, person)
    assert (decode(typed.view).command, typed.author_person_id) == (True, person.id)
    assert "/model" in decode(told.view).view.text
    assert await waiting(site, person) == []


async def test_a_command_sent_again_is_answered_once(site: Site) -> None:
    """A repeat of the same press finds the answer there."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        for _ in range(3):
            assert (await say(client, "/new")).status_code == 200
    assert len(await posts(site, person)) == 2


async def test_a_mistyped_command_stays_in_the_box(site: Site) -> None:
    """The sentence names the nearest; the thread shows nothing of it."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        answer = await say(client, "/modle")
    assert answer.status_code == 400
    assert "/model" in answer.json()["say"]
    assert await posts(site, person) == []


async def test_a_space_before_the_slash_makes_a_message(site: Site) -> None:
    """What begins with a slash can still be said."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        assert (await say(client, " /help")).json() == {"expects": "reply"}
    [item] = await waiting(site, person)
    assert json.loads(item.payload) == {"text": "/help"}


async def press(client: httpx.AsyncClient, command: str) -> httpx.Response:
    return await client.post(PRESS, data={"key": KEY, "command": command}, headers=JSON)


async def test_a_button_that_changes_the_thread_leaves_a_note_there(site: Site) -> None:
    """Another model is worth a line in the thread; pressing twice leaves one."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        await say(client, "hi")
        for _ in range(2):
            answer = (await press(client, "model demo/story")).json()
            assert (answer["refresh"], answer["html"]) == (True, "")
    _, note = await posts(site, person)
    assert "demo/story" in decode(note.view).view.text


async def test_what_a_button_has_to_say_otherwise_is_said_in_passing(site: Site) -> None:
    """A button that changes nothing that stays leaves no line behind."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        await say(client, "hi")
        nothing = (await press(client, "stop")).json()
        assert nothing["html"].startswith("<p>Nothing is being written here.")
        assert not nothing["bad"]
        refused = (await press(client, "retry #99")).json()
        assert "#99" in refused["html"]
        assert refused["bad"]
    assert len(await posts(site, person)) == 1


async def test_a_button_of_a_page_too_old_says_so(site: Site) -> None:
    """A command that is not known any more asks for a reload."""
    async with site.visitor() as client:
        person = await site.sign_in(client)
        await site.post(person, THREAD, View("hi"), "first")
        answer = await client.post(PRESS, data={"key": KEY, "command": "/x"}, headers=JSON)
        assert answer.status_code == 400
        assert "Reload the page" in answer.json()["say"]


async def test_commands_complete(site: Site) -> None:
    """A slash lists the commands; what is typed narrows them."""
    async with site.visitor() as client:
        await site.sign_in(client)
        listed = (await client.get("/api/complete", params={"text": "/"})).json()["suggestions"]
        assert {"/model", "/new", "/stop", "/retry", "/help"} <= {row["label"] for row in listed}
        narrowed = (await client.get("/api/complete", params={"text": "/mo"})).json()["suggestions"]
        assert narrowed[0]["label"] == "/model"
        models = (await client.get("/api/complete", params={"text": "/model demo"})).json()["suggestions"]
        assert all(row["value"].startswith("/model demo/") for row in models)
        assert models


async def test_a_thread_is_listed_with_a_title_and_keeps_what_was_said(site: Site) -> None:
    """A reload shows the thread as it was, and the side bar names it."""
    async with site.visitor() as client:
        await site.sign_in(client)
        fresh = (await client.get("/try")).text
        assert "Your threads will be listed here." in fresh
        await say(client, "Why is <b>the sky</b> blue?")
        page = (await client.get(f"/try/{THREAD}")).text
        assert "Why is &lt;b&gt;the sky&lt;/b&gt; blue?" in page
        assert f'href="/try/{THREAD}" aria-current="page"' in page
        listed = (await client.get(f"/try/{THREAD}/threads")).text
        assert listed.count("<li>") == 1
