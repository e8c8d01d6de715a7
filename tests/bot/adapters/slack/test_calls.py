"""What Slack's refusals mean to the rest of the house."""

from __future__ import annotations

import pytest

from bot.adapters.slack.outgoing.calls import SlackRefusal, call, read
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.conversation.delivery.delivery import whole
from bot.core.errors import MessageFrozen, PlaceGone, PlatformBusy, PlatformDown
from bot.core.place import Place
from bot.core.surface import Verb
from bot.core.view import View
from tests.bot.adapters.slack.seeing import all_seen, dm_thread, thread
from tests.contracts.surfaces import KEY
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack

POST, UPDATE = "chat.postMessage", "chat.update"


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Fault.BUSY, PlatformBusy),
        (Fault.DOWN, PlatformDown),
        (Fault.AWAY, PlatformDown),
        (Fault.CUT, PlatformDown),
        (Fault.LOST, PlatformDown),
    ],
)
async def test_what_fails_in_passing(
    slack: FakeSlack, workspace: Workspace, fault: Fault, meaning: type[Exception]
) -> None:
    """Each failure is one of the platform's errors, and never one of the client's."""
    slack.order(fault, "conversations.info", times=2, wait=7)  # the client repeats what was cut off
    with pytest.raises(meaning):
        await read(workspace, "conversations.info", {"channel": slack.general.id})


async def test_a_session_that_is_closed(slack: FakeSlack, workspace: Workspace) -> None:
    """At shutdown a call fails as if Slack were away, or is made all the same."""
    workspace.client.base_url = "http://127.0.0.1:9/api/"
    with pytest.raises(PlatformDown):
        await call(workspace, "auth.test", {})


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("is_archived", PlaceGone),
        ("token_revoked", PlaceGone),
        ("account_inactive", PlaceGone),
        ("not_in_channel", PlaceGone),
        ("thread_not_found", PlaceGone),
        ("restricted_action", PlaceGone),
        ("internal_error", PlatformDown),
        ("service_unavailable", PlatformDown),
        ("invalid_metadata_format", SlackRefusal),
        ("a_word_of_tomorrow", SlackRefusal),
    ],
)
async def test_what_a_refusal_means(
    slack: FakeSlack, workspace: Workspace, surface: SlackSurface, code: str, meaning: type[Exception]
) -> None:
    """What will never change is final, what may is not; and beyond the surface there are no other refusals."""
    place = thread(slack)
    slack.order(Fault.REFUSED, POST, times=2, error=code)
    with pytest.raises(meaning):
        await call(workspace, POST, {"channel": place.channel, "text": "hi"})
    with pytest.raises(PlatformDown if meaning is PlatformDown else PlaceGone):
        await surface.post(place, View("Hi"), KEY)


async def test_a_429_names_what_is_exhausted(slack: FakeSlack, surface: SlackSurface) -> None:
    """A short wait is about the channel, a long one about everything posted; updates have one budget."""
    place, (own, team) = thread(slack), surface.spends(Verb.POST, thread(slack))
    assert (own.shared, team.shared) == ("", f"slack:{slack.team.id}")
    for wait, budget in ((1.0, own.name), (30.0, "")):
        slack.order(Fault.BUSY, POST, wait=wait)
        with pytest.raises(PlatformBusy) as busy:
            await surface.post(place, View("Hi"), KEY)
        assert (busy.value.wait, busy.value.budget) == (wait, budget)
    posted = await surface.post(place, View("Hi"), KEY)
    slack.order(Fault.BUSY, UPDATE, wait=12)
    with pytest.raises(PlatformBusy) as busy:
        await surface.edit(place, posted.message_id, View("Hi there"))
    (updates,) = surface.spends(Verb.EDIT, place)
    assert (busy.value.wait, busy.value.budget) == (12.0, updates.name)


async def test_a_429_of_a_stream(slack: FakeSlack, surface: SlackSurface) -> None:
    """An append's freezes all appends, a stop's that message alone, and a start's leads to a post."""
    place = dm_thread(slack)
    posted = await surface.post(place, View("Hi", growing=True), KEY)
    assert posted.edits is not None
    appends, own = posted.edits
    for method, view, budget in (
        ("chat.appendStream", View("Hi you", growing=True), appends.name),
        ("chat.stopStream", View("Hi you"), own.name),
    ):
        slack.order(Fault.BUSY, method, wait=9)
        with pytest.raises(PlatformBusy) as busy:
            await surface.edit(place, posted.message_id, view)
        assert (busy.value.wait, busy.value.budget) == (9.0, budget)
    slack.order(Fault.BUSY, "chat.startStream", wait=9)
    for key in ("k2", "k3"):
        assert (await surface.post(place, View("Hi", growing=True), key)).edits is None
    assert slack.book.count("chat.startStream", "BUSY") == 1


async def test_reading_freezes_no_budget(slack: FakeSlack, surface: SlackSurface) -> None:
    """Who looks for a message too often only has to look again later."""
    place = thread(slack)
    slack.order(Fault.BUSY, "conversations.replies", wait=20)
    for _ in range(2):
        with pytest.raises(PlatformDown):
            await surface.find(place, [KEY])
    assert slack.book.count("conversations.replies", "BUSY") == 1


async def test_a_message_that_is_frozen(slack: FakeSlack, surface: SlackSurface) -> None:
    """It stands as it is, and the heart is told so."""
    place = thread(slack)
    posted = await surface.post(place, View("Hi"), KEY)
    slack.order(Fault.REFUSED, UPDATE, error="edit_window_closed")
    with pytest.raises(MessageFrozen):
        await surface.edit(place, posted.message_id, View("Hi there"))
    assert [one.text for one in all_seen(slack, place)] == ["Hi"]


async def test_a_workspace_that_nobody_opens(settings: SlackSettings) -> None:
    """Until every token was asked it may still come; afterwards it is gone."""
    workspaces = Workspaces()
    surface, place = SlackSurface(workspaces, settings, whole), Place("slack", "T404", "C1", "1")
    with pytest.raises(PlatformDown):
        await surface.post(place, View("Hi"), KEY)
    workspaces.known = True
    with pytest.raises(PlaceGone):
        await surface.post(place, View("Hi"), KEY)
    await surface.status(place, "")
