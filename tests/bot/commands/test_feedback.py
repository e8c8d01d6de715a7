"""``/rate``: dialogues."""

from __future__ import annotations

from tests.bot.commands.conftest import Thread


async def verdicts(thread: Thread, reply_id: int) -> list[tuple[int, str, str | None]]:
    """Who thinks what of an answer, and whose it is."""
    row = await thread.store.replies.get(reply_id)
    assert row is not None
    assert row.message_id is not None
    return [(v.person_id, v.verdict, v.model) for v in await thread.store.feedback.of(row.message_id)]


async def test_a_verdict_is_kept_with_its_model(thread: Thread) -> None:
    """The last answer is meant; a later verdict takes the place of an earlier one."""
    reply = await thread.talk("Good?", "Very.")
    assert await thread.say("/rate good") == "Thanks, noted."
    assert await verdicts(thread, reply) == [(thread.person_id, "good", "demo/quick")]
    await thread.say("!rate BAD")
    assert await verdicts(thread, reply) == [(thread.person_id, "bad", "demo/quick")]


async def test_a_number_names_an_earlier_answer(thread: Thread) -> None:
    """As the buttons beneath it do."""
    first = await thread.talk("One?", "1")
    second = await thread.talk("Two?", "2")
    await thread.say(f"/rate bad #{first}")
    assert await verdicts(thread, first)
    assert not await verdicts(thread, second)


async def test_what_is_still_being_written_is_not_judged_yet(thread: Thread) -> None:
    """And before the first question there is nothing to judge."""
    assert "Nothing was asked here yet" in await thread.error("/rate good")
    await thread.ask("Hm?")
    assert "still being written" in await thread.error("/rate good")


async def test_a_verdict_is_good_or_bad(thread: Thread) -> None:
    """Anything else is answered with the choices; answers from elsewhere cannot be judged here."""
    await thread.talk("Good?", "Very.")
    assert "needs verdict (`good`, `bad`)" in await thread.error("/rate")
    assert "not one of the choices" in await thread.error("/rate splendid")
    assert "not part of this conversation" in await thread.error("/rate good #999")
