"""``/settings``: a link that signs a person in on the site, once."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.grammar import Answer, Asked, Command, Tools, Values
from bot.core.errors import BadInput
from bot.core.view import Tone, View

_LIVES = timedelta(minutes=10)
_THERE = "You are on the site already, signed in."
_NO_SITE = "The site's address is not known here; ask whoever runs Switchboard for it."
_ALOUD = (
    "The link signs in as you, so only you may see it, and here everybody would. "
    "Say `/settings` as a slash command, or write it to me directly."
)


async def _settings(tools: Tools, asked: Asked, values: Values) -> Answer:
    if asked.on_site:
        return Answer(View(_THERE, tone=Tone.NOTICE))
    if not tools.site:
        raise BadInput("no site", say=_NO_SITE)
    if not asked.private:
        raise BadInput(f"/settings aloud at {asked.place}", say=_ALOUD)
    token = await tools.store.sessions.link(asked.person_id, _LIVES)
    text = (
        f"[Open Switchboard's site]({tools.site}/sign-in/{token}). The link works once, within ten minutes, and"
        " signs in as you: pass it on to nobody."
    )
    return Answer(View(text, tone=Tone.NOTICE), private=True)


SETTINGS = Command(
    name="settings",
    summary="a link to the site that signs you in, for you alone",
    handler=_settings,
    anywhere=True,
)
