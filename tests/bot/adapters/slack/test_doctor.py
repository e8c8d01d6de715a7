"""The doctor's look at Slack: what works is said, what does not is named with its fix, and no secret shows."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.adapters.slack.settings import POST_PATH, Agent, App, SlackSettings
from bot.adapters.slack.setup import doctor, scopes
from bot.core.check import Check, Outcome
from tests.fakes.orders import Fault
from tests.fakes.slack.building import BOT_SCOPES
from tests.fakes.slack.server import FakeSlack

HERE = "http://127.0.0.1:8000"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


def settings(slack: FakeSlack, *more: App) -> SlackSettings:
    return SlackSettings((App((slack.bot.token,), slack.app.app_token), *more), api_url=slack.api_url)


async def look(
    given: SlackSettings, url: str = HERE, ahead: float = 0.0, patience: float = 5.0
) -> list[Check]:
    """What is found, after a look that no secret stands in it."""
    found = await doctor.checks(given, url, now=lambda: time.time() + ahead, patience=patience)
    secrets = [s for app in given.apps for s in (*app.bot_tokens, app.app_token, app.signing_secret) if s]
    assert not [secret for secret in secrets if secret in str(found)]
    return list(found)


def wrong(found: list[Check]) -> list[Check]:
    return [check for check in found if check.outcome is not Outcome.OK]


def one(found: list[Check], outcome: Outcome, words: str) -> Check:
    (check,) = [each for each in found if each.outcome is outcome and words in each.found]
    return check


async def test_what_works_is_said(slack: FakeSlack) -> None:
    """Which workspace, which bot, that the scopes are there and the way in is open."""
    found = await look(settings(slack))
    assert wrong(found) == []
    said = "\n".join(check.found for check in found)
    assert f"{slack.team.name} ({slack.team.id}) knows the bot as switchboard ({slack.bot.bot.id})" in said
    assert "are granted" in said
    assert "Slack opens a connection" in said
    assert "on, for the token has assistant:write" in said
    assert "agrees with Slack's" in said
    assert not slack.unexpected()


@pytest.mark.parametrize("scope", [scope for scope in scopes.SCOPES if not scope.agent], ids=lambda s: s.name)
async def test_a_missing_scope_is_named_with_what_does_not_work(
    slack: FakeSlack, scope: scopes.Scope
) -> None:
    """Without the vital ones it has failed, without the others it works in part."""
    slack.bot.scopes = BOT_SCOPES - {scope.name, "assistant:write"}
    check = one(await look(settings(slack)), Outcome.FAILED if scope.vital else Outcome.WARNING, scope.name)
    assert scope.without in check.found
    assert "install the app again" in check.fix


@pytest.mark.parametrize(
    ("agent", "granted", "says", "misses"),
    [
        (Agent.AUTO, True, "on, for the token has assistant:write", False),
        (Agent.AUTO, False, "off, for the token has not assistant:write", False),
        (Agent.ON, False, "on, as SLACK_AGENT says", True),
        (Agent.OFF, True, "off, as SLACK_AGENT says", False),
    ],
)
async def test_the_agent_view_needs_its_scope_only_where_it_is_on(
    slack: FakeSlack, agent: Agent, granted: bool, says: str, misses: bool
) -> None:
    """By the setting, or by what the token has."""
    slack.bot.scopes = BOT_SCOPES if granted else BOT_SCOPES - {"assistant:write"}
    found = await look(replace(settings(slack), agent=agent))
    one(found, Outcome.OK, says)
    assert ["assistant:write" in check.found for check in wrong(found)] == [True] * misses


async def test_a_wrong_bot_token_says_where_the_right_one_is(slack: FakeSlack) -> None:
    """And the other app is looked at all the same."""
    found = await look(settings(slack, App(("xoxb-wrong-token",), "xapp-wrong-token")))
    one(found, Outcome.OK, "knows the bot as")
    token = one(found, Outcome.FAILED, "The token does not work: Slack does not know it")
    assert token.subject == "Slack, bot token 2"
    assert "OAuth & Permissions" in token.fix
    assert "connections:write" in one(found, Outcome.FAILED, "SLACK_APP_TOKEN, number 2 does not work").fix


async def test_a_revoked_token_is_told_from_a_wrong_one(slack: FakeSlack) -> None:
    """Somebody took it back."""
    slack.bot.revoked = True
    one(await look(settings(slack)), Outcome.FAILED, "it was revoked")


async def test_an_app_token_without_its_scope_is_said(slack: FakeSlack) -> None:
    """The usual slip when it is made."""
    slack.app.app_scopes = frozenset({"authorizations:read"})
    check = one(
        await look(settings(slack)), Outcome.FAILED, "SLACK_APP_TOKEN lacks the scope connections:write"
    )
    assert "Basic Information" in check.fix


async def test_a_slack_that_is_not_there_is_a_sentence(slack: FakeSlack) -> None:
    """A dead port: refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = wrong(await look(replace(settings(slack), api_url=f"http://127.0.0.1:{port}/api/")))
    assert [check.found for check in found] == [f"127.0.0.1:{port} cannot be reached."] * 2
    assert all("SLACK_API_URL" in check.fix for check in found)


async def test_a_slack_that_is_silent_is_a_sentence_too() -> None:
    """Connections are taken and never answered: it gives up in time, on all tokens at once."""
    left = asyncio.Semaphore(0)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.release()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        given = SlackSettings((App(("xoxb-1", "xoxb-2"), "xapp-1"),), api_url=f"http://127.0.0.1:{port}/api/")
        found = wrong(await look(given, patience=0.05))
        for _ in range(3):
            await left.acquire()
    assert [check.found for check in found] == [f"127.0.0.1:{port} did not answer in time."] * 3


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.AWAY, Fault.CUT])
async def test_a_slack_that_is_ill_is_a_sentence(slack: FakeSlack, fault: Fault) -> None:
    """No answer of use, no exception."""
    slack.order(fault, "auth.test")
    found = wrong(await look(settings(slack)))
    assert len(found) == 1
    assert found[0].outcome is Outcome.FAILED


async def test_a_busy_slack_is_no_failure(slack: FakeSlack) -> None:
    """A pause is asked for, and said."""
    slack.order(Fault.BUSY, "auth.test", wait=30)
    one(await look(settings(slack)), Outcome.WARNING, "asks for a pause")


async def test_two_tokens_of_one_workspace_are_one_too_many(slack: FakeSlack) -> None:
    """The second would never speak."""
    other = slack.build.install(slack.build.app("second"))
    found = await look(settings(slack, App((other.token,), other.app.app_token)))
    one(found, Outcome.WARNING, "two bot tokens are of Acme")


@pytest.mark.parametrize(("ahead", "side"), [(60.0, "ahead of"), (-60.0, "behind")])
async def test_a_clock_that_is_wrong_is_noticed(slack: FakeSlack, ahead: float, side: str) -> None:
    """By the date that Slack's answer carries."""
    check = one(await look(settings(slack), ahead=ahead), Outcome.WARNING, f"seconds {side} Slack's")
    assert "NTP" in check.fix


@pytest.mark.parametrize(
    ("secret", "url", "outcome", "words"),
    [
        ("0123456789abcdef" * 2, "https://chat.example.com", Outcome.OK, f"chat.example.com{POST_PATH}"),
        ("0123456789abcdef" * 2, HERE, Outcome.FAILED, "which it cannot"),
        ("0123456789abcdef" * 2, "https://localhost", Outcome.FAILED, "which it cannot"),
        ("client-secret", "https://chat.example.com", Outcome.WARNING, "not of the form"),
    ],
)
async def test_an_app_that_slack_posts_to_needs_a_public_address(
    slack: FakeSlack, secret: str, url: str, outcome: Outcome, words: str
) -> None:
    """And a secret of the right form."""
    given = replace(settings(slack), apps=(App((slack.bot.token,), signing_secret=secret),))
    found = await look(given, url)
    one(found, outcome, words)
    assert not any("Socket Mode" in check.subject for check in found)


async def test_with_both_ways_no_public_address_is_needed(slack: FakeSlack) -> None:
    """Socket Mode is enough."""
    given = App((slack.bot.token,), slack.app.app_token, "0123456789abcdef" * 2)
    assert wrong(await look(replace(settings(slack), apps=(given,)))) == []


@pytest.mark.parametrize(("prefix", "words"), [("", "have no prefix"), ("sb-", "begin with /sb-")])
async def test_names_of_commands_may_clash(slack: FakeSlack, prefix: str, words: str) -> None:
    """Slack does not tell, so it is said in any case."""
    one(await look(replace(settings(slack), prefix=prefix)), Outcome.OK, words)
