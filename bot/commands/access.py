"""``/access``: which models may be used in a channel, a workspace, by whom; and who administers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.calls.access import ADMINS, INSTALLATION
from bot.commands.authority import ADMIN, require_admin, require_owner
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.persons import person_named
from bot.commands.rules import overview, pattern_of
from bot.commands.ruling import Ruling
from bot.conversation.settings import person_scope, place_scope
from bot.core.errors import BadInput
from bot.core.view import Tone, View

_CHANNEL, _WORKSPACE, _EVERYWHERE = "channel", "workspace", "installation"
_CHANGE = "change which models may be used"
_SWITCHES = MappingProxyType({"on": True, "off": False})


@dataclass(frozen=True, slots=True)
class _Change:
    """One change at one level, and what was said."""

    tools: Tools
    asked: Asked
    ruling: Ruling
    what: str


async def _access(tools: Tools, asked: Asked, values: Values) -> Answer:
    action, what = str(values.get("action", "show")), str(values.get("what", "")).strip()
    if action in _ROLES:
        return await _ROLES[action](tools, asked, what)
    about, scope = asked.person_id, _scope(asked, str(values.get("scope", "")))
    if "for" in values:
        person = await person_named(tools, asked, str(values["for"]))
        about, scope = person.id, person_scope(person.id)
    if action == "show":
        return _notice(await overview(tools, asked, about))
    if scope == INSTALLATION:
        await require_owner(tools, asked, _CHANGE)
    else:
        await require_admin(tools, asked, _CHANGE)
    await _CHANGES[action](_Change(tools, asked, Ruling(tools.store.settings, scope, asked.person_id), what))
    return _notice(f"Done; it holds from the next message on.\n\n{await overview(tools, asked, about)}")


def _scope(asked: Asked, named: str) -> str:
    """The level that is meant: the channel, or where nobody else is the workspace."""
    match named or (_CHANNEL if asked.shared else _WORKSPACE):
        case "channel":
            return place_scope(replace(asked.place, thread=""))
        case "workspace":
            return place_scope(asked.place.home)
        case _:
            return INSTALLATION


async def _allow(change: _Change) -> None:
    await change.ruling.allow(pattern_of(change.tools.registry, change.what))


async def _deny(change: _Change) -> None:
    await change.ruling.deny(pattern_of(change.tools.registry, change.what))


async def _local(change: _Change) -> None:
    wanted = _SWITCHES.get(change.what.lower())
    if wanted is None:
        say = "Say `/access local on` or `/access local off`."
        raise BadInput(f"local {change.what[:40]!r}", say=say)
    await change.ruling.keep_local(wanted)


async def _exempt(change: _Change) -> None:
    """Let the level's rules not hold for somebody, or by their role; "none" takes all of it back."""
    if change.what.lower() == "none":
        await change.ruling.exempt_nobody()
        return
    one: int | str = ADMINS
    if change.what.lower() != ADMINS:
        one = (await person_named(change.tools, change.asked, change.what)).id
    await change.ruling.exempt(one)


async def _reset(change: _Change) -> None:
    await change.ruling.reset()


async def _admin(tools: Tools, asked: Asked, what: str) -> Answer:
    await require_admin(tools, asked, "name admins")
    person = await person_named(tools, asked, what)
    await tools.store.people.grant(person.id, ADMIN, asked.workspace_id, by=asked.person_id)
    return _notice(
        f"{person.name} may administer this workspace from now on; `/access revoke` takes that back."
    )


async def _revoke(tools: Tools, asked: Asked, what: str) -> Answer:
    await require_admin(tools, asked, "take the role of an admin back")
    person = await person_named(tools, asked, what)
    if not await tools.store.people.revoke(person.id, ADMIN, asked.workspace_id, by=asked.person_id):
        return _notice(f"{person.name} was not named an admin here.")
    return _notice(f"{person.name} is no admin of this workspace any more.")


def _notice(text: str) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE))


_CHANGES: Mapping[str, Callable[[_Change], Awaitable[None]]] = MappingProxyType(
    {"allow": _allow, "deny": _deny, "local": _local, "exempt": _exempt, "reset": _reset}
)
_ROLES: Mapping[str, Callable[[Tools, Asked, str], Awaitable[Answer]]] = MappingProxyType(
    {"admin": _admin, "revoke": _revoke}
)

ACCESS = Command(
    name="access",
    summary="which models may be used here and by whom; admins change it",
    handler=_access,
    options=(
        Option(
            "action",
            OptionKind.CHOICE,
            "show or change the rules, or name admins",
            choices=("show", *_CHANGES, *_ROLES),
        ),
        Option("what", OptionKind.TEXT, "a provider, model or pattern; on or off; or a person", rest=True),
        Option(
            "scope",
            OptionKind.CHOICE,
            "where the rule holds; else in this channel",
            choices=(_CHANNEL, _WORKSPACE, _EVERYWHERE),
            keyed=True,
        ),
        Option("for", OptionKind.TEXT, "a person that the rule is for, wherever they are", keyed=True),
    ),
    example="/access allow openai/* scope:workspace",
    anywhere=True,
)
