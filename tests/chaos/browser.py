"""A person's browser, as far as the program can tell: signs in, says something, reads what stands in a thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Protocol, Self

import httpx

_HEADERS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(slots=True)
class Post:
    """A post of the web chat as the page shows it. ``notice`` is what is set apart beneath the model's own text."""

    id: int
    key: str
    mine: bool
    growing: bool
    text: str = ""
    notice: str = ""
    footer: str = ""
    kinds: set[str] = field(default_factory=set)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Takes a post's article apart."""

    _VOID = frozenset({"br", "hr", "img", "input", "path"})

    def __init__(self, post: Post) -> None:
        super().__init__()
        self._post, self._open = post, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "article":
            self._post.kinds.update(classes)
        if tag not in self._VOID:
            self._open.append(classes[0] if classes else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if "blockquote" in self._open:
            self._post.notice += data
        elif "body" in self._open:
            self._post.text += data
        elif self._open and self._open[-1] == "cost":
            self._post.footer += data
        elif self._open and self._open[-1] == "button":
            self._post.buttons.append(data)


class Address(Protocol):
    """Where the program is, "" while it is down, and the token of a link to sign in."""

    @property
    def url(self) -> str: ...

    @property
    def link(self) -> str: ...


class Browser:
    """Somebody who is signed in. What cannot be sent because the program is down is sent again when it is up."""

    def __init__(self, program: Address) -> None:
        self._program = program
        self._http = httpx.AsyncClient(timeout=10, headers=_HEADERS, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Use the link that the program printed."""
        answer = await self._http.post(f"{self._program.url}/sign-in/{self._program.link}")
        assert answer.status_code == 303, answer.status_code
        self._http.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]

    async def say(self, thread: str, text: str, key: str) -> int:
        """Say something; how often it had to be sent until the program said that it has it."""
        sent = 0
        while True:
            sent += 1
            try:
                data = {"text": text, "key": key}
                answer = await self._http.post(f"{await self._address()}/try/{thread}/say", data=data)
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                return sent
            assert answer.status_code >= 500, (answer.status_code, answer.text)

    def say_later(self, thread: str, text: str, key: str) -> asyncio.Task[int]:
        """Begin to say something, and go on meanwhile."""
        return asyncio.create_task(self.say(thread, text, key))

    async def press(self, thread: str, command: str, key: str) -> None:
        """Press a button."""
        data = {"command": command, "key": key}
        answer = await self._http.post(f"{self._program.url}/try/{thread}/press", data=data)
        assert answer.status_code == 200, answer.text

    async def read(self, thread: str) -> list[Post]:
        """What stands in a thread now."""
        posts: dict[int, Post] = {}
        async with aclosing(self._events(thread)) as events:
            async for post in events:
                if post is None:
                    break
                posts[post.id] = post
        return sorted(posts.values(), key=lambda post: post.id)

    async def answered(self, thread: str, number: int = 1) -> list[Post]:
        """Wait until so many answers in a thread are finished and nothing grows; all that stands there."""
        posts: dict[int, Post] = {}
        async with asyncio.timeout(60), aclosing(self._events(thread)) as events:
            async for post in events:
                if post is not None:
                    posts[post.id] = post
                found = sorted(posts.values(), key=lambda post: post.id)
                if len(finished(found)) >= number and not any(one.growing for one in found):
                    return found
        raise AssertionError(f"the stream of {thread} ended")

    async def grows(self, thread: str, characters: int = 1) -> None:
        """Wait until so much of an answer is visible."""
        async with asyncio.timeout(60), aclosing(self._events(thread)) as events:
            async for post in events:
                if post is not None and post.growing and len(post.text) >= characters:
                    return

    async def _events(self, thread: str) -> AsyncGenerator[Post | None]:
        """Posts as they come; None once all that stood there was sent."""
        url = f"{self._program.url}/try/{thread}/events"
        async with self._http.stream("GET", url, timeout=None) as answer:
            assert answer.status_code == 200, answer.status_code
            kind = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind in ("post", "ready"):
                    yield _post(json.loads(value)) if kind == "post" else None

    async def _address(self) -> str:
        while not self._program.url:  # noqa: ASYNC110 - a start takes as long as it takes
            await asyncio.sleep(0.02)
        return self._program.url


def finished(posts: list[Post]) -> list[list[Post]]:
    """The bot's finished answers: pages up to the one with buttons."""
    answers, pages = list[list[Post]](), list[Post]()
    for post in posts:
        if post.mine or "notice" in post.kinds:
            continue
        pages.append(post)
        if post.buttons and not post.growing:
            answers.append(pages)
            pages = []
    return answers


def _post(data: dict[str, object]) -> Post:
    number = data["id"]
    assert isinstance(number, int)
    post = Post(number, str(data["key"]), bool(data["mine"]), bool(data["growing"]))
    _Reader(post).feed(str(data["html"]))
    return post
