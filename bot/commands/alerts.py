"""``/alerts``: where admins are told of budgets, prices, failures and what else cannot wait for a digest."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.authority import ADMIN, OWNER, require_admin, require_owner
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.settings import place_scope
from bot.core.errors import BadInput, NotConfigured
from bot.core.place import Place
from bot.core.view import Tone, View
from bot.workbench.alerting import KINDS, SETTING, Route, is_address

_KINDS_OF = ("with", "without")  # what changes which are told, and not where
_HOW = "`/alerts here`, `/alerts me`, `/alerts mail ADDRESS` and `/alerts off` change that."


async def _alerts(tools: Tools, asked: Asked, values: Values) -> Answer:
    await require_admin(tools, asked, "set where alerts go")
    scope = place_scope(asked.place.home)
    found = (await tools.store.settings.get_many([scope], SETTING)).get(scope)
    known = None if found is None else Route.from_json(found.value)
    if not values:
        return _notice(_shown(known))
    if known is not None and known.wide and values.get("where") not in _KINDS_OF:
        await require_owner(
            tools, asked, "say where these go, for alerts of the whole installation are among them"
        )
    made = _changed(tools, asked, known or Route(), values)
    roles = await tools.store.people.roles(asked.person_id)
    made = replace(made, wide=bool(roles & {(OWNER, None), (ADMIN, None)}) or made.wide)
    await tools.store.settings.set(scope, SETTING, made.to_json(), asked.person_id)
    return _notice(_shown(made))


def _changed(tools: Tools, asked: Asked, known: Route, values: Values) -> Route:
    """The route as it is from now on. Raises BadInput, NotConfigured."""
    what, kind, address = (str(values.get(name, "")).strip() for name in ("where", "kind", "address"))
    if what != "mail" and address:
        raise BadInput("an address without mail", say=f"“{address[:40]}” is too much. {_HOW}")
    match what:
        case "here":
            return known.with_place(str(_channel(asked)))
        case "me":
            if asked.shared:
                say = "Say `/alerts me` in a direct message with me: they go there then."
                raise BadInput("/alerts me in a channel", say=say)
            return known.with_place(str(_channel(asked)))
        case "mail":
            return _with_mail(tools, known, address)
        case "off":
            return Route()
        case _:
            if not kind:
                raise BadInput(f"/alerts {what} without a kind", say=f"Which kind? {', '.join(KINDS)}.")
            kept = tuple(one for one in known.without if one != kind)
            return replace(known, without=kept if what == "with" else (*kept, kind))


def _channel(asked: Asked) -> Place:
    """The channel; on the site, whose channels nobody reads, the thread."""
    return asked.place if asked.platform == "web" else replace(asked.place, thread="")


def _with_mail(tools: Tools, known: Route, address: str) -> Route:
    if not is_address(address):
        raise BadInput("not an address", say="Write the address too: `/alerts mail ops@example.com`.")
    if not tools.mails:
        say = "No mail can be sent from here: `SMTP_URL` and `SMTP_FROM` are not set. Nothing was changed."
        raise NotConfigured("no SMTP_URL", say=say)
    return known.with_mail(address)


def _shown(route: Route | None) -> str:
    if route is None:
        return f"Alerts go to the owner, in private, for nobody has said otherwise. {_HOW}"
    if not route.places and not route.mail:
        return "Alerts go to nobody here; webhooks are told all the same. `/alerts here` turns them on."
    where = [f"`{place}`" for place in route.places] + list(route.mail)
    kinds = [f"- **{kind}**: {words}" for kind, words in KINDS.items() if kind not in route.without]
    wide = " Those of the whole installation are among them." if route.wide else ""
    return "\n".join([f"Alerts go to {', '.join(where)}.{wide} Told is that:", *kinds, "", _HOW])


def _notice(text: str) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE))


ALERTS = Command(
    name="alerts",
    summary="for admins: where you are told of budgets, prices, failures and unusual spending",
    handler=_alerts,
    options=(
        Option(
            "where",
            OptionKind.CHOICE,
            "where they go, or which are told; without it, how it is set",
            choices=("here", "me", "mail", "off", "with", "without"),
        ),
        Option("kind", OptionKind.CHOICE, "a kind of alert", choices=tuple(KINDS)),
        Option("address", OptionKind.TEXT, "an e-mail address"),
    ),
    example="/alerts mail ops@example.com",
    anywhere=True,
)
