"""An agent in words, and from words: what it brings, and how what is typed changes it."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.commands.grammar import Values
from bot.conversation.agents import AUTO, Wish, called
from bot.core.errors import BadInput
from bot.providers.registry import Registry
from storage.agents import Agent, Persona

ACTIONS = ("show", "new", "edit", "remove", "none")  # what `/agent` does with one; no names for agents
_NAME = re.compile(r"[\w-]{1,40}")
_MOST = 16_000  # characters of instructions
_NONE = "none"  # the word that takes a value away
_LONGEST_ID = 400  # characters of a model
_ICON = 16  # characters
_SHORT = 90
_WISHES = {
    Wish.CHEAP: "the cheapest that is set up",
    Wish.LARGE: "the one that reads most at once",
    Wish.REASONING: "one that thinks first",
}


def name_of(typed: str) -> str:
    """The name that somebody gives an agent. Raises BadInput."""
    if not _NAME.fullmatch(typed) or typed.lower() in ACTIONS:
        say = f"“{typed[:40]}” cannot be an agent's name: one word of letters, digits, `-` and `_`."
        raise BadInput(f"agent name {typed[:40]!r}", say=say)
    return typed


def instructions_of(typed: str) -> str:
    """What it is told. Raises BadInput where that is too long."""
    if len(typed) > _MOST:
        say = f"Instructions may have {_MOST:,} characters; these have {len(typed):,}."
        raise BadInput("too long", say=say)
    return typed


def in_short(agent: Agent) -> str:
    """The beginning of its instructions, for lists."""
    line = " ".join(agent.instructions.split())
    if len(line) <= _SHORT:
        return line
    words = line[: _SHORT - 1].rpartition(" ")[0]  # none, where a language writes without spaces
    return f"{words.rstrip('.,;:')} …" if words else f"{line[: _SHORT - 1]}…"


def in_full(agent: Agent) -> str:
    """Everything about it."""
    facts = [f"model: {_model(agent)}"]
    if agent.temperature is not None:
        facts.append(f"temperature: {agent.temperature:g}")
    if agent.effort is not None:
        facts.append(f"effort: {agent.effort}")
    if agent.max_output is not None:
        facts.append(f"answers of at most {agent.max_output:,} tokens")
    quoted = "\n".join(f"> {line}" for line in agent.instructions.splitlines())
    return f"**{called(agent)}** ({'; '.join(facts)})\n\n{quoted}"


def changed(persona: Persona, values: Values, text: str, registry: Registry) -> Persona:
    """The persona with what was typed. Raises BadInput."""
    made = replace(persona, instructions=text or persona.instructions)
    if "model" in values:
        made = replace(made, model=_brought(str(values["model"]), registry))
    if "temperature" in values:
        made = replace(made, temperature=_temperature(str(values["temperature"])))
    if "effort" in values:
        effort = str(values["effort"])
        made = replace(made, effort=None if effort == "default" else effort)
    if "max-output" in values:
        made = replace(made, max_output=int(values["max-output"]) or None)
    if "icon" in values:
        icon = str(values["icon"])[:_ICON]
        made = replace(made, icon="" if icon.lower() == _NONE else icon)
    return made


def _model(agent: Agent) -> str:
    if agent.model is None:
        return "none of its own"
    wish = agent.model.removeprefix(AUTO)
    return _WISHES[Wish(wish)] if wish != agent.model and wish in list(Wish) else f"`{agent.model}`"


def _brought(typed: str, registry: Registry) -> str | None:
    if typed.lower() == _NONE:
        return None
    if typed.lower().startswith(AUTO):
        wish = typed.lower().removeprefix(AUTO)
        if wish not in list(Wish):
            wishes = ", ".join(f"`{AUTO}{each}`" for each in Wish)
            raise BadInput(f"wish {wish[:40]!r}", say=f"There is no wish “{wish[:40]}”; there are {wishes}.")
        return f"{AUTO}{wish}"
    if len(typed) > _LONGEST_ID:
        raise BadInput(
            "a model's id is too long", say=f"A model's name has at most {_LONGEST_ID} characters."
        )
    return str(registry.find(typed))


def _temperature(typed: str) -> float | None:
    if typed.lower() == _NONE:
        return None
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2:
        say = f"A temperature is a number from 0 to 2, not “{typed[:40]}”."
        raise BadInput(f"temperature {typed[:40]!r}", say=say)
    return value
