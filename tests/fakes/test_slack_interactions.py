"""Commands, buttons, menus, shortcuts and modals with the real slack-bolt, over sockets and over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.refused import Misuse
from tests.fakes.slack.server import FakeSlack
from tests.fakes.test_slack_delivery import served, socket
from tests.fakes.test_slack_messages import refused
from tests.fakes.times import ManualClock

Body = dict[str, Any]


def plain(text: str) -> Body:
    return {"type": "plain_text", "text": text}


def modal(**more: Any) -> Body:
    """A modal with a searchable select and a line of text."""
    select = {
        "type": "external_select",
        "action_id": "model",
        "min_query_length": 0,
        "placeholder": plain("Search"),
    }
    return {
        "type": "modal",
        "callback_id": "switch",
        "title": plain("Model"),
        "submit": plain("Switch"),
        "private_metadata": "place",
        "blocks": [
            {"type": "input", "block_id": "m", "label": plain("Model"), "element": select},
            {
                "type": "input",
                "block_id": "why",
                "optional": True,
                "label": plain("Why"),
                "element": {"type": "plain_text_input", "action_id": "reason", "max_length": 20},
            },
        ],
        **more,
    }


@pytest_asyncio.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock, events=()) as server:
        yield server
        assert server.unexpected() == []


@pytest_asyncio.fixture
async def app(slack: FakeSlack, client: AsyncWebClient) -> AsyncApp:
    """A Bolt app with nothing in it yet."""
    return AsyncApp(client=client, signing_secret=slack.app.signing_secret)


@pytest_asyncio.fixture(params=["socket", "http"])
async def wired(
    request: pytest.FixtureRequest, slack: FakeSlack, client: AsyncWebClient, app: AsyncApp
) -> AsyncIterator[AsyncApp]:
    """The app, reached in both ways."""
    if request.param == "socket":
        async with socket(slack, client, app):
            yield app
    else:
        async with served(app) as url:
            await slack.deliver_to(url, options_url=url)
            yield app


async def test_a_command_is_answered(slack: FakeSlack, wired: AsyncApp) -> None:
    """In the ack, for one; by the response URL, for all."""

    @wired.command("/model")
    async def model(ack: Any, command: Body, respond: Any) -> None:
        await ack(f"switching to {command['text']}")
        await respond(text="switched", response_type="in_channel")

    assert (await slack.command("ada", "general", "/model", "gpt-5")).ok
    await slack.until(lambda: slack.top("general"))
    assert [message.shown for message in slack.whispers("ada")] == ["switching to gpt-5"]
    assert [message.shown for message in slack.top("general")] == ["switched"]
    with pytest.raises(Misuse, match="not supported in threads"):
        await slack.command("ada", "general", "/model", thread_ts=slack.top("general")[0].ts)
    with pytest.raises(Misuse, match="not a valid command"):
        await slack.command("ada", "general", "/shout")


async def test_a_command_without_an_ack_fails(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp, clock: ManualClock
) -> None:
    """After three seconds, and it is not tried again."""

    @app.command("/model")
    async def model(ack: Any) -> None:
        await asyncio.sleep(0)

    async with socket(slack, client, app):
        slack.book.expect("deliver", "timeout")
        waiting = asyncio.ensure_future(slack.command("ada", "general", "/model"))
        await slack.until(lambda: slack.deliveries.tries == 1)
        await clock.advance(3)
        assert (await waiting).error == "timeout"
        await clock.advance(600)
    assert slack.deliveries.tries == 1


async def test_a_button_is_clicked(slack: FakeSlack, client: AsyncWebClient, wired: AsyncApp) -> None:
    """In a thread: the payload says where; the answer replaces the message, or is for one person."""
    got: list[Body] = []

    @wired.action("stop")
    async def stop(ack: Any, body: Body, respond: Any) -> None:
        await ack()
        got.append(body)
        await respond(text="stopped", replace_original=True)
        await respond(text="for you", replace_original=False)

    root = slack.say("ada", "general", "tell me")
    elements = [{"type": "button", "action_id": "stop", "value": "r1", "text": plain("Stop")}]
    blocks = [{"type": "actions", "elements": elements}]
    await client.chat_postMessage(channel=slack.general.id, thread_ts=root.ts, text="...", blocks=blocks)
    message = slack.thread("general", root.ts)[1]
    assert (await slack.click("grace", message, "stop")).ok
    await slack.until(lambda: slack.whispers("grace"))
    body = got[0]
    assert (body["actions"][0]["value"], body["container"]["thread_ts"]) == ("r1", root.ts)
    assert body["message"]["ts"] == message.ts
    assert (message.shown, slack.whispers("grace")[0].shown) == ("stopped", "for you")
    with pytest.raises(Misuse, match="nothing to click"):
        await slack.click("grace", message, "stop")


async def test_feedback_and_menus(slack: FakeSlack, client: AsyncWebClient, wired: AsyncApp) -> None:
    got: list[Body] = []

    async def note(ack: Any, action: Body) -> None:
        await ack()
        got.append(action)

    for name in ("feedback", "pick"):
        wired.action(name)(note)
    options = [{"text": plain(name), "value": name} for name in ("a", "b")]
    feedback = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": plain("Good"), "value": "up"},
        "negative_button": {"text": plain("Bad"), "value": "down"},
    }
    blocks = [
        {"type": "actions", "elements": [{"type": "static_select", "action_id": "pick", "options": options}]},
        {"type": "context_actions", "elements": [feedback]},
    ]
    await client.chat_postMessage(channel=slack.general.id, text="x", blocks=blocks)
    message = slack.top("general")[0]
    await slack.click("ada", message, "feedback", "negative")
    await slack.click("ada", message, "pick", "b")
    await slack.until(lambda: len(got) == 2)
    assert (got[0]["value"], got[1]["selected_option"]["value"]) == ("down", "b")
    with pytest.raises(Misuse, match="not on offer"):
        await slack.click("ada", message, "pick", "c")


async def test_a_response_url_is_used_up(
    slack: FakeSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """Five times in thirty minutes; then 404, which the SDK returns and does not raise."""
    app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
    urls: list[str] = []

    @app.command("/model")
    async def model(ack: Any, command: Body) -> None:
        await ack()
        urls.append(command["response_url"])

    async with socket(slack, client, app):
        await slack.command("ada", "general", "/model")
        await slack.command("ada", "general", "/model")
    hook = AsyncWebhookClient(urls[0])
    assert [(await hook.send(text=str(number))).status_code for number in range(5)] == [200] * 5
    slack.book.expect("response_url", "used_url")
    assert (await hook.send(text="6")).status_code == 404
    slack.book.expect("response_url", "invalid_payload")
    late = AsyncWebhookClient(urls[1])
    assert (await late.send_dict({"text": "x", "colour": "red"})).status_code == 400
    await clock.advance(1801)
    slack.book.expect("response_url", "expired_url")
    assert (await late.send(text="x")).status_code == 404
    assert len(slack.whispers("ada")) == 5


async def test_a_modal_is_searched_and_submitted(slack: FakeSlack, wired: AsyncApp) -> None:
    """Opened by a shortcut in a thread; the select asks the app; an error stays on the screen."""
    got: list[Body] = []

    @wired.shortcut("switch_model")
    async def switch(ack: Any, shortcut: Body, client: AsyncWebClient) -> None:
        await ack()
        got.append(shortcut)
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())

    @wired.options("model")
    async def models(ack: Any, payload: Body) -> None:
        names = [name for name in ("gpt-5", "claude") if payload["value"] in name]
        options = [{"text": plain(name), "value": name} for name in names]
        await ack(option_groups=[{"label": plain("All"), "options": options}])

    @wired.view("switch")
    async def submitted(ack: Any, view: Body) -> None:
        values = view["state"]["values"]
        if values["why"]["reason"]["value"] == "no":
            await ack(response_action="errors", errors={"why": "That is no reason"})
            return
        await ack()
        got.append(values["m"]["model"]["selected_option"])

    root = slack.say("ada", "general", "tell me")
    reply = slack.say("grace", "general", "me too", thread_ts=root.ts)
    assert (await slack.shortcut("ada", "switch_model", reply)).ok
    await slack.until(lambda: slack.screen("ada"))
    assert got[0]["message"]["thread_ts"] == root.ts
    view = slack.screen("ada")
    assert view is not None
    with pytest.raises(Misuse, match="not on offer"):
        await slack.submit("ada", {"model": "claude"})
    offered = await slack.suggest("ada", view, "model", "cl")
    assert [option["value"] for option in offered] == ["claude"]
    with pytest.raises(Misuse, match="do not fit"):
        await slack.submit("ada", {"model": "claude", "reason": "x" * 21})
    await slack.submit("ada", {"model": "claude", "reason": "no"})
    assert view.errors == {"why": "That is no reason"}
    await slack.submit("ada", {"reason": "yes"})
    assert slack.screen("ada") is None
    await slack.until(lambda: len(got) == 2)
    assert got[1]["value"] == "claude"
    with pytest.raises(Misuse, match="no such shortcut"):
        await slack.shortcut("ada", "ask", reply)


async def test_modals_stack_and_change(slack: FakeSlack, client: AsyncWebClient, clock: ManualClock) -> None:
    """A trigger opens one view within three seconds; three views at most; updates know their hash."""
    app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
    triggers: list[str] = []

    @app.shortcut("ask")
    async def ask(ack: Any, shortcut: Body) -> None:
        await ack()
        triggers.append(shortcut["trigger_id"])

    async with socket(slack, client, app):
        for number in range(6):
            await slack.shortcut("ada", "ask")
            await slack.until(lambda n=number: len(triggers) == n + 1)  # type: ignore[misc]
    first = await client.views_open(trigger_id=triggers[0], view=modal(external_id="one"))
    await refused(slack, "exchanged_trigger_id", client.views_push(trigger_id=triggers[0], view=modal()))
    await refused(slack, "invalid_trigger_id", client.views_push(trigger_id="1.2.3", view=modal()))
    again = client.views_push(trigger_id=triggers[1], view=modal(external_id="one"))
    await refused(slack, "duplicate_external_id", again)
    for trigger in triggers[2:4]:
        await client.views_push(trigger_id=trigger, view=modal())
    await refused(slack, "push_limit_reached", client.views_push(trigger_id=triggers[4], view=modal()))
    await clock.advance(4)
    await refused(slack, "expired_trigger_id", client.views_push(trigger_id=triggers[5], view=modal()))
    changed = await client.views_update(external_id="one", view=modal(title=plain("New"), external_id="one"))
    assert changed["view"]["title"]["text"] == "New"
    stale = client.views_update(view_id=first["view"]["id"], hash=first["view"]["hash"], view=modal())
    await refused(slack, "hash_conflict", stale)
    await refused(slack, "not_found", client.views_update(view_id="V404", view=modal()))
    await slack.close("ada")
    top = slack.screen("ada")
    assert top is not None
    assert top.previous == first["view"]["id"]


WRONG: list[tuple[Body, str]] = [
    (modal(title=plain("x" * 25)), "invalid_arguments"),
    (modal(submit=plain("")), "invalid_arguments"),
    (modal(private_metadata="x" * 3001), "invalid_arguments"),
    (modal(blocks=[]), "invalid_arguments"),
    (modal(blocks=[{"type": "divider"}] * 101), "invalid_arguments"),
    (modal(colour="red"), "invalid_arguments"),
    ({name: value for name, value in modal().items() if name != "submit"}, "invalid_arguments"),
    (modal(private_metadata="x" * 250_000), "view_too_large"),
]


@pytest.mark.parametrize(("view", "error"), WRONG)
async def test_views_that_slack_refuses(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp, view: Body, error: str
) -> None:
    triggers: list[str] = []

    @app.shortcut("ask")
    async def ask(ack: Any, shortcut: Body) -> None:
        await ack()
        triggers.append(shortcut["trigger_id"])

    async with socket(slack, client, app):
        await slack.shortcut("ada", "ask")
    await refused(slack, error, client.views_open(trigger_id=triggers[0], view=view))
    assert slack.screen("ada") is None


async def test_an_error_right_after_the_ack_undoes_it(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp, clock: ManualClock
) -> None:
    """Bolt looks for the ack every 10 ms, and an exception before that is what it finds."""

    @app.shortcut("ask")
    async def ask(ack: Any) -> None:
        await ack()
        raise ValueError

    slack.book.expect("deliver", "timeout")
    async with socket(slack, client, app):
        asking = asyncio.ensure_future(slack.shortcut("ada", "ask"))
        await slack.until(lambda: slack.deliveries.tries == 1)
        await clock.advance(3)
        assert not (await asking).ok


async def test_a_home_tab_is_published(slack: FakeSlack, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [{"type": "section", "text": plain("Welcome")}]}
    first = await client.views_publish(user_id=slack.ada.id, view=home)
    shown = slack.home("ada")
    assert shown is not None
    assert shown.given["blocks"][0]["text"]["text"] == "Welcome"
    await client.views_publish(user_id=slack.ada.id, view=home)
    stale = client.views_publish(user_id=slack.ada.id, view=home, hash=first["view"]["hash"])
    await refused(slack, "hash_conflict", stale)
    await refused(slack, "invalid_arguments", client.views_publish(user_id=slack.ada.id, view=modal()))
    slack.app.home_tab = False
    await refused(slack, "not_enabled", client.views_publish(user_id=slack.ada.id, view=home))


async def test_suggestions_have_limits(slack: FakeSlack, client: AsyncWebClient, wired: AsyncApp) -> None:
    """A hundred options, values of 150 characters; more is not shown at all."""

    @wired.options("model")
    async def models(ack: Any, payload: Body) -> None:
        count, size = (101, 1) if payload["value"] == "many" else (1, 151)
        await ack(options=[{"text": plain(str(n)), "value": "x" * size} for n in range(count)])

    select = {"type": "external_select", "action_id": "model", "min_query_length": 2}
    blocks = [{"type": "actions", "elements": [select]}]
    await client.chat_postMessage(channel=slack.general.id, text="x", blocks=blocks)
    message = slack.top("general")[0]
    slack.book.expect("block_suggestion", "invalid_options", times=2)
    for typed in ("many", "long"):
        assert await slack.suggest("ada", message, "model", typed) == []
    with pytest.raises(Misuse, match="from 2 letters on"):
        await slack.suggest("ada", message, "model", "x")


async def test_a_whisper_is_replaced_and_taken_away(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp
) -> None:
    """By the response URL only: ephemeral messages cannot be updated otherwise."""

    @app.action("more")
    async def more(ack: Any, respond: Any, body: Body) -> None:
        await ack()
        assert body["container"]["is_ephemeral"]
        await respond(text="more", replace_original=True)

    @app.action("gone")
    async def gone(ack: Any, respond: Any) -> None:
        await ack()
        await respond(delete_original=True)

    buttons = [{"type": "button", "action_id": name, "text": plain(name)} for name in ("more", "gone")]
    blocks = [{"type": "actions", "elements": buttons}]
    async with socket(slack, client, app):
        for name in ("gone", "more"):
            await client.chat_postEphemeral(
                channel=slack.general.id, user=slack.ada.id, text="psst", blocks=blocks
            )
            await slack.click("ada", slack.whispers("ada")[-1], name)
        await slack.until(lambda: [message.shown for message in slack.whispers("ada")] == ["more"])


async def test_nobody_else_knows_the_addresses(slack: FakeSlack) -> None:
    slack.book.expect("response_url", "no_service")
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{slack.world.url}/actions/R1", json={"text": "x"})
        assert answer.status == 404


async def test_a_submission_says_what_comes_next(
    slack: FakeSlack, client: AsyncWebClient, wired: AsyncApp
) -> None:
    """Another view on top, this one changed, all closed; an answer Slack does not know leaves it open."""
    said: list[Body] = [
        {"response_action": "push", "view": modal(title=plain("Second"), notify_on_close=True)},
        {"response_action": "update", "view": modal(title=plain("Third"))},
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "clear"},
    ]
    closed: list[str] = []

    @wired.shortcut("ask")
    async def ask(ack: Any, shortcut: Body) -> None:
        await ack()
        users = {"type": "users_select", "action_id": "who"}
        person = {"type": "input", "block_id": "p", "label": plain("Who"), "element": users}
        view = modal(title=plain("First"), blocks=[person])
        await client.views_open(trigger_id=shortcut["trigger_id"], view=view)

    @wired.view("switch")
    async def submitted(ack: Any) -> None:
        await ack(**said.pop(0))

    @wired.view_closed("switch")
    async def gone(ack: Any, view: Body) -> None:
        await ack()
        closed.append(view["title"]["text"])

    @wired.options("model")
    async def models(ack: Any) -> None:
        await ack(options=[{"text": plain("One"), "value": "1"}])

    def title() -> str:
        view = slack.screen("ada")
        return "" if view is None else view.title

    await slack.shortcut("ada", "ask")
    await slack.until(title)
    with pytest.raises(Misuse, match="must be filled in"):
        await slack.submit("ada")
    await slack.submit("ada", {"who": slack.grace.id})
    assert title() == "Second"
    await slack.close("ada")
    await slack.until(lambda: closed == ["Second"])
    assert title() == "First"
    await slack.submit("ada")
    assert title() == "Third"
    view = slack.screen("ada")
    assert view is not None
    await slack.suggest("ada", view, "model")
    slack.book.expect("view_submission", "invalid_response_action")
    await slack.submit("ada", {"model": "1"})
    assert title() == "Third"
    await slack.submit("ada")
    assert title() == ""
