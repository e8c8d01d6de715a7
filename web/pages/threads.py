"""The chat page: a person's threads beside the one that is open."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.commands.grammar import Asked
from bot.core.place import Place
from bot.knowledge import files, kinds
from storage.people import Person
from storage.posts import Post
from web.answers import fragment, page
from web.auth import SessionCookie, person_of
from web.chat import PLATFORM, home_of, place_of
from web.frame import doors
from web.limits import UPLOAD_BYTES
from web.pages.events import EventStream, ThreadEvents
from web.posts import PostRenderer
from web.services import Services
from web.viewer import viewer_of

MOST_CHARS = 200_000
MOST_STREAMS = 50  # of one person, in each process: each looks into the database every second
_TOO_MANY_STREAMS = "Switchboard is open in too many tabs at once. Close some of them."
_THREAD = re.compile(r"[a-z0-9]{8,32}")
_LISTED = 100
_SHOWN = 500  # posts of a thread that its page shows
_MOST_ID = 2**63 - 1
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


def asked_at(place: Place, person: Person) -> Asked:
    """Who looks at a thread, as the desk wants to know it."""
    return Asked(place, person.id, str(place.home), place.platform, "", person.name, on_site=True)


class ThreadPages:
    """The chat page, its list of threads and its event stream."""

    def __init__(self, services: Services, cookie: SessionCookie) -> None:
        self._store, self._hub = services.store, services.surface.hub
        self._cookie, self._desk = cookie, services.commands
        self._renderer = PostRenderer()

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/try", self.fresh, methods=["GET"]),
            Route("/try/{thread}", self.thread, methods=["GET"]),
            Route("/try/{thread}/threads", self.threads, methods=["GET"]),
            Route("/try/{thread}/events", self.events, methods=["GET"]),
            Route("/try/{thread}/pictures/{post:int}", self.picture, methods=["GET"]),
        ]

    async def fresh(self, request: Request) -> Response:
        """A new thread. It exists from its first message on."""
        return await self._page(request, secrets.token_hex(8), ())

    async def thread(self, request: Request) -> Response:
        """A thread with what was said in it."""
        place = place_asked(request)
        posts = await self._store.posts.since(str(place), 0, _SHOWN)
        if not posts:
            raise HTTPException(404)
        return await self._page(request, place.thread, posts, await self._shared(place))

    async def threads(self, request: Request) -> Response:
        """The side bar's list, for the page to swap in."""
        thread = thread_of(request)
        listed = await self._listed(person_of(request).id)
        model = await self._model(request, thread)
        return HTMLResponse(fragment("threads.html", threads=listed, thread=thread, model=model))

    async def picture(self, request: Request) -> Response:
        """The picture of a post; it never changes."""
        post_id = min(int(request.path_params["post"]), _MOST_ID)
        png = await self._store.posts.picture(str(place_asked(request)), post_id)
        if png is None:
            raise HTTPException(404)
        kept = {"Cache-Control": "private, max-age=31536000, immutable"}
        return Response(png, media_type="image/png", headers=kept)

    async def events(self, request: Request) -> Response:
        """What happens in a thread from a version on."""
        place = str(place_asked(request))
        if not await self._store.posts.thread_exists(place):
            raise HTTPException(404)
        if self._hub.listeners_within(str(home_of(person_of(request).id))) >= MOST_STREAMS:
            raise HTTPException(429, _TOO_MANY_STREAMS)
        token = self._cookie.read(request) or ""

        async def may_listen() -> bool:
            return await self._store.sessions.person(token) is not None

        events = ThreadEvents(self._store.posts, self._renderer, place, _version(request), may_listen)
        return EventStream(events, self._hub, place)

    async def _model(self, request: Request, thread: str) -> str:
        """The model that answers in a thread."""
        person = person_of(request)
        choice = await self._desk.chosen(asked_at(place_of(person.id, thread), person))
        return str(choice.model)

    async def _shared(self, place: Place) -> list[Markup]:
        """What a fork shares with the conversation it comes from, as it is there now."""
        fork = await self._store.forks.at(str(place))
        branch = [] if fork is None else await self._store.conversations.branch(fork.message_id)
        return [self._renderer.shared(message) for message in branch if message.text]

    async def _page(
        self, request: Request, thread: str, posts: Sequence[Post], shared: Sequence[Markup] = ()
    ) -> Response:
        person = person_of(request)
        threads = await self._listed(person.id)
        titles = {item.id: item.title for item in threads}
        response = page(
            "chat.html",
            person=person.name,
            doors=doors(viewer_of(request)),
            model=await self._model(request, thread),
            thread=thread,
            started=bool(posts),
            title=titles.get(thread, _UNNAMED),
            threads=threads,
            posts=[*shared, *(self._renderer.html(post) for post in sorted(posts, key=lambda post: post.id))],
            version=max((post.version for post in posts), default=0),
            waiting=self._hub.status(str(place_of(person.id, thread))),
            examples=EXAMPLES,
            limits={
                "chars": MOST_CHARS,
                "files": files.MOST_FILES,
                "image": files.IMAGE_BYTES,
                "text": files.TEXT_BYTES,
                "document": files.DOCUMENT_BYTES,
                "documents": " ".join(kinds.DOCUMENT_NAMES),
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
