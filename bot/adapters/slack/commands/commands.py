"""What people say to the bot as commands: thread words, slash commands, buttons, shortcuts, the model's window."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.adapters.slack.commands.answering import Answering, sentence, teller
from bot.adapters.slack.commands.choosing import Choosing
from bot.adapters.slack.commands.clicks import Clicks
from bot.adapters.slack.commands.home import CHOOSE, TAKE_BACK, HomeTab, spot_at_home
from bot.adapters.slack.commands.picker import PICKER, SELECT, Target
from bot.adapters.slack.commands.shortcuts import FORK, RETRY, SWITCH, Shortcuts
from bot.adapters.slack.commands.spots import (
    STRANGER,
    Ack,
    Body,
    Spot,
    spot_of_channel,
    spot_of_message,
)
from bot.adapters.slack.incoming.wording import readable
from bot.adapters.slack.outgoing.render import ACTION, JSON
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.commands.command import COMMANDS, Answer, Desk
from bot.commands.orders import REPEATS, Recent
from bot.conversation.delivery.delivery import Delivery
from bot.core.background import Background
from bot.core.place import Place
from storage.store import Store

_MODEL, _HELP = "model", "help"
_IN_THREADS = "In a thread, where Slack takes no slash commands, write `@Switchboard model` or `!model`."


class SlackCommands:
    """Runs what people say as commands, and shows them the answer.

    ``quick`` is how many seconds an order may take whose answer stands in the ack, of the three that Slack waits.
    """

    def __init__(  # noqa: PLR0917 - as the edge has them
        self,
        desk: Desk,
        delivery: Delivery,
        surface: SlackSurface,
        workspaces: Workspaces,
        store: Store,
        settings: SlackSettings,
        *,
        quick: float = 2.0,
    ) -> None:
        self._desk, self._workspaces, self._quick = desk, workspaces, quick
        self.prefix = settings.prefix
        self._background, self._recent = Background("slack"), Recent()
        self._answering = Answering(desk, delivery, surface, store=store, settings=settings)
        self._home = HomeTab(desk, store)
        self.choosing = Choosing(
            desk,
            self._answering,
            workspaces,
            store=store,
            background=self._background,
            home=self._home,
            quick=quick,
        )
        clicks = Clicks(self._answering, self.choosing, workspaces, store)
        self.click = clicks.click
        self.shortcuts = Shortcuts(clicks, self.choosing, workspaces, store)

    async def close(self) -> None:
        """End what has not ended yet; for the shutdown."""
        await self._background.close()

    # Words in messages

    def line_of(self, text: str, *, mentioned: bool, in_conversation: bool) -> str | None:
        """The command line that a message without files means; see ``Desk.line_of``."""
        return self._desk.line_of(text, mentioned=mentioned, in_conversation=in_conversation)

    async def words(
        self,
        *,
        workspace: Workspace,
        place: Place,
        channel: str,
        user: str,
        ts: str,
        thread_ts: str,
        line: str,
    ) -> None:
        """Run the line of a message; its answer follows. A repeat of the message does nothing.

        ``ts`` is the message's own; ``thread_ts`` is "" where it is in no thread (yet).
        """
        key = f"{channel}:{ts}"
        if not self._recent.is_new((workspace.team, key), float(ts), REPEATS):
            return
        spot = spot_of_message(workspace, user, place, threaded=thread_ts not in ("", ts))
        running = self._background.start(self._answering.answer(spot, key, line), "a command")
        self._background.start(self._worded(spot, running, key), "the answer to a command")
        # What is said next finds it done, unless it takes longer than Slack waits.
        await asyncio.wait({running}, timeout=self._quick)

    async def _worded(self, spot: Spot, running: asyncio.Task[Answer], key: str) -> None:
        await self._answering.show(spot, await running, key, aloud=spot.direct)

    # Slash commands

    async def slash(self, name: str, body: Body, ack: Ack) -> None:
        """A slash command: answered in the ack where that is quick, else a little later."""
        workspace = self._workspaces.get(str(body["team_id"]))
        if workspace is None:
            await ack(**sentence(STRANGER))
            return
        spot = spot_of_channel(workspace, str(body["user_id"]), str(body["channel_id"]))
        text, url = readable(str(body.get("text") or "")).strip(), str(body["response_url"])
        key = f"slash:{body['trigger_id']}"
        if name == _MODEL and not text:
            await ack()
            await self.choosing.open(Target(spot, url), str(body["trigger_id"]), key)
            return
        running = self._background.start(self._slashed(spot, key, name, text), "a slash command")
        done, _ = await asyncio.wait({running}, timeout=self._quick)
        if done:
            await ack(**running.result())
            return
        await ack()
        await teller(url)(await running)

    async def _slashed(self, spot: Spot, key: str, name: str, text: str) -> JSON:
        answer = await self._answering.answer(spot, key, f"/{name} {text}".rstrip())
        if name == _HELP and not text:
            view = answer.view
            answer = replace(answer, view=replace(view, text=f"{view.text}\n\n{_IN_THREADS}"))
        return await self._answering.said(spot, answer)

    # The app's own page

    async def at_home(self, workspace: Workspace, user: str) -> None:
        """Somebody opened it."""
        await self._home.show(spot_at_home(workspace, user))

    async def clicked_at_home(self, body: Body, ack: Ack) -> None:
        """A button there: choose one's default model, or take it back."""
        await ack()
        workspace = self._workspaces.get(str(body["team"]["id"]))
        if workspace is None:
            return
        spot, trigger = spot_at_home(workspace, str(body["user"]["id"])), str(body["trigger_id"])
        if body["actions"][0]["action_id"] == CHOOSE:
            await self.choosing.open(Target(spot, home=True), trigger, f"home:{trigger}")
        else:
            await self._answering.answer(spot, f"home:{trigger}", "/model default scope:me")
            await self._home.show(spot)


def _slash(commands: SlackCommands, name: str) -> Any:
    return _listener(partial(commands.slash, name))


def _listener(work: Any) -> Any:
    """Bolt gives a listener what its parameters are called."""

    async def listener(body: Body, ack: Ack) -> None:
        await work(body, ack)

    return listener


def register(bolt: AsyncApp, commands: SlackCommands) -> None:
    """Listen to slash commands, buttons, shortcuts, views and options."""
    for command in COMMANDS:
        bolt.command(f"/{commands.prefix}{command.name}")(_slash(commands, command.name))
    shortcuts = commands.shortcuts
    for name, work in ((SWITCH, shortcuts.switch), (RETRY, shortcuts.retry), (FORK, shortcuts.fork)):
        bolt.shortcut(name)(_listener(work))
    bolt.action(re.compile(f"^{re.escape(ACTION)}"))(_listener(commands.click))
    bolt.action(re.compile(f"^({CHOOSE}|{TAKE_BACK})$"))(_listener(commands.clicked_at_home))
    bolt.view(PICKER)(_listener(commands.choosing.picked))

    async def offer(ack: Ack, body: Body) -> None:
        await ack(option_groups=await commands.choosing.options(body))

    bolt.options(SELECT)(offer)
