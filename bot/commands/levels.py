"""Every level at which a model may be chosen: what stands there, who set it and when, and which one decides."""

from __future__ import annotations

from bot.commands.grammar import Asked, Tools
from bot.commands.scopes import CHANNEL, INSTALLATION, ME, THREAD, WORKSPACE
from bot.conversation.settings import LAST, Standing

_NAMES = {
    "thread": ("this thread", THREAD),
    "agent": ("its agent", ""),
    "channel": ("this channel", CHANNEL),
    "person": ("you", ME),
    "workspace": ("this workspace", WORKSPACE),
    "installation": ("this installation", INSTALLATION),
    "default": ("else", ""),
}


async def levels(tools: Tools, asked: Asked) -> str:
    """All of them, the one that decides marked."""
    standings = await tools.settings.standings(asked.place, asked.person_id)
    deciding = next(one for one in standings if one.choice is not None)
    assert deciding.choice is not None
    lines = [await _line(tools, one, decides=one is deciding) for one in standings]
    head = f"**{deciding.choice.model}** answers: {deciding.choice.reason}. The first that says something decides:"
    name, scope = _NAMES[deciding.level]
    way = f"`/model default scope:{scope}` takes back what holds for {name}." if scope else ""
    return "\n".join([head, "", *lines, "", way]).rstrip()


async def _line(tools: Tools, standing: Standing, *, decides: bool) -> str:
    name, _ = _NAMES[standing.level]
    said = _said(standing)
    if standing.at is not None:
        by = await tools.store.people.get(standing.by) if standing.by is not None else None
        who = f" by {by.name}" if by is not None else ""
        said = f"{said}, set{who} on {standing.at.day} {standing.at:%B %Y}, {standing.at:%H:%M} UTC"
    return f"- **{name}: {said}**" if decides else f"- {name}: {said}"


def _said(standing: Standing) -> str:
    model = "nothing found" if standing.choice is None else f"`{standing.choice.model}`"
    match standing:
        case Standing(value=None):
            return "nothing"
        case Standing(value=value) if value == LAST:
            return f"what you used last, {model if standing.choice else 'nothing yet'}"
        case Standing(level="agent", choice=None):
            return "nothing"
        case Standing(level="agent", value=str(value)) if standing.choice is not None:
            return f"{model} ({standing.choice.reason})"
        case _:
            return model
