"""``/rate``: what people think of an answer, kept with the model that gave it."""

from __future__ import annotations

from bot.commands.conversation import REPLY, meant
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.core.errors import BadInput
from bot.core.view import Tone, View

_VERDICTS = ("good", "bad")


async def _rate(tools: Tools, asked: Asked, values: Values) -> Answer:
    reply = await meant(tools, asked, values)
    if reply.message_id is None:
        raise BadInput(
            f"reply {reply.id} is still open", say="That answer is still being written; judge it then."
        )
    await tools.store.feedback.set(reply.message_id, asked.person_id, str(values["verdict"]), reply.model)
    return Answer(View("Thanks, noted.", tone=Tone.NOTICE))


RATE = Command(
    name="rate",
    summary="say whether an answer was good or bad; it is kept with the model that gave it",
    handler=_rate,
    options=(
        Option("verdict", OptionKind.CHOICE, "good or bad", required=True, choices=_VERDICTS),
        REPLY,
    ),
    example="/rate good",
)
