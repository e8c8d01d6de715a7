"""A model fails and another one answers: who, why, and what is left to do where none can."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.provider import ModelId
from tests.databases import MigratedFile
from tests.fakes.home import OTHER
from tests.fakes.house import BIG, SMALL, UNPRICED, House, open_house
from tests.fakes.provider import answer_for
from tests.fakes.surface import WITHOUT_TEXT

DINNER = "What is for dinner?"
WORDS = " ".join(f"word{number}" for number in range(100))


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> MigratedFile:
    """What a first start makes, in a file: what a provider does is the same to every database."""
    return MigratedFile(tmp_path_factory.mktemp("schema"))


@pytest.fixture
async def house(schema: MigratedFile, tmp_path: Path) -> AsyncIterator[House]:
    """The house, on SQLite only."""
    async with open_house(schema.url(tmp_path), tmp_path) as house:
        yield house


async def asked(house: House) -> list[str]:
    """Which models the provider was asked for, in order."""
    return [str(request["model"]) for request in house.provider.requests]


async def test_a_chain_answers_and_says_why(house: House) -> None:
    """Set in a thread, it holds there from the next message on; each attempt has its entry."""
    said = await house.command("kitchen", f"/chain {SMALL}, {OTHER}")
    assert said == f"From the next message on, here: **{SMALL}** is asked, then **{OTHER}**."
    house.provider.script(fail="model", model="gpt-4.1")
    await house.say("kitchen", DINNER)
    shown = await house.answered("kitchen")
    assert shown.text == answer_for(DINNER)
    assert shown.footer.startswith(SMALL)
    assert shown.footer.endswith(f"instead of {BIG}, which does not exist for our account")
    reply = await house.last_reply("kitchen")
    assert (
        reply.reason == f"standing in for {BIG}, which does not exist for our account (this thread's chain)"
    )
    entries = await house.store.ledger.billed()
    assert [(entry.model, entry.why, entry.outcome) for entry in entries] == [
        ("gpt-4.1", "chosen", "failed"),
        ("gpt-4o-mini", "fallback", "complete"),
    ]
    await house.say("kitchen", "And tomorrow?")
    assert (await house.answered("kitchen", 2)).footer.startswith(BIG)


async def test_without_a_chain_the_installation_s_default_is_asked_once(house: House) -> None:
    """Where another model was chosen; the default itself has nobody behind it."""
    await house.command("kitchen", f"/model {SMALL}")
    house.provider.script(fail="model", model="gpt-4o-mini")
    await house.say("kitchen", DINNER)
    shown = await house.answered("kitchen")
    assert shown.footer.startswith(BIG)
    assert f"instead of {SMALL}, which does not exist for our account" in shown.footer
    assert "this installation's default" in str((await house.last_reply("kitchen")).reason)
    house.order("hall", "broken")
    house.provider.script(fail="model", model="gpt-4.1")
    await house.say("hall", DINNER)
    assert (await house.answered("hall")).text.startswith(f"{BIG} does not exist for our account")


async def test_a_chain_may_be_turned_off(house: House) -> None:
    """Then not even the default stands in."""
    await house.command("kitchen", f"/model {SMALL}")
    assert "no other model answers in its place" in await house.command("kitchen", "/chain off")
    house.order("kitchen", "broken")
    house.provider.script(fail="model", model="gpt-4o-mini")
    await house.say("kitchen", DINNER)
    await house.answered("kitchen")
    assert await asked(house) == ["gpt-4o-mini"]
    said = await house.command("kitchen", "/chain clear")
    assert f"If **{SMALL}** fails, **{BIG}** is asked (this installation's default)." in said


async def test_nothing_moves_from_free_to_paid_by_itself(house: House) -> None:
    """A local model that fails stays a failing local model, unless a chain names a cloud one."""
    await house.command("kitchen", "/model demo/quick")
    house.order("kitchen", "broken")
    await house.say("kitchen", "fail server")
    await house.answered("kitchen")
    assert await asked(house) == []
    await house.command("hall", "/model demo/quick")
    await house.command("hall", f"/chain {BIG}")
    await house.say("hall", "fail overloaded")
    assert (await house.answered("hall")).footer.startswith(BIG)


async def test_when_none_can_answer_one_sentence_names_them_all(house: House) -> None:
    """The question is kept, and Retry asks it again."""
    await house.store.settings.set("installation", "models.allowed", ["openai/*"], None)
    await house.store.settings.set("installation", "chain", [UNPRICED, "demo/quick", SMALL], None)
    for model in ("gpt-4.1", "house-blend", "gpt-4o-mini"):
        house.provider.script(fail="model", model=model)
    house.order("kitchen", "broken")
    await house.say("kitchen", DINNER)
    shown = await house.answered("kitchen")
    missing = "does not exist for our account"
    assert shown.text == (
        f"No model could answer: {BIG} {missing}, {UNPRICED} {missing}, {SMALL} {missing}, "
        "demo/quick may not be used here. Your question is kept."
    )
    assert shown.labels == WITHOUT_TEXT
    await house.press("kitchen", "Retry")
    assert (await house.answered("kitchen", 2)).text == answer_for(DINNER)


async def test_in_the_middle_of_an_answer_nobody_takes_over_unasked(house: House) -> None:
    """What came is kept and marked; one button goes on, another goes on with the next of the chain."""
    await house.command("kitchen", f"/chain {SMALL}")
    house.provider.script(text=WORDS, fail="cut", after=20)
    house.order("kitchen", "broken")
    await house.say("kitchen", DINNER)
    shown = await house.answered("kitchen")
    assert "word19" in shown.text
    assert "broke off before it had finished. The text so far is kept." in shown.text
    assert shown.labels == ["Continue", "Continue with gpt-4o-mini", *WITHOUT_TEXT]
    assert await asked(house) == ["gpt-4.1"]
    said = await house.press("kitchen", "Continue with gpt-4o-mini")
    assert said == f"The rest is on its way, from **{SMALL}**."
    assert (await house.answered("kitchen", 2)).footer.startswith(SMALL)


async def test_a_known_failure_is_not_waited_for_twice(house: House) -> None:
    """After three overloads the next question goes straight to the chain, and another one finds out later."""
    await house.command("kitchen", f"/chain {SMALL}")
    for _ in range(9):
        house.provider.script(fail="overloaded", model="gpt-4.1", retry_after=0.01)
    for number in range(4):
        await house.say("kitchen", f"Question {number}?")
        shown = await house.answered("kitchen", number + 1)
        assert f"instead of {BIG}, which was overloaded" in shown.footer
    assert (await asked(house)).count("gpt-4.1") == 9
    assert house.process.caller.board.of(ModelId.parse(BIG)).status == "failing"


async def test_switching_takes_effect_on_the_next_message(house: House) -> None:
    """Away from a model that is known to fail, too."""
    house.order("kitchen", *["broken"] * 4)
    for _ in range(9):
        house.provider.script(fail="overloaded", model="gpt-4.1", retry_after=0.01)
    for number in range(4):
        await house.say("kitchen", f"Question {number}?")
        shown = await house.answered("kitchen", number + 1)
    assert shown.text.startswith(f"{BIG} was not asked, for it was overloaded a moment ago;")
    await house.command("kitchen", f"/model {SMALL}")
    await house.say("kitchen", "And for lunch?")
    assert (await house.answered("kitchen", 5)).footer.startswith(SMALL)
    assert (await asked(house)).count("gpt-4.1") == 9


async def test_who_asks_too_often_is_told_when_there_is_room(house: House) -> None:
    """The message is kept, and nothing was asked."""
    ann = await house.store.people.identify("room", "room:town", "ann", "Ann")
    await house.store.settings.set(f"person:{ann.id}", "requests_per_minute", 1, None)
    await house.say("kitchen", DINNER)
    await house.answered("kitchen")
    house.order("kitchen", "broken")
    await house.say("kitchen", "And tomorrow?")
    shown = await house.answered("kitchen", 2)
    assert shown.text.startswith("You have made 1 request within a minute, and that is the limit.")
    await house.say("kitchen", "And on Monday?", by="bob")
    assert (await house.answered("kitchen", 3)).outcome == "complete"


async def test_only_an_admin_sets_what_others_live_with(house: House) -> None:
    """A workspace's chain holds for its threads; each may have one of its own."""
    refused = await house.command("kitchen", f"/chain set workspace {SMALL}")
    assert refused.startswith("Only an admin of this workspace may set a chain for it.")
    ann = await house.store.people.identify("room", "room:town", "ann", "Ann")
    await house.store.people.grant(ann.id, "admin", "room:town")
    assert "in this workspace" in await house.command("kitchen", f"/chain set workspace {SMALL}")
    assert f"**{SMALL}** is asked (the workspace's chain)" in await house.command("hall", "/chain")
    await house.command("hall", f"/chain {OTHER}")
    assert f"**{OTHER}** is asked (this thread's chain)" in await house.command("hall", "/chain")
    assert "There is no model" in await house.command("hall", "/chain openai/gpt-4.1, nonsense")
