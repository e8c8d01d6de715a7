"""``/summarise``: sum up the oldest part of a conversation that no longer fits."""

from __future__ import annotations

from bot.commands.grammar import Answer, Asked, Command, Tools, Values
from bot.conversation.summarising import Summarised
from bot.core.errors import BadInput
from bot.core.money import dollars
from bot.core.view import Button, Tone, View


async def _summarise(tools: Tools, asked: Asked, values: Values) -> Answer:
    conversation = await tools.store.conversations.current(str(asked.place))
    if conversation is None:
        raise BadInput("no conversation", say="Nothing was said here yet, so there is nothing to sum up.")
    made = await tools.engine.summarise(conversation, asked.place, asked.person_id)
    buttons = (Button("Summarise more", "summarise"),) if made.more else ()
    return Answer(View(_shown(made, asked.author_name), tone=Tone.NOTICE, buttons=buttons), refresh=True)


def _shown(made: Summarised, name: str) -> str:
    """The summary as a quotation, after who asked for it and who wrote it."""
    head = (
        f"A summary of the {made.messages} oldest messages, asked for by {name} and written by **{made.model}**"
        f" ({dollars(made.cost)}). From here on models read it in their place; what was said stays where it is."
    )
    if made.more:
        head = f"{head} One call could not read all that no longer fits; another one goes on from here."
    quoted = "\n".join(f"> {line}".rstrip() for line in made.text.splitlines())
    return f"{head}\n\n{quoted}"


SUMMARISE = Command(
    name="summarise",
    summary="sum up the oldest part of a conversation that no longer fits, once",
    handler=_summarise,
    aliases=("summarize",),
)
