"""More workspaces, people, channels and apps."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tests.fakes.slack.events import EVENTS
from tests.fakes.slack.workspace import App, Channel, Installation, User, Workspace
from tests.fakes.slack.world import World

BOT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "reactions:read",
        "reactions:write",
        "users:read",
    }
)


class Builder:
    """Verbs that add to a world. Without a team they mean the first."""

    def __init__(self, world: World) -> None:
        self._world = world

    def workspace(self, name: str) -> Workspace:
        team = Workspace(self._world.id("T"), name)
        self._world.teams[team.id] = team
        return team

    def user(
        self, name: str, *, team: Workspace | None = None, guest: bool = False, admin: bool = False
    ) -> User:
        user = User(self._world.id("U"), self._team(team).id, name, guest=guest, admin=admin)
        self._team(team).users[user.id] = user
        return user

    def other_bot(self, name: str, *, team: Workspace | None = None) -> User:
        """A bot that is not ours; it speaks through ``say``."""
        app, bot = self._world.id("A"), self._world.id("B")
        user = User(self._world.id("U"), self._team(team).id, name, bot_id=bot, app_id=app)
        self._team(team).users[user.id] = user
        return user

    def channel(
        self,
        name: str,
        *,
        kind: str = "channel",
        members: Collection[User] | None = None,
        team: Workspace | None = None,
        shared: bool = False,
    ) -> Channel:
        """A channel with everybody of the workspace in it, or with these members."""
        team = self._team(team)
        inside = {user.id for user in (team.users.values() if members is None else members)}
        prefix = "D" if kind == "im" else "C"
        channel = Channel(self._world.id(prefix), team.id, kind, name, inside, shared=shared)
        team.channels[channel.id] = channel
        return channel

    def app(
        self,
        name: str,
        *,
        events: Collection[str] = tuple(EVENTS),
        commands: Collection[str] = ("/model", "/help"),
        shortcuts: Mapping[str, str] | None = None,
        agent: bool = False,
        home_tab: bool = True,
    ) -> App:
        if unknown := set(events) - set(EVENTS):
            raise ValueError(f"Slack has no event {', '.join(sorted(unknown))}")
        number = self._world.id("A")
        app = App(
            number,
            name,
            f"xapp-1-{number}-fake",
            f"signing-secret-of-{number}",
            frozenset(events),
            tuple(commands),
            shortcuts or {"switch_model": "message", "ask": "global"},
            agent=agent,
            home_tab=home_tab,
        )
        self._world.apps[app.id] = app
        return app

    def install(
        self, app: App, team: Workspace | None = None, *, scopes: Collection[str] = BOT_SCOPES
    ) -> Installation:
        """Put an app into a workspace: its bot is nobody's member until it is invited."""
        team = self._team(team)
        bot = User(self._world.id("U"), team.id, app.name, bot_id=self._world.id("B"), app_id=app.id)
        team.users[bot.id] = bot
        token = f"xoxb-{team.id}-{app.id}-fake"
        installation = Installation(app, team, token, bot, frozenset(scopes))
        self._world.installations.append(installation)
        return installation

    def _team(self, team: Workspace | None) -> Workspace:
        return team or next(iter(self._world.teams.values()))
