"""The chat page: a person's threads beside the one that is open."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.core.place import Place
from storage.posts import Post
from web import files
from web.answers import fragment, page
from web.auth import SessionCookie, person_of, see_other
from web.chat import PLATFORM, place_of
from web.limits import UPLOAD_BYTES
from web.pages.events import EventStream, ThreadEvents
from web.posts import PostRenderer
from web.services import Services

MOST_CHARS = 200_000
_THREAD = re.compile(r"[a-z0-9]{8,32}")
_LISTED = 100
_SHOWN = 500  # posts of a thread that its page shows
_UNNAMED = "New thread"

EXAMPLES = (
    {
        "title": "Show me what you can do",
        "hint": "Every kind of Markdown formatting, as it is written",
        "text": "Show me every kind of Markdown formatting once.",
    },
    {
        "title": "Write some code",
        "hint": "A small Python function, with a test",
        "text": "Write a small Python function, and a test for it.",
    },
    {
        "title": "Who is answering?",
        "hint": "See the model in use and choose another",
        "text": "/model",
    },
    {
        "title": "What can I say?",
        "hint": "All commands with one line each",
        "text": "/help",
    },
)


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """One line of the side bar. ``at`` is when something was last said there."""

    id: str
    title: str
    at: str


def thread_of(request: Request) -> str:
    """The thread that a request names. Raises 404 where that cannot be a thread of ours."""
    thread = str(request.path_params["thread"])
    if not _THREAD.fullmatch(thread):
        raise HTTPException(404)
    return thread


def place_asked(request: Request) -> Place:
    """The place that a request names. It is always one of the person's own."""
    return place_of(person_of(request).id, thread_of(request))


class ThreadPages:
    """The chat page, its list of threads and its event stream."""

    def __init__(self, services: Services, cookie: SessionCookie) -> None:
        self._store, self._hub = services.store, services.surface.hub
        self._cookie = cookie
        self._renderer = PostRenderer()

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/", self.start, methods=["GET"]),
            Route("/try", self.fresh, methods=["GET"]),
            Route("/try/{thread}", self.thread, methods=["GET"]),
            Route("/try/{thread}/threads", self.threads, methods=["GET"]),
            Route("/try/{thread}/events", self.events, methods=["GET"]),
        ]

    async def start(self, request: Request) -> Response:
        """The front door."""
        return see_other("/try")

    async def fresh(self, request: Request) -> Response:
        """A new thread. It exists from its first message on."""
        return await self._page(request, secrets.token_hex(8), ())

    async def thread(self, request: Request) -> Response:
        """A thread with what was said in it."""
        place = place_asked(request)
        posts = await self._store.posts.since(str(place), 0, _SHOWN)
        if not posts:
            raise HTTPException(404)
        return await self._page(request, place.thread, posts)

    async def threads(self, request: Request) -> Response:
        """The side bar's list, for the page to swap in."""
        thread = thread_of(request)
        listed = await self._listed(person_of(request).id)
        return HTMLResponse(fragment("threads.html", threads=listed, thread=thread))

    async def events(self, request: Request) -> Response:
        """What happens in a thread from a version on."""
        place = str(place_asked(request))
        if not await self._store.posts.thread_exists(place):
            raise HTTPException(404)
        token = self._cookie.read(request) or ""

        async def may_listen() -> bool:
            return await self._store.sessions.person(token) is not None

        events = ThreadEvents(self._store.posts, self._renderer, place, _version(request), may_listen)
        return EventStream(events, self._hub, place)

    async def _page(self, request: Request, thread: str, posts: tuple[Post, ...] | list[Post]) -> Response:
        person = person_of(request)
        threads = await self._listed(person.id)
        titles = {item.id: item.title for item in threads}
        response = page(
            "chat.html",
            person=person.name,
            thread=thread,
            started=bool(posts),
            title=titles.get(thread, _UNNAMED),
            threads=threads,
            posts=[self._renderer.html(post) for post in sorted(posts, key=lambda post: post.id)],
            version=max((post.version for post in posts), default=0),
            waiting=self._hub.status(str(place_of(person.id, thread))),
            examples=EXAMPLES,
            limits={
                "chars": MOST_CHARS,
                "files": files.MOST_FILES,
                "image": files.IMAGE_BYTES,
                "text": files.TEXT_BYTES,
                "all": UPLOAD_BYTES - 1_000_000,  # the rest is for the text and the form around it
            },
        )
        if token := self._cookie.read(request):
            self._cookie.give(response, token)  # it lives as long as the session, which each use extends
        return response

    async def _listed(self, person_id: int) -> list[ThreadItem]:
        """The person's threads, the latest first. Where /new was said a thread has several conversations."""
        found = await self._store.conversations.list_for_person(person_id, PLATFORM, _LISTED, None)
        items: dict[str, ThreadItem] = {}
        for conversation in found:
            thread = Place.parse(conversation.place).thread
            item = ThreadItem(thread, conversation.title or _UNNAMED, _iso(conversation.updated_at))
            items.setdefault(thread, item)
        return list(items.values())


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _version(request: Request) -> int:
    """The version a page has seen: what the browser says when it comes back, else what the page says."""
    text = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    return int(text) if text.isascii() and text.isdigit() else 0
