"""``/system``: what the models of a thread are told before all else."""

from __future__ import annotations

from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.agents import called
from bot.core.errors import BadInput
from bot.core.view import Tone, View

_CLEAR = "clear"
_NOTHING = "This thread has no system text."
_MOST = 16_000  # characters


async def _system(tools: Tools, asked: Asked, values: Values) -> Answer:
    text = str(values.get("text", "")).strip()
    conversations = tools.store.conversations
    conversation = await conversations.current(str(asked.place))
    if not text:
        agent = await tools.settings.agent(conversation)
        own = None if conversation is None else conversation.system
        told = [] if agent is None else [f"**{called(agent)}** has instructions: `/agent show {agent.name}`."]
        told.append(f"This thread's own system text:\n\n{_quoted(own)}" if own else _NOTHING)
        ways = "`/system` and a text sets one, `/system clear` takes it back."
        return Answer(View("\n\n".join([*told, ways]), tone=Tone.NOTICE))
    if text.lower() == _CLEAR:
        if conversation is None or not conversation.system:
            return Answer(View(_NOTHING, tone=Tone.NOTICE))
        await conversations.set_system(conversation.id, None, by=asked.person_id)
        return Answer(View("The thread's system text is taken back.", tone=Tone.NOTICE), refresh=True)
    if len(text) > _MOST:
        say = f"A system text may have {_MOST:,} characters; this one has {len(text):,}."
        raise BadInput("too long", say=say)
    if conversation is None:
        conversation = await conversations.start_new(str(asked.place), asked.person_id)
    await conversations.set_system(conversation.id, text, by=asked.person_id)
    say = f"From the next message on every model here is told first:\n\n{_quoted(text)}"
    return Answer(View(say, tone=Tone.NOTICE), refresh=True)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


SYSTEM = Command(
    name="system",
    summary="what models are told first in this thread; with a text, set it",
    handler=_system,
    options=(Option("text", OptionKind.TEXT, "what to tell them, or “clear”", rest=True),),
    example="/system Answer in French.",
)
