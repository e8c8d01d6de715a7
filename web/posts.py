"""A post as HTML, and as the event that carries it to an open page."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from bot.core.message import Role
from bot.core.place import Place
from bot.core.view import Button, Tone, View
from storage.conversations import Message
from storage.posts import Post
from web.answers import fragment
from web.codec import FileNote, Shown, decode, encode
from web.markdown import Rendered, render, render_growing

_KEPT = 256
_VERDICTS = {"good": "Good answer", "bad": "Bad answer"}
_PICTURE = "M3.5 4.5h13v11h-13zM3.5 13l3.5-3.5 3 3 2.5-2.5 4 4M12.5 7.5h.01"
_PAPER = "M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15M8 10.5h4.5M8 13.5h4.5"


def said_key(person_id: int, key: str) -> str:
    """Our key of what a person wrote: theirs alone, whatever key their page made up."""
    return f"say-{person_id}-{key}"


def readable(size: int) -> str:
    """A size in bytes for people."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


class PostRenderer:
    """Renders posts. What several tabs show is rendered once, and what grows only where it changed."""

    def __init__(self) -> None:
        self._done: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._growing: OrderedDict[int, Rendered] = OrderedDict()

    def event(self, post: Post) -> str:
        """The JSON that the page's script shows."""
        shown = decode(post.view)
        return json.dumps(
            {
                "id": post.id,
                "key": _page_key(post),
                "html": self.html(post, shown),
                "growing": shown.view.growing,
                "mine": post.author_person_id is not None,
            }
        )

    def html(self, post: Post, shown: Shown | None = None) -> Markup:
        """The whole article."""
        known = (post.id, post.version)
        if known not in self._done:
            self._done[known] = self._article(post, shown or decode(post.view))
            _trim(self._done)
        self._done.move_to_end(known)
        return Markup(self._done[known])  # noqa: S704 - made by our own template

    def shared(self, message: Message) -> Markup:
        """The article of a message that a fork shares; never kept, for it is another thread's to change."""
        mine, footer = message.role == Role.USER, message.model or ""
        view = encode(View(message.text, footer))
        author = message.person_id if mine else None
        post = Post(-message.id, "", None, author, view, 0, message.created_at)
        return Markup(self._article(post, decode(view)))  # noqa: S704 - made by our own template

    def _article(self, post: Post, shown: Shown) -> str:
        mine = post.author_person_id is not None
        return fragment(
            "post.html",
            id=post.id,
            key=_page_key(post),
            kind=_kind(mine, shown),
            who="You" if mine else "Switchboard",
            body=escape(shown.view.text) if mine else self._body(post.id, shown),
            picture=_picture(post),
            growing=shown.view.growing,
            footer=shown.view.footer,
            # While it grows the page's own Stop stands beside the message box.
            buttons=[] if shown.view.growing else [_button(one) for one in _with_fork(shown.view.buttons)],
            files=[_receipt(file) for file in shown.files],
            at=post.created_at.isoformat(timespec="seconds"),
        )

    def _body(self, post_id: int, shown: Shown) -> Markup:
        if not shown.view.growing:
            self._growing.pop(post_id, None)
            return Markup(render(shown.view.text))  # noqa: S704 - made by our own renderer, which escapes
        rendered = render_growing(shown.view.text, self._growing.get(post_id))
        self._growing[post_id] = rendered
        _trim(self._growing)
        return Markup(rendered.html)  # noqa: S704 - as above


def _picture(post: Post) -> dict[str, str] | None:
    """Where a post's picture is, and what it shows."""
    if post.picture_alt is None:
        return None
    thread = Place.parse(post.place).thread
    return {"url": f"/try/{thread}/pictures/{post.id}", "alt": post.picture_alt}


def _with_fork(buttons: Sequence[Button]) -> Sequence[Button]:
    """Where an answer can be had again and has a text to go on from, it can be forked too."""
    if not any(one.command.startswith("rate ") for one in buttons):
        return buttons
    again = next((n for n, one in enumerate(buttons) if one.command.startswith("retry #")), None)
    if again is None:
        return buttons
    fork = Button("Fork", buttons[again].command.replace("retry", "fork", 1))
    return [*buttons[: again + 1], fork, *buttons[again + 1 :]]


def _button(button: Button) -> dict[str, str]:
    """A button as the template draws it.

    ``begins`` is what it puts into the message box instead of being a command by itself; a ``verdict`` is a thumb.
    """
    verdict = next((each for each in _VERDICTS if button.command.startswith(f"rate {each} ")), "")
    return {
        "label": button.label,
        "command": button.command,
        "begins": "/model " if button.command == "model" else "",
        "verdict": verdict,
        "name": _VERDICTS.get(verdict, ""),
    }


def _trim(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)


def _page_key(post: Post) -> str:
    """The key that the person's own page gave a post, "" for all others."""
    prefix = said_key(post.author_person_id or 0, "")
    return post.key.removeprefix(prefix) if post.key and post.key.startswith(prefix) else ""


def _kind(mine: bool, shown: Shown) -> str:
    if mine:
        return "person command" if shown.command else "person"
    private = " private" if shown.view.private_to and shown.view.tone is not Tone.ERROR else ""
    return f"{shown.view.tone}{private}"


def _receipt(file: FileNote) -> dict[str, str]:
    icon = _PICTURE if file.media_type.startswith("image/") else _PAPER
    return {"name": file.name, "size": readable(file.size), "icon": icon}
