"""Pictures in Slack: where one cannot be shown the words are, and no message is doubled."""

from __future__ import annotations

import logging

import pytest

from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.core.view import Picture, View
from tests.bot.adapters.slack.seeing import all_seen, calls, thread
from tests.contracts.surfaces import KEY, PNG, Seen
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack

VIEW = View("Last week", picture=Picture(PNG, "Bar chart: $3 in all.", "spending.png"))


async def shown(slack: FakeSlack, surface: SlackSurface) -> Seen:
    """What stands in a thread after the view was posted there."""
    place = thread(slack)
    await surface.post(place, VIEW, KEY)
    (seen,) = all_seen(slack, place)
    return seen


async def test_an_upload_that_fails_in_passing_is_tried_again(
    slack: FakeSlack, surface: SlackSurface
) -> None:
    """The picture is there after all."""
    slack.order(Fault.DOWN, "files.completeUploadExternal")
    assert (await shown(slack, surface)).png == PNG


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.info"])
async def test_an_upload_that_keeps_failing_costs_no_words(
    slack: FakeSlack, surface: SlackSurface, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    """They go without the picture, and the log says so."""
    slack.order(Fault.DOWN, method, times=9)
    with caplog.at_level(logging.WARNING):
        seen = await shown(slack, surface)
    assert (seen.text, seen.png) == ("Last week", b"")
    assert "a picture was left out" in caplog.text


async def test_a_workspace_that_does_not_allow_uploads(slack: FakeSlack, surface: SlackSurface) -> None:
    """An app from before, without the scope: the words go alone, at once."""
    slack.bot.scopes -= {"files:write"}
    slack.book.expect("files.getUploadURLExternal", "missing_scope")
    seen = await shown(slack, surface)
    assert (seen.text, seen.png) == ("Last week", b"")
    assert calls(slack, "chat.postMessage") == ["chat.postMessage"]


async def test_a_whisper_has_its_picture_too(slack: FakeSlack, surface: SlackSurface) -> None:
    """It is for one person's eyes."""
    private = View("Yours", private_to=slack.ada.id, picture=VIEW.picture)
    await surface.post(thread(slack), private, KEY)
    (whisper,) = slack.whispers("ada")
    assert [block["type"] for block in whisper.blocks] == ["markdown", "image"]
