"""What a message, a form or a set of commands may hold: the tables of the fake."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.fakes.discord.clients import Bare, Listener
from tests.fakes.discord.server import FakeDiscord

Body = dict[str, Any]
NEW = 1 << 15


def button(custom_id: str = "b", **more: Any) -> Body:
    return {"type": 2, "style": 1, "label": "B", "custom_id": custom_id, **more}


def row(*components: Body) -> Body:
    return {"type": 1, "components": list(components)}


def select(number: int = 1, **more: Any) -> Body:
    options = [{"label": str(n), "value": str(n)} for n in range(number)]
    return {"type": 3, "custom_id": "s", "options": options, **more}


def words(text: str = "x") -> Body:
    return {"type": 10, "content": text}


EMBEDS: list[tuple[list[Body], str]] = [
    ([{"title": "x" * 257}], "embeds.0.title BASE_TYPE_MAX_LENGTH"),
    ([{"description": "x" * 4097}], "embeds.0.description BASE_TYPE_MAX_LENGTH"),
    ([{"title": "x", "footer": {"text": "x" * 2049}}], "embeds.0.footer.text BASE_TYPE_BAD_LENGTH"),
    ([{"fields": [{"name": "n", "value": "v"}] * 26}], "embeds.0.fields BASE_TYPE_MAX_LENGTH"),
    ([{"fields": [{"name": "", "value": "v"}]}], "embeds.0.fields.0.name BASE_TYPE_REQUIRED"),
    ([{"fields": [{"name": "n", "value": "v" * 1025}]}], "embeds.0.fields.0.value BASE_TYPE_BAD_LENGTH"),
    ([{"title": "x"}] * 11, "embeds BASE_TYPE_MAX_LENGTH"),
    ([{"description": "x" * 3001}] * 2, "embeds MAX_EMBED_SIZE_EXCEEDED"),
    ([{"color": 7}], "embeds.0.description BASE_TYPE_REQUIRED"),
    ([{"title": "x", "color": 1 << 24}], "embeds.0.color NUMBER_TYPE_MAX"),
]


@pytest.mark.parametrize(("embeds", "wrong"), EMBEDS)
async def test_embeds_that_do_not_fit(fake: FakeDiscord, bare: Bare, embeds: list[Body], wrong: str) -> None:
    answer = await bare.refused(50035, "POST", f"/channels/{fake.general.id}/messages", {"embeds": embeds})
    assert answer.wrong == {wrong}


LEGACY: list[tuple[list[Body], str]] = [
    ([row(button())] * 6, "components BASE_TYPE_MAX_LENGTH"),
    ([row(*(button(str(n)) for n in range(6)))], "components.0.components BASE_TYPE_BAD_LENGTH"),
    ([row()], "components.0.components BASE_TYPE_BAD_LENGTH"),
    ([button()], "components.0.type UNION_TYPE_CHOICES"),
    ([words()], "components.0.type UNION_TYPE_CHOICES"),
    ([row(button(), button())], "components COMPONENT_CUSTOM_ID_DUPLICATED"),
    ([row(button(), select())], "components COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ([row(button("x" * 101))], "components.0.components.0.custom_id BASE_TYPE_BAD_LENGTH"),
    ([row(button(label="x" * 81))], "components.0.components.0.label BASE_TYPE_MAX_LENGTH"),
    ([row(button(label=""))], "components.0.components.0.label BASE_TYPE_REQUIRED"),
    (
        [row(button(url="https://x"))],
        "components.0.components.0.custom_id BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    (
        [row({"type": 2, "style": 5, "label": "B"})],
        "components.0.components.0.url BUTTON_COMPONENT_INVALID_URL",
    ),
    ([row(select(26))], "components.0.components.0.options BASE_TYPE_BAD_LENGTH"),
    ([row(select(0))], "components.0.components.0.options BASE_TYPE_BAD_LENGTH"),
    ([row(select(2, max_values=3))], "components BASE_TYPE_MAX_LENGTH"),
    ([row(select(1, placeholder="x" * 151))], "components.0.components.0.placeholder BASE_TYPE_MAX_LENGTH"),
]


@pytest.mark.parametrize(("components", "wrong"), LEGACY)
async def test_components_that_do_not_fit(
    fake: FakeDiscord, bare: Bare, components: list[Body], wrong: str
) -> None:
    """In a post and in an edit alike."""
    path = f"/channels/{fake.general.id}/messages"
    body = {"content": "x", "components": components}
    assert (await bare.refused(50035, "POST", path, body)).wrong == {wrong}
    posted = (await bare("POST", path, {"content": "before"})).body
    assert (await bare.refused(50035, "PATCH", f"{path}/{posted['id']}", body)).wrong == {wrong}
    assert fake.shown("general")[-1].shown == "before"


LAYOUTS: list[tuple[Body, str]] = [
    (
        {"content": "x", "components": [words()]},
        "content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    (
        {"embeds": [{"title": "x"}], "components": [words()]},
        "embeds MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    (
        {"components": [words("x" * 2001), words("x" * 2000)]},
        "components COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    (
        {"components": [{"type": 17, "components": [words()] * 39}, words()]},
        "components COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    ({"components": [{"type": 17, "components": []}]}, "components.0.components BASE_TYPE_BAD_LENGTH"),
    (
        {"components": [{"type": 9, "components": [words()] * 4, "accessory": button()}]},
        "components.0.components BASE_TYPE_BAD_LENGTH",
    ),
    ({"components": [{"type": 9, "components": [words()]}]}, "components.0.accessory BASE_TYPE_REQUIRED"),
    (
        {"components": [{"type": 18, "label": "x", "component": select()}]},
        "components.0.type UNION_TYPE_CHOICES",
    ),
    (
        {"components": [{"type": 13, "file": {"url": "attachment://no.txt"}}]},
        "components REFERENCED_FILE_NOT_FOUND",
    ),
]


@pytest.mark.parametrize(("body", "wrong"), LAYOUTS)
async def test_layouts_that_do_not_fit(fake: FakeDiscord, bare: Bare, body: Body, wrong: str) -> None:
    answer = await bare.refused(
        50035, "POST", f"/channels/{fake.general.id}/messages", {**body, "flags": NEW}
    )
    assert answer.wrong == {wrong}


async def test_layouts_up_to_their_limits(fake: FakeDiscord, bare: Bare) -> None:
    """4,000 characters, 40 components; one byte more than the server can take and it breaks."""
    fake.meters_off = True
    path = f"/channels/{fake.general.id}/messages"
    full = [{"type": 17, "components": [words("x" * 100)] * 39}]
    assert (await bare("POST", path, {"components": full, "flags": NEW})).status == 200
    assert len(fake.shown("general")[-1].shown) == 39 * 101 - 1
    for text, status in (("語" * 3386, 200), ("語" * 3387, 500)):
        if status == 500:
            fake.book.expect("create_message", "500", times=1)
        assert (await bare("POST", path, {"components": [words(text)], "flags": NEW})).status == status


async def test_a_layout_stays_one(fake: FakeDiscord, bare: Bare, bot: Listener) -> None:
    """A message becomes one if its other content goes; there is no way back."""
    fake.meters_off = True
    channel: Any = bot.get_channel(int(fake.general.id))
    message = await channel.send("plain")
    path = f"/channels/{fake.general.id}/messages/{message.id}"
    await bare.refused(50035, "PATCH", path, {"flags": NEW, "components": [words()]})
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("rich"), discord.ui.Separator()))
    edited = await message.edit(content=None, view=view)
    assert fake.shown("general")[-1].shown == "rich"
    assert [type(one).__name__ for one in edited.components] == ["Container"]
    for body in ({"flags": 0, "components": [words()]}, {"flags": 0, "content": "x"}, {"content": "x"}):
        await bare.refused(50035, "PATCH", path, body)
    assert (await bare("PATCH", path, {"flags": 0})).body["flags"] == NEW


def label(component: Body, text: str = "L") -> Body:
    return {"type": 18, "label": text, "component": component}


INPUT: Body = {"type": 4, "custom_id": "i", "style": 1}
MODALS: list[tuple[Body, str]] = [
    ({"title": "x" * 46}, "data.title BASE_TYPE_BAD_LENGTH"),
    ({"components": []}, "data.components BASE_TYPE_BAD_LENGTH"),
    ({"components": [label(INPUT)] * 6}, "data.components BASE_TYPE_BAD_LENGTH"),
    ({"components": [label(INPUT), label(INPUT)]}, "data.components COMPONENT_CUSTOM_ID_DUPLICATED"),
    ({"components": [label(INPUT, "x" * 46)]}, "data.components.0.label BASE_TYPE_BAD_LENGTH"),
    ({"components": [row(button())]}, "data.components.0.components.0.type UNION_TYPE_CHOICES"),
    ({"components": [label(button())]}, "data.components.0.component.type UNION_TYPE_CHOICES"),
    (
        {"components": [label({**INPUT, "max_length": 4001})]},
        "data.components.0.component.max_length NUMBER_TYPE_MAX",
    ),
    (
        {"components": [label({"type": 21, "custom_id": "r", "options": [{"label": "a", "value": "a"}]})]},
        "data.components.0.component.options BASE_TYPE_BAD_LENGTH",
    ),
    ({"components": [label(select(2, disabled=True))]}, "data.components COMPONENT_DISABLED"),
]


@pytest.mark.parametrize(("data", "wrong"), MODALS)
async def test_forms_that_do_not_fit(
    fake: FakeDiscord, bare: Bare, bot: Listener, data: Body, wrong: str
) -> None:
    """The interaction stays open for a better answer."""
    await bare("PUT", f"/applications/{fake.app.id}/commands", [{"name": "ask", "description": "x"}])
    answers: list[Any] = []

    async def answer(interaction: discord.Interaction[discord.Client]) -> None:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        modal = {"custom_id": "m", "title": "T", "components": [label(INPUT)], **data}
        answers.append(await bare.refused(50035, "POST", path, {"type": 9, "data": modal}))
        answers.append(await bare.refused(50035, "POST", path, {"type": 6}))
        await interaction.response.send_message("sorry")

    bot.on_interaction = answer  # type: ignore[attr-defined]
    assert (await fake.command("ada", "general", "ask")).shown == "sorry"
    assert answers[0].wrong == {wrong}


def option(name: str = "o", **more: Any) -> Body:
    return {"type": 3, "name": name, "description": "d", **more}


COMMANDS: list[tuple[Body, str]] = [
    ({"name": "Loud"}, "0.name APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "x" * 33}, "0.name APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "two words"}, "0.name APPLICATION_COMMAND_INVALID_NAME"),
    ({"description": ""}, "0.description BASE_TYPE_REQUIRED"),
    ({"description": "x" * 101}, "0.description BASE_TYPE_BAD_LENGTH"),
    ({"options": [option(str(n)) for n in range(26)]}, "0.options BASE_TYPE_MAX_LENGTH"),
    ({"options": [option(), option()]}, "0.options.1 APPLICATION_COMMAND_OPTIONS_NAME_INVALID"),
    (
        {"options": [option("a"), option("b", required=True)]},
        "0.options.1 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        {"options": [option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])]},
        "0.options.0.choices BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"options": [option(choices=[{"name": "a", "value": 1}])]},
        "0.options.0.choices.0.value STRING_TYPE_CONVERT",
    ),
    (
        {"options": [option(autocomplete=True, choices=[{"name": "a", "value": "a"}])]},
        "0.options.0.autocomplete APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
    ),
    (
        {"options": [option(), {"type": 1, "name": "s", "description": "d"}]},
        "0.options APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        {"options": [option(str(n), choices=[{"name": "n" * 99, "value": "v" * 99}] * 4) for n in range(11)]},
        "0 APPLICATION_COMMAND_TOO_LARGE",
    ),
    ({"type": 3, "name": "Menu", "description": "has none"}, "0.description BASE_TYPE_MAX_LENGTH"),
]


@pytest.mark.parametrize(("command", "wrong"), COMMANDS)
async def test_commands_that_do_not_fit(fake: FakeDiscord, bare: Bare, command: Body, wrong: str) -> None:
    full = {"name": "ok", "description": "d", **command}
    answer = await bare.refused(50035, "PUT", f"/applications/{fake.app.id}/commands", [full])
    assert answer.wrong == {wrong}


async def test_sets_have_their_sizes(fake: FakeDiscord, bare: Bare) -> None:
    """A hundred commands, fifteen entries in each menu, no name twice."""
    path = f"/applications/{fake.app.id}/commands"
    slash = [{"name": f"c{number}", "description": "d"} for number in range(101)]
    menu = [{"name": f"M{number}", "type": 3} for number in range(16)]
    assert len((await bare("PUT", path, slash[:100] + menu[:15])).body) == 115
    for commands in (slash, menu, slash[:1] * 2):
        await bare.refused(50035, "PUT", path, commands)
    fake.app.created_commands.clear()
    await bare.refused(50035, "POST", path, slash[100])
