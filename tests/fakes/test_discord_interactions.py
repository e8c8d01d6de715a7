"""Commands, buttons, menus and forms: what people do, and the real discord.py's answers to it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands

from tests.fakes.discord.clients import Bare, Listener, listening
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.refused import Misuse
from tests.fakes.times import ManualClock

Interaction = discord.Interaction[discord.Client]


class Form(discord.ui.Modal, title="New prompt"):
    """Every kind of field that the library has."""

    words: Any = discord.ui.Label(
        text="Words", component=discord.ui.TextInput(custom_id="words", max_length=9)
    )
    model: Any = discord.ui.Label(
        text="Model",
        component=discord.ui.Select(
            custom_id="model",
            options=[discord.SelectOption(label="A", value="a"), discord.SelectOption(label="B", value="b")],
        ),
    )
    whom: Any = discord.ui.Label(
        text="Whom", component=discord.ui.UserSelect(custom_id="whom", required=False)
    )
    file: Any = discord.ui.Label(
        text="File", component=discord.ui.FileUpload(custom_id="file", required=False)
    )
    sure: Any = discord.ui.Label(text="Sure", component=discord.ui.Checkbox(custom_id="sure"))

    def __init__(self) -> None:
        super().__init__(custom_id="form")
        self.submitted: list[Any] = []

    async def on_submit(self, interaction: Interaction) -> None:
        self.submitted.append(
            (
                self.words.component.value,
                self.model.component.values,
                [one.name for one in self.whom.component.values],
                [await one.read() for one in self.file.component.values],
                self.sure.component.value,
            )
        )
        await interaction.response.send_message("saved", ephemeral=True)


class App(Listener):
    """A client with one command of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = app_commands.CommandTree(self)
        self.tree.error(self.on_tree_error)
        self.forms: list[Form] = []
        self.failed: list[Exception] = []
        self.broke = asyncio.Event()
        self.last: Any = None
        model = app_commands.Group(name="model", description="Models")

        @model.command(name="set", description="Switch the model")
        async def set_(interaction: Interaction, name: str, loud: bool = False) -> None:
            self.last = interaction
            await interaction.response.send_message(f"now {name}{'!' * loud}")

        @set_.autocomplete("name")
        async def names(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{current}-{n}", value=f"{current}{n}") for n in range(3)]

        @self.tree.command(name="slow", description="Thinks")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def slow(interaction: Interaction, quiet: bool = False) -> None:
            self.last = interaction
            await interaction.response.defer(ephemeral=quiet)

        @self.tree.command(name="silent", description="Says nothing")
        async def silent(interaction: Interaction) -> None:
            self.last = interaction

        @self.tree.command(name="form", description="Asks")
        async def form(interaction: Interaction) -> None:
            self.forms.append(Form())
            await interaction.response.send_modal(self.forms[-1])

        @self.tree.context_menu(name="Summarize")
        async def summarize(interaction: Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"short: {message.content}", ephemeral=True)

        @self.tree.context_menu(name="Who")
        async def who(interaction: Interaction, user: discord.Member) -> None:
            await interaction.response.send_message(user.name)

        self.tree.add_command(model)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_tree_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        self.failed.append(error)
        self.broke.set()


@pytest_asyncio.fixture
async def app(fake: FakeDiscord) -> AsyncIterator[App]:
    client = App()
    async with listening(fake, client):
        yield client
    assert client.failed == []


async def test_a_command_is_answered(fake: FakeDiscord, app: App) -> None:
    """In a channel, in a thread, in private; what a client does not offer cannot be asked."""
    asked = await fake.command("ada", "general", "model set", name="gpt")
    assert (asked.ok, asked.shown) == (True, "now gpt")
    message = fake.shown("general")[-1]
    assert (message.kind, message.interaction and message.interaction["user"]["username"]) == (20, "ada")
    thread = fake.open_thread("ada", "general", "talk")
    await fake.command("ada", thread, "model set", name="b", loud=True)
    assert fake.thread(thread)[-1].shown == "now b!"
    assert isinstance(app.last.channel, discord.Thread)
    dm = fake.dm("grace", "hello").channel
    await fake.command("grace", dm, "model set", name="c")
    assert [message.shown for message in fake.dms("grace")] == ["hello", "now c"]
    for words, options in (("model", {}), ("model set", {}), ("model set", {"name": 1}), ("modal", {})):
        with pytest.raises(Misuse):
            await fake.command("ada", "general", words, **options)
    fake.archive(thread)
    with pytest.raises(Misuse):
        await fake.command("ada", thread, "model set", name="b")
    fake.build.permit(fake.general, fake.grace, deny=Can.USE_APPLICATION_COMMANDS)
    with pytest.raises(Misuse):
        await fake.command("grace", "general", "model set", name="b")


async def test_options_are_completed(fake: FakeDiscord, app: App) -> None:
    offered = await fake.complete("ada", "general", "model set", "name", name="gp")
    assert [choice["value"] for choice in offered] == ["gp0", "gp1", "gp2"]


async def test_an_answer_is_promised(fake: FakeDiscord, app: App, clock: ManualClock) -> None:
    """Deferred, then edited, followed, deleted; after fifteen minutes only by the channel."""
    asked = await fake.command("ada", "general", "slow")
    message = fake.shown("general")[-1]
    assert (message.thinking, message.shown, asked.answered) == (True, "", 5)
    await app.last.edit_original_response(content="done")
    more = await app.last.followup.send("more", wait=True)
    assert [one.shown for one in fake.shown("general")] == ["done", "more"]
    assert not message.thinking
    await more.edit(content="much more")
    await more.delete()
    assert (await app.last.original_response()).content == "done"
    await clock.advance(901)
    fake.book.expect("edit_answer", "50027", times=1)
    with pytest.raises(discord.HTTPException) as caught:
        await app.last.edit_original_response(content="late")
    assert (caught.value.status, caught.value.code) == (401, 50027)
    channel: Any = app.get_channel(int(fake.general.id))
    await channel.get_partial_message(int(message.id)).edit(content="late")
    assert [text for _, text in message.history] == ["", "done", "late"]


async def test_the_first_follow_up_keeps_the_promise(fake: FakeDiscord, app: App) -> None:
    """Whisper or not was said when it was promised."""
    asked = await fake.command("ada", "general", "slow", quiet=True)
    await app.last.followup.send("for you")
    assert [message.shown for message in fake.whispers("ada")] == ["for you"]
    assert (asked.shown, fake.shown("general"), fake.whispers("grace")) == ("for you", [], [])


async def test_a_thread_is_locked_meanwhile(fake: FakeDiscord, app: App) -> None:
    """What was promised there cannot be kept."""
    thread = fake.open_thread("ada", "general", "talk")
    await fake.command("ada", thread, "slow")
    fake.archive(thread, locked=True)
    for call in (app.last.edit_original_response(content="x"), app.last.followup.send("x")):
        fake.book.expect("", "50083", times=1)
        with pytest.raises(discord.HTTPException):
            await call
    fake.archive(thread, archived=False, locked=False)
    await app.last.edit_original_response(content="x", attachments=[discord.File(io.BytesIO(b"1"), "a.txt")])
    assert [file.name for file in fake.thread(thread)[0].attachments] == ["a.txt"]


async def test_every_process_hears_of_it(fake: FakeDiscord, app: App) -> None:
    """Whoever answers second is refused."""
    second = App()
    async with listening(fake, second):
        await fake.connected(2)
        fake.book.expect("answer", "40060", times=1)
        await fake.command("ada", "general", "model set", name="x")
        broken = [asyncio.ensure_future(one.broke.wait()) for one in (app, second)]
        _, other = await asyncio.wait(broken, return_when=asyncio.FIRST_COMPLETED)
        other.pop().cancel()
    assert [message.shown for message in fake.shown("general")] == ["now x"]
    app.failed.clear()


async def test_a_promise_is_kept_with_a_layout(fake: FakeDiscord, app: App) -> None:
    """What was deferred becomes one of the new kind, whispered or not."""
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.TextDisplay("rich"))
    for quiet in (False, True):
        asked = await fake.command("ada", "general", "slow", quiet=quiet)
        await app.last.edit_original_response(view=view)
        assert asked.shown == "rich"
    asked = await fake.command("ada", "general", "slow")
    await app.last.followup.send(view=view)
    assert asked.shown == "rich"
    assert [len(fake.shown("general")), len(fake.whispers("ada"))] == [2, 1]


async def test_a_closed_door_opens_for_answers(fake: FakeDiscord, app: App) -> None:
    """Who takes no messages can still ask."""
    dm = fake.dm("grace", "hello").channel
    fake.close_dms("grace")
    assert (await fake.command("grace", dm, "model set", name="x")).shown == "now x"


async def test_files_in_answers(fake: FakeDiscord, app: App) -> None:
    @app.tree.command(name="export", description="A file")
    async def export(interaction: Interaction, of: discord.Attachment | None = None) -> None:
        data = await of.read() if of else b"none"
        await interaction.response.send_message(file=discord.File(io.BytesIO(data), "export.json"))
        await interaction.followup.send(file=discord.File(io.BytesIO(b"2"), "more.json"), ephemeral=True)

    await app.tree.sync()
    file = fake.file("in.json", b"{}")
    await fake.command("ada", "general", "export", of=file)
    await fake.until(lambda: fake.whispers("ada"))
    assert fake.shown("general")[0].attachments[0].data == b"{}"
    assert [(one.name, one.ephemeral) for one in fake.whispers("ada")[0].attachments] == [("more.json", True)]


async def test_three_seconds_are_not_four(fake: FakeDiscord, app: App, clock: ManualClock) -> None:
    """Without an answer people read that the app did not respond; what comes later is refused."""
    fake.book.expect("interaction", "no answer", times=1)
    asking = asyncio.ensure_future(fake.command("ada", "general", "silent"))
    await app.got("interaction")
    await clock.advance(3.5)
    assert not (await asking).ok
    fake.book.expect("answer", "10062", times=1)
    with pytest.raises(discord.NotFound):
        await app.last.response.send_message("late")


async def test_one_answer_each(fake: FakeDiscord, app: App, bare: Bare) -> None:
    """A second is refused, so is one of the wrong kind, or with the wrong key."""
    asked = await fake.command("ada", "general", "model set", name="x")
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    await bare.refused(40060, "POST", path, {"type": 4, "data": {"content": "x"}})
    await bare.refused(10062, "POST", f"/interactions/{asked.id}/nobody/callback", {"type": 5})
    await bare.refused(50027, "POST", f"/webhooks/{fake.app.id}/nobody", {"content": "x"})
    await bare.refused(10008, "PATCH", f"/webhooks/{fake.app.id}/{asked.token}/messages/1", {"content": "x"})


async def test_menus_at_messages_and_people(fake: FakeDiscord, app: App) -> None:
    said = fake.say("grace", "general", "a long story")
    await fake.menu("ada", said, "Summarize")
    await fake.menu("ada", fake.grace, "Who", "general")
    assert [message.shown for message in fake.whispers("ada")] == ["short: a long story"]
    assert fake.shown("general")[-1].shown == "grace"


async def test_a_form_is_filled_in(fake: FakeDiscord, app: App) -> None:
    """Only as far as it lets people; closing it tells nobody."""
    await fake.command("ada", "general", "form")
    form = fake.form("ada")
    assert form.shown == "New prompt\nWords\nModel\nWhom\nFile\nSure"
    assert (form.title, list(form.inputs)) == ("New prompt", ["words", "model", "whom", "file", "sure"])
    for values in ({}, {"words": "x" * 10, "model": "a"}, {"words": "x", "model": "c"}, {"colour": "red"}):
        with pytest.raises(Misuse):
            await fake.submit("ada", **values)
    file = fake.file("a.txt", b"data")
    asked = await fake.submit("ada", words="hello", model="b", whom=fake.grace, file=file, sure=True)
    assert asked.ok
    assert app.forms[0].submitted == [("hello", ["b"], ["grace"], [b"data"], True)]
    assert [message.shown for message in fake.whispers("ada")] == ["saved"]
    await fake.command("ada", "general", "form")
    fake.dismiss("ada")
    with pytest.raises(Misuse):
        fake.form("ada")


async def test_buttons_and_menus_of_a_message(fake: FakeDiscord, app: App) -> None:
    """Pressed by who sees them; the answer changes the message, promises to, or comes beside it."""
    view = discord.ui.View(timeout=None)
    stop: Any = discord.ui.Button(label="Stop", custom_id="stop:1")
    off: Any = discord.ui.Button(label="Off", custom_id="off", disabled=True)
    link: Any = discord.ui.Button(label="Site", url="https://example.org")
    pick: Any = discord.ui.Select(
        custom_id="pick", max_values=2, options=[discord.SelectOption(label=name) for name in "abc"]
    )
    for item in (stop, off, link, pick):
        view.add_item(item)

    async def stopped(interaction: Interaction) -> None:
        await interaction.response.edit_message(content="stopped", view=None)

    async def picked(interaction: Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"picked {pick.values}")
        await interaction.followup.send("noted", ephemeral=True)

    stop.callback, pick.callback = stopped, picked
    channel: Any = app.get_channel(int(fake.general.id))
    await channel.send("going", view=view)
    message = fake.shown("general")[-1]
    asked = await fake.choose("grace", message, "pick", "a", "c")
    await fake.until(lambda: fake.whispers("grace"))
    assert (asked.answered, message.shown, asked.messages[0].shown) == (6, "picked ['a', 'c']", "noted")
    for call in (
        fake.press("ada", message, "Off"),
        fake.press("ada", message, "Site"),
        fake.press("ada", message, "Go"),
        fake.choose("ada", message, "pick", "z"),
        fake.choose("ada", message, "pick", "a", "b", "c"),
    ):
        with pytest.raises(Misuse):
            await call
    await fake.press("ada", message, "Stop")
    assert (message.shown, message.actions) == ("stopped", {})


async def test_buttons_outlive_the_process(fake: FakeDiscord, app: App) -> None:
    """What is known by its custom_id alone works on any message, in the new components too."""

    class Retry(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"retry:(?P<reply>\d+)"):
        def __init__(self, reply: str) -> None:
            super().__init__(discord.ui.Button(label="Retry", custom_id=f"retry:{reply}"))
            self.reply = reply

        @classmethod
        async def from_custom_id(cls, interaction: Interaction, item: Any, match: Any, /) -> Retry:
            return cls(match["reply"])

        async def callback(self, interaction: Interaction) -> None:
            await interaction.response.send_message(f"again {self.reply}", ephemeral=True)

    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(discord.ui.TextDisplay("an answer"))
    row: Any = discord.ui.ActionRow()
    row.add_item(Retry("7"))
    layout.add_item(row)
    channel: Any = app.get_channel(int(fake.general.id))
    await channel.send(view=layout)
    app.add_dynamic_items(Retry)
    message = fake.shown("general")[-1]
    assert (message.shown, message.parts[1:]) == ("an answer", [("text", "an answer")])
    await fake.press("ada", message, "retry:7")
    assert [message.shown for message in fake.whispers("ada")] == ["again 7"]


async def test_an_app_that_came_along(fake: FakeDiscord, app: App) -> None:
    """Where only a person installed it: commands made for that, five follow-ups, no way with the bot's key."""
    group = fake.build.group_dm(fake.ada, fake.grace)
    with pytest.raises(Misuse):
        await fake.command("ada", group, "slow")
    fake.build.install(fake.app, fake.ada)
    with pytest.raises(Misuse):
        await fake.command("ada", group, "model set", name="x")
    await fake.command("ada", group, "slow")
    fake.meters_off = True
    for number in range(6):
        await app.last.followup.send(str(number))
    assert [message.shown for message in fake.shown(group)] == list("012345")
    fake.book.expect("create_followup", "40094", times=1)
    with pytest.raises(discord.HTTPException):
        await app.last.followup.send("one too many")
    fake.book.expect("create_message", "50001", times=1)
    with pytest.raises(discord.Forbidden):
        await app.get_partial_messageable(int(group.id)).send("x")


async def test_mentions_in_answers(fake: FakeDiscord, app: App) -> None:
    """By default only people are notified."""
    await fake.command("ada", "general", "slow")
    await app.last.followup.send(f"@everyone {fake.grace.mention}")
    assert fake.shown("general")[-1].pings == {fake.grace.id}


async def test_nobody_listens(fake: FakeDiscord, app: App) -> None:
    fake.gateway.away = True
    await fake.gateway.drop()
    await fake.until(lambda: not fake.gateway.open())
    fake.book.expect("interaction", "nobody listens", times=1)
    assert not (await fake.command("ada", "general", "slow")).ok


async def test_commands_are_kept_in_sets(fake: FakeDiscord, app: App, bare: Bare) -> None:
    """A set replaces the one before; what is called the same keeps its id, what did not change its version."""
    before = {command.name: command.id for command in await app.tree.fetch_commands()}
    assert set(before) == {"model", "slow", "silent", "form", "Summarize", "Who"}
    app.tree.remove_command("form")
    after = {command.name: command.id for command in await app.tree.sync()}
    assert after == {name: id_ for name, id_ in before.items() if name != "form"}
    guild = discord.Object(int(fake.guild.id))
    app.tree.copy_global_to(guild=guild)
    await app.tree.sync(guild=guild)
    path = f"/applications/{fake.app.id}/guilds/{fake.guild.id}/commands"
    held = (await bare("GET", path)).body
    assert {command["guild_id"] for command in held} == {fake.guild.id}
    one = f"{path}/{held[0]['id']}"
    changed = (await bare("PATCH", one, {"description": "other"})).body
    assert (changed["description"], changed["id"]) == ("other", held[0]["id"])
    assert (await bare("DELETE", one)).status == 204
    await bare.refused(10063, "GET", one)
    added = {"name": "more", "description": "x", "type": 1}
    assert (await bare("POST", path, added)).body["name"] == "more"
    await bare.refused(50001, "GET", "/applications/17/commands")
    fake.app.created_commands[fake.guild.id] = [fake.clock.now()] * 200
    await bare.refused(30034, "POST", path, {**added, "name": "yet-more"})
