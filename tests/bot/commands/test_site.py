"""``/settings``: who gets a link, and who is told why not."""

from __future__ import annotations

from dataclasses import replace

from bot.core.view import Tone
from tests.bot.commands.conftest import Thread


async def test_no_link_where_there_is_none_to_give(thread: Thread) -> None:
    """The site is not known; the person is there already."""
    assert "address is not known" in await thread.error("/settings")
    answer = await thread.desk.run(replace(thread.asked(), on_site=True), "/settings")
    assert answer is not None
    assert answer.view.text == "You are on the site already, signed in."
    assert answer.view.tone is Tone.NOTICE
