"""``/follow``: which messages in a channel's threads are answered."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.settings import FOLLOW as KEY
from bot.conversation.settings import MENTIONS, THREADS, place_scope
from bot.core.view import Tone, View

_EVERYTHING = "Every message here is answered; there is nothing to choose."
_WHAT = {
    True: "every message is answered once a conversation has begun, unless it begins with somebody else's name",
    False: "only messages that mention me are answered",
}


async def _follow(tools: Tools, asked: Asked, values: Values) -> Answer:
    if not asked.shared:
        return Answer(View(_EVERYTHING, tone=Tone.NOTICE))
    channel, wanted = replace(asked.place, thread=""), values.get("what")
    before = await tools.settings.follows(channel)
    if wanted is None:
        other = MENTIONS if before else THREADS
        say = f"In this channel's threads {_WHAT[before]}. `/follow {other}` changes that."
        return Answer(View(say, tone=Tone.NOTICE))
    await tools.store.settings.set(place_scope(channel), KEY, str(wanted), asked.person_id)
    return Answer(
        View(f"In this channel's threads {_WHAT[wanted == THREADS]} from now on.", tone=Tone.NOTICE),
        refresh=True,
    )


FOLLOW = Command(
    name="follow",
    summary="which messages in this channel's threads are answered",
    handler=_follow,
    options=(
        Option(
            "what",
            OptionKind.CHOICE,
            "all messages of a thread that has a conversation, or those that mention the bot",
            choices=(THREADS, MENTIONS),
        ),
    ),
    example="/follow mentions",
    anywhere=True,
)
