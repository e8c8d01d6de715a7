"""``/agent``: the personas of a workspace; choosing one brings its instructions, parameters and model."""

from __future__ import annotations

from bot.calls import access
from bot.commands import personas
from bot.commands.authority import require_admin, require_owner
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.parse import nearest
from bot.commands.switching import consequences
from bot.conversation.agents import called
from bot.core.errors import BadInput
from bot.core.view import Button, Tone, View
from bot.providers.rows.forms import EFFORTS
from storage.agents import EVERYWHERE, Agent, Persona

_BUTTONS = 5  # agents that can be chosen by a click


async def _agent(tools: Tools, asked: Asked, values: Values) -> Answer:
    action, name = str(values.get("action", "")), str(values.get("agent", "")).strip().rstrip(":")
    if action == "none":
        return await _leave(tools, asked)
    if not name:
        if action not in ("", "show"):
            raise BadInput(f"/agent {action}", say=f"Say which one: `/agent {action} NAME`.")
        return await _list(tools, asked)
    match action:
        case "new" | "edit":
            return await _write(tools, asked, name, values, new=action == "new")
        case "remove":
            return await _remove(tools, asked, await _named(tools, asked, name))
        case "show":
            return _notice(personas.in_full(await _named(tools, asked, name)))
    if "instructions" in values:
        say = f"To change an agent: `/agent edit {name}: …`. To make one: `/agent new {name}: …`."
        raise BadInput("instructions without edit", say=say)
    return await _choose(tools, asked, await _named(tools, asked, name))


async def _list(tools: Tools, asked: Asked) -> Answer:
    found = await tools.store.agents.all(asked.workspace_id)
    conversation = await tools.store.conversations.current(str(asked.place))
    now = await tools.settings.agent(conversation)
    head = "No agent answers here." if now is None else f"**{called(now)}** answers here."
    lines = [f"- **{called(agent)}**: {personas.in_short(agent)}" for agent in found]
    ways = "`/agent NAME` chooses one for a thread, `/agent none` none, `/agent show NAME` shows all of it."
    chosen = () if now is None else (Button("None", "agent none"),)
    others = [agent for agent in found if now is None or agent.id != now.id]
    buttons = tuple(Button(called(agent), f"agent {agent.name}") for agent in others[:_BUTTONS])
    text = "\n".join([head, "", *lines, "", ways])
    return _notice(text, buttons=(*buttons, *chosen) if asked.in_conversation else ())


async def _choose(tools: Tools, asked: Asked, agent: Agent) -> Answer:
    if not asked.in_conversation:
        say = f"An agent is chosen for a thread: write `@Switchboard agent {agent.name}` in one."
        raise BadInput(f"agent at {asked.place}", say=f"{say} {personas.in_full(agent)}")
    conversations, settings = tools.store.conversations, tools.settings
    conversation = await conversations.current(str(asked.place))
    if conversation is not None and conversation.agent_id == agent.id:
        return _notice(f"**{called(agent)}** answers here already.")
    before = await settings.chosen(asked.place, asked.person_id)
    choice = await settings.choose(asked.place, asked.person_id, conversation, agent)
    offered = [model.id for model in tools.registry.models()]
    await access.require(tools.store, asked.place, asked.person_id, choice.model, offered)
    if conversation is None:
        conversation = await conversations.start_new(str(asked.place), asked.person_id)
    await conversations.set_agent(conversation.id, agent.id, by=asked.person_id)
    begins = "answers here from the next message on"
    said = [f"**{called(agent)}** {begins}, by **{choice.model}**: {choice.reason}."]
    if choice.model != before.model:
        said += await consequences(tools, before, choice.model, conversation)
    return _notice(" ".join(said), refresh=True)


async def _leave(tools: Tools, asked: Asked) -> Answer:
    conversation = await tools.store.conversations.current(str(asked.place))
    if conversation is None or conversation.agent_id is None:
        return _notice("No agent answers here.")
    await tools.store.conversations.set_agent(conversation.id, None, by=asked.person_id)
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    return _notice(
        f"No agent answers here any more. **{choice.model}** answers: {choice.reason}.", refresh=True
    )


async def _write(tools: Tools, asked: Asked, name: str, values: Values, *, new: bool) -> Answer:
    await require_admin(tools, asked, "make or change agents")
    personas.name_of(name)
    known = await tools.store.agents.all(asked.workspace_id)
    same = next((agent for agent in known if agent.name.lower() == name.lower()), None)
    if new and same is not None:
        say = f"There is an agent “{same.name}” already; `/agent edit {same.name}: …` changes it."
        raise BadInput(f"agent {name} exists", say=say)
    if not new and same is None:
        raise _none_such(name, known)
    text = personas.instructions_of(str(values.get("instructions", "")).strip().removeprefix(":").strip())
    if new and not text:
        say = f"Say what it shall do: `/agent new {name}: You answer like a pirate.`"
        raise BadInput("no instructions", say=say)
    before = Persona("") if same is None else same.persona
    persona = personas.changed(before, values, text, tools.registry)
    made = await tools.store.agents.put(
        asked.workspace_id, same.name if same else name, persona, asked.person_id
    )
    return _notice(f"{personas.in_full(made)}\n\n`/agent {made.name}` chooses it for a thread.")


async def _remove(tools: Tools, asked: Asked, agent: Agent) -> Answer:
    if agent.workspace_id == EVERYWHERE:
        await require_owner(tools, asked, "remove an agent of all workspaces")
    else:
        await require_admin(tools, asked, "remove agents")
    await tools.store.agents.remove(agent.id, asked.person_id)
    return _notice(f"The agent “{agent.name}” is removed. Threads that had it go on without.")


async def _named(tools: Tools, asked: Asked, name: str) -> Agent:
    """The agent of that name. Raises BadInput, naming the nearest."""
    found = await tools.store.agents.all(asked.workspace_id)
    for agent in found:
        if agent.name.lower() == name.lower():
            return agent
    raise _none_such(name, found)


def _none_such(name: str, found: list[Agent]) -> BadInput:
    near = f" Nearest: {nearest(name.lower(), [agent.name for agent in found])}." if found else ""
    return BadInput(f"no agent {name[:40]!r}", say=f"There is no agent “{name[:40]}” here.{near}")


def _notice(text: str, *, refresh: bool = False, buttons: tuple[Button, ...] = ()) -> Answer:
    return Answer(View(text, buttons=buttons, tone=Tone.NOTICE), refresh)


AGENT = Command(
    name="agent",
    summary="which agent answers here and which there are; with a name, choose it",
    handler=_agent,
    options=(
        Option(
            "action",
            OptionKind.CHOICE,
            "show, make, change or remove one, or choose none",
            choices=personas.ACTIONS,
        ),
        Option("agent", OptionKind.AGENT, "its name, one word"),
        Option("instructions", OptionKind.TEXT, "what it is told before all else", rest=True),
        Option("model", OptionKind.MODEL, "the model it brings, “auto:cheap”, or “none”", keyed=True),
        Option("temperature", OptionKind.TEXT, "from 0 to 2, or “none”", keyed=True),
        Option("effort", OptionKind.CHOICE, "how hard it thinks", choices=(*EFFORTS, "default"), keyed=True),
        Option("max-output", OptionKind.NUMBER, "tokens that an answer may have; 0 for no limit", keyed=True),
        Option("icon", OptionKind.TEXT, "an emoji, or “none”", keyed=True),
    ),
    example="/agent code",
    anywhere=True,
)
