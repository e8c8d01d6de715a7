"""What a choice of a model holds for: a thread, a channel, a person, the next thread, a workspace, everything."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.authority import require_admin, require_owner
from bot.commands.grammar import Asked, Option, OptionKind, Tools, Values
from bot.conversation.settings import INSTALLATION as EVERYTHING
from bot.conversation.settings import MODEL as KEY
from bot.conversation.settings import person_scope, place_scope
from bot.core.errors import BadInput
from bot.core.view import Button
from storage.conversations import NEXT as NEXT_KEY
from storage.conversations import next_scope

THREAD, CHANNEL, ME, NEXT = "thread", "channel", "me", "next"
WORKSPACE, INSTALLATION = "workspace", "installation"
SCOPE = Option(
    "scope",
    OptionKind.CHOICE,
    "what it holds for; else the thread, or in a channel you are asked",
    choices=(THREAD, CHANNEL, ME, NEXT, WORKSPACE, INSTALLATION),
    keyed=True,
)
_ASKED_FOR = {CHANNEL: "This channel", ME: "Me", NEXT: "The next thread I start"}
_MAY = "choose the model for a {scope}"


def scope_of(asked: Asked, values: Values) -> str | None:
    """What it holds for; None where that has to be asked. Raises BadInput where there is no thread."""
    named = str(values.get("scope", "")) or (THREAD if asked.in_conversation else None)
    if named == THREAD and not asked.in_conversation:
        say = "There is no thread here. Say it in one, or choose another scope: `scope:channel`, `scope:me`."
        raise BadInput(f"scope thread at {asked.place}", say=say)
    return named


def ways(asked: Asked, what: str) -> tuple[Button, ...]:
    """The buttons that ask what it holds for; ``what`` is what is to be said, without its scope."""
    return tuple(Button(label, f"{what} scope:{scope}") for scope, label in _ASKED_FOR.items())


def setting_of(asked: Asked, scope: str) -> tuple[str, str]:
    """Where a choice stands in the settings, unless it is a thread's: scope and key."""
    match scope:
        case "channel":
            return place_scope(replace(asked.place, thread="")), KEY
        case "me":
            return person_scope(asked.person_id), KEY
        case "next":
            return next_scope(asked.person_id, str(asked.place)), NEXT_KEY
        case "workspace":
            return place_scope(asked.place.home), KEY
        case _:
            return EVERYTHING, KEY


async def authorise(tools: Tools, asked: Asked, scope: str) -> None:
    """Raise AccessRefused where who asks may not choose for others. A channel of one's own is one's own."""
    if scope == INSTALLATION:
        await require_owner(tools, asked, "choose the model for all workspaces")
    elif scope == WORKSPACE or (scope == CHANNEL and asked.shared):
        await require_admin(tools, asked, _MAY.format(scope=scope))
