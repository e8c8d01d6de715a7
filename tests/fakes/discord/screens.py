"""What people do with the app's own things, and what they see of its work."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord import tables
from tests.fakes.discord.asking import Asking
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.events import Events
from tests.fakes.discord.exchanges import Interaction, Modal
from tests.fakes.discord.guilds import App, User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.people import People, Where, Who
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.world import World
from tests.fakes.refused import Misuse

TYPING_SECONDS = 10.0


class Screens(People):
    """Verbs that wait for the app's first answer, as a person does."""

    def __init__(self, world: World, events: Events) -> None:
        super().__init__(world, events)
        self.asking = Asking(world, events)

    async def command(self, who: Who, where: Where, words: str, **options: Any) -> Interaction:
        """A slash command, e.g. ``command("ada", "general", "model set", name="gpt-5")``; in threads too."""
        user, channel = self._world.user(who), self._world.channel(where)
        return await self.asking.command(self.app, user, channel, words, options)

    async def complete(self, who: Who, where: Where, words: str, typing: str, **options: Any) -> list[JSON]:
        """What the app offers while a person is ``typing`` in an option."""
        user, channel = self._world.user(who), self._world.channel(where)
        options.setdefault(typing, "")
        asked = await self.asking.command(self.app, user, channel, words, options, typing=typing)
        return asked.choices

    async def menu(self, who: Who, target: Message | User, name: str, where: Where = "") -> Interaction:
        """An entry of the menu at a message, or at a person in a channel."""
        channel = target.channel if isinstance(target, Message) else self._world.channel(where)
        return await self.asking.menu(self.app, self._world.user(who), channel, name, target)

    async def press(self, who: Who, message: Message, button: str) -> Interaction:
        """A button, by its custom_id or its label."""
        user = self._world.user(who)
        found = [
            name
            for name, one in message.actions.items()
            if one["type"] == tables.BUTTON and button in (name, one.get("label"))
        ]
        if len(found) != 1:
            raise Misuse(f"{len(found)} buttons are {button!r}: {', '.join(message.actions) or 'none'}")
        return await self.asking.use(self._of(message), user, message, found[0], ())

    async def choose(self, who: Who, message: Message, custom_id: str, *values: Any) -> Interaction:
        """Pick in a menu: values of its options, or people, roles, channels."""
        return await self.asking.use(self._of(message), self._world.user(who), message, custom_id, values)

    async def submit(self, who: Who, **values: Any) -> Interaction:
        """Fill in the form on the screen, by custom_id, and send it."""
        return await self.asking.submit(self.form(who), values)

    def dismiss(self, who: Who) -> None:
        """Close the form. The app hears nothing of that."""
        del self._world.modals[self.form(who).by.user.id]

    def form(self, who: Who) -> Modal:
        """The form on somebody's screen."""
        modal = self._world.modals.get(self._world.user(who).id)
        if modal is None:
            raise Misuse(f"there is no form on the screen of {who}")
        return modal

    def shown(self, where: Where) -> list[Message]:
        """What everybody sees in a channel, a thread or direct messages; not what only the platform says."""
        return [one for one in self._world.standing(self._world.channel(where)) if not one.system]

    def thread(self, where: Where) -> list[Message]:
        """What stands in a thread, given by itself or by the message it was opened at."""
        return self.shown(where)

    def dms(self, who: Who) -> list[Message]:
        """What stands between somebody and the bot."""
        return self.shown(self._world.dm(self._world.user(who), self.app.user))

    def whispers(self, who: Who) -> list[Message]:
        """The ephemeral messages one person saw, everywhere."""
        user = self._world.user(who)
        said = [m for channel in self._world.channels.values() for m in channel.messages.values()]
        return [message for message in said if message.to == user.id and not message.deleted]

    def typing(self, where: Where, who: Who = "") -> bool:
        """Whether somebody, else the bot, is typing there as people see it."""
        channel = self._world.channel(where)
        user = self._world.user(who) if who else self.app.user
        since = self._world.typing.get((channel.id, user.id))
        return since is not None and self._world.clock.now() - since < TYPING_SECONDS

    def pings(self, app: App | None = None) -> list[tuple[Message, set[str]]]:
        """The messages of an app that notify somebody, with whom."""
        wanted = (app or self.app).user
        channels: list[Channel] = list(self._world.channels.values())
        said = [message for channel in channels for message in channel.messages.values()]
        return [(one, one.pings) for one in said if one.author is wanted and one.pings]

    def _of(self, message: Message) -> App:
        app = next((app for app in self._world.apps.values() if app.user is message.author), None)
        if app is None:
            raise Misuse("the message is not an app's")
        return app
