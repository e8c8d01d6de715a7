"""Reactions to our answers in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.adapters.slack.incoming.addressed import PLATFORM, Event
from bot.adapters.slack.incoming.people import People
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace
from bot.commands.reactions import Reacted, Reactions, Wish, wish_of
from bot.core.place import Place

# Slack's names of the signs; after "::" stands the colour of a skin.
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "octagonal_sign": "🛑",
        "black_square_for_stop": "⏹",
        "repeat": "🔁",
        "+1": "👍",
        "thumbsup": "👍",
        "-1": "👎",
        "thumbsdown": "👎",
    }
)


class SlackReactions:
    """Takes ``reaction_added`` and ``reaction_removed``."""

    def __init__(self, reactions: Reactions, people: People, settings: SlackSettings) -> None:
        self._reactions, self._people, self._settings = reactions, people, settings

    async def take(self, workspace: Workspace, event: Event) -> None:
        """Heed a sign beneath a message of ours. Raises StorageDown, after which Slack delivers it again."""
        user, item, wish = str(event.get("user") or ""), event.get("item"), _wish(event)
        if wish is None or not isinstance(item, Mapping) or item.get("type") != "message":
            return
        # Slack does not always say whose message it is; then our own record does.
        ours = event.get("item_user") in (None, "", workspace.bot_user)
        if not ours or user in ("", workspace.bot_user):
            return
        if user not in self._settings.bots and await self._people.is_bot(workspace, user):
            return
        channel, ts = str(item.get("channel")), str(item.get("ts"))
        await self._reactions.take(
            Reacted(
                Place(PLATFORM, workspace.team, channel),
                ts,
                user,
                wish,
                added=event.get("type") == "reaction_added",
                key=f"reaction:{channel}:{ts}:{user}:{event.get('event_ts')}",
            )
        )


def _wish(event: Event) -> Wish | None:
    return wish_of(_NAMES.get(str(event.get("reaction")).partition("::")[0], ""))
