"""Webhooks, for owners: entered, changed, tried, removed, and what each was told. A secret is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.workbench.alerting import KINDS
from bot.workbench.hooking import SIGNATURE, Tried, Wanted, Wrong, change, enter
from storage.audit import noting
from storage.errors import NameTaken, NoSuchEntry, VaultError
from storage.webhooks import Webhook
from web.answers import fragment
from web.auth import person_of
from web.forms import Form
from web.frame import Tone, done, site_page
from web.pages.providers import VIA
from web.services import Services
from web.told import Told, kind_choices, kind_words, told
from web.viewer import owners

PATH = "/operations/alerts/webhooks"
_LOG = 50  # lines
_ALLOW = "Tick the box beneath if it is a server of yours."


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it is listed. ``kinds`` are headings, none of them for all; ``last`` is what it was told last."""

    id: int
    name: str
    url: str
    private: bool
    kinds: tuple[str, ...]
    last: Told | None


class WebhookPages:
    """GET shows, POST changes."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.alerts

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        one = f"{PATH}/{{id:int}}"
        return [
            Route(PATH, owners(self.show), methods=["GET"]),
            Route(PATH, owners(self.add), methods=["POST"]),
            Route(one, owners(self.log), methods=["GET"]),
            Route(one, owners(self.change), methods=["POST"]),
            Route(f"{one}/test", owners(self.test), methods=["POST"]),
            Route(f"{one}/remove", owners(self.remove), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Every webhook, and what each was told last."""
        return await self._page(request, _fresh())

    async def add(self, request: Request) -> Response:
        """Enter a webhook; the answer itself has the secret, so that it is kept nowhere else."""
        form = await Form.of(request)
        wanted = _wanted(form, form["name"])
        if form.is_right:
            try:
                made, secret = await enter(self._store, wanted, by=person_of(request).id, via=VIA)
                return await self._page(request, _fresh(), made=made, secret=secret)
            except Wrong as error:
                _refuse(form, error.faults)
            except (NameTaken, VaultError) as error:
                form.refuse("name", error.say)
        return await self._page(request, form, 422)

    async def log(self, request: Request) -> Response:
        """What a webhook was told lately, and what became of it."""
        hook = await self._asked(request)
        kinds = hook.kinds.split(",") if hook.kinds else KINDS
        ticks = {f"kind-{kind}": "yes" for kind in kinds}
        form = Form.given({"url": hook.url, "private": "yes" if hook.private else "", **ticks})
        return await self._one(request, hook, form)

    async def change(self, request: Request) -> Response:
        """Tell a webhook elsewhere, or of other kinds; its secret stays."""
        hook, form = await self._asked(request), await Form.of(request)
        wanted = _wanted(form, hook.name)
        if form.is_right:
            try:
                with noting() as made:
                    await change(self._store, hook, wanted, by=person_of(request).id, via=VIA)
                # Its secret is sealed for its address, which cannot be put back without it.
                undo = made if wanted.url == hook.url else ()
                return done(PATH, f"“{hook.name}” is changed; its secret is as it was.", undo=undo)
            except Wrong as error:
                _refuse(form, error.faults)
            except VaultError as error:
                form.refuse("url", error.say)
            except NoSuchEntry as error:  # somebody was faster
                return done(PATH, error.say, "bad")
        return await self._one(request, hook, form, 422)

    async def test(self, request: Request) -> Response:
        """Tell a webhook something now. A script of ours gets its line, a person without scripts the page."""
        hook = await self._asked(request)
        tried = await self._desk.test(hook)
        if "hx-request" in request.headers:
            return HTMLResponse(
                fragment("webhook_line.html", hook=await self._hook(hook), said=_words(hook, tried))
            )
        return done(PATH, *_words(hook, tried))

    async def remove(self, request: Request) -> Response:
        """Tell a webhook nothing any more, and wipe its secret."""
        hook = await self._asked(request)
        try:
            await self._store.webhooks.remove(hook.name, by=person_of(request).id, via=VIA)
        except NoSuchEntry as error:  # somebody was faster
            return done(PATH, error.say, "bad")
        return done(PATH, f"“{hook.name}” is told nothing any more; its secret is wiped.")

    async def _asked(self, request: Request) -> Webhook:
        hook = await self._store.webhooks.get(int(request.path_params["id"]))
        if hook is None:
            raise HTTPException(404)
        return hook

    async def _hook(self, hook: Webhook) -> Hook:
        last = await self._store.sendings.latest([hook.target], 1)
        kinds = tuple(kind_words(kind) for kind in hook.kinds.split(",") if kind)
        return Hook(hook.id, hook.name, hook.url, hook.private, kinds, told(last[0]) if last else None)

    async def _one(self, request: Request, hook: Webhook, form: Form, status: int = 200) -> Response:
        rows = await self._store.sendings.latest([hook.target], _LOG)
        return site_page(
            request,
            "webhook.html",
            status,
            hook=await self._hook(hook),
            told=[told(row) for row in rows],
            form=form,
            kinds=kind_choices(),
        )

    async def _page(
        self,
        request: Request,
        form: Form,
        status: int = 200,
        *,
        made: Webhook | None = None,
        secret: str = "",
    ) -> Response:
        return site_page(
            request,
            "webhooks.html",
            status,
            hooks=[await self._hook(one) for one in await self._store.webhooks.all()],
            form=form,
            kinds=kind_choices(),
            made=made,
            secret=secret,
            signature=SIGNATURE,
        )


def _fresh() -> Form:
    return Form.given({f"kind-{kind}": "yes" for kind in KINDS})


def _wanted(form: Form, name: str) -> Wanted:
    """A webhook as it was typed, with what is wrong with it at its fields."""
    ticked = tuple(kind for kind in KINDS if form[f"kind-{kind}"])
    kinds = () if len(ticked) == len(KINDS) else ticked
    wanted = Wanted(name, form["url"], kinds, bool(form["private"]))
    if not ticked:
        form.refuse("kinds", "Tick at least one.")
    _refuse(form, wanted.faults())
    return wanted


def _refuse(form: Form, faults: Mapping[str, str]) -> None:
    """Put what is wrong at its field."""
    for field, fault in faults.items():
        if field == "private":
            form.refuse("url", f"{fault[:1].upper()}{fault[1:]}. {_ALLOW}")
        else:
            form.refuse(field, f"Write {fault}.")


def _words(hook: Webhook, tried: Tried) -> tuple[str, Tone]:
    """What a test has come to."""
    if tried.taken:
        return f"“{hook.name}” {tried.said}: it took the test.", "good"
    return f"“{hook.name}” did not take the test: {tried.said}.", "bad"
