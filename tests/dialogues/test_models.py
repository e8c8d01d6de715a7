"""Which model answers, and why; and who says no."""

import asyncio

from bot.calls.access import ALLOWED
from bot.providers.resilience import Deadlines
from storage.budgets import NewBudget
from tests.fakes.house import BIG, SMALL, UNPRICED, House
from tests.fakes.provider import Script
from tests.fakes.surface import WITHOUT_TEXT


async def _answered_by(house: House, thread: str) -> tuple[str | None, str | None]:
    message = (await house.messages(thread))[-1]
    return message.model, message.reason


async def test_the_model_is_switched_in_between(house: House) -> None:
    """Each answer keeps the model that wrote it and why; the next one is by the new model, which has read all."""
    await house.say("kitchen", "First question.")
    await house.answered("kitchen")
    assert "from the next message on" in await house.command("kitchen", f"/model {SMALL}")
    await house.say("kitchen", "Second question.")
    await house.answered("kitchen")
    answers = [message for message in await house.messages("kitchen") if message.role == "assistant"]
    assert [(message.model, message.reason) for message in answers] == [
        (BIG, "the default for what is configured"),
        (SMALL, "set in this thread"),
    ]
    assert len(house.provider.requests[-1]["messages"]) >= 3


async def test_a_switch_while_an_answer_grows_holds_from_the_next_on(house: House) -> None:
    """The growing answer is left in peace."""
    house.provider.script(text="word " * 40, holds=(10,))
    await house.say("kitchen", "First question.")
    await house.grows("kitchen")
    await house.command("kitchen", f"/model {SMALL}")
    house.provider.go_on()
    shown = await house.answered("kitchen", 1)
    assert shown.footer.startswith(BIG)
    await house.say("kitchen", "Second question.")
    assert (await house.answered("kitchen")).footer.startswith(SMALL)


async def test_the_model_is_found_by_widening(house: House) -> None:
    """Thread, channel, person, workspace, installation: the nearest that says so wins, and the answer says which."""
    settings = house.store.settings
    person = await house.store.people.identify("room", "room:town", "ann", "Ann")
    expected = [
        ("installation", "this installation's default"),
        ("place:room:town", "the workspace's default"),
        (f"person:{person.id}", "your own default"),
        ("place:room:town/square", "the channel's default"),
    ]
    for number, (scope, words) in enumerate(expected):
        await settings.set(scope, "model", SMALL if number % 2 else BIG, by=None)
        await house.say(f"thread{number}", f"Question {number}.")
        await house.answered(f"thread{number}")
        assert await _answered_by(house, f"thread{number}") == (SMALL if number % 2 else BIG, words)
    await house.command("kitchen", f"/model {BIG}")
    await house.say("kitchen", "The last question.")
    await house.answered("kitchen")
    assert await _answered_by(house, "kitchen") == (BIG, "set in this thread")
    await house.say("elsewhere/kitchen", "A question in another channel.")
    await house.answered("elsewhere/kitchen")
    assert (await _answered_by(house, "elsewhere/kitchen"))[1] == "your own default"


async def test_a_rule_refuses_a_model_and_the_question_is_kept(house: House) -> None:
    """One sentence says whose rule it is and what is allowed; nothing is asked of the provider."""
    await house.store.settings.set("place:room:town/square", ALLOWED, ["demo/*"], by=None)
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert shown.text.startswith(
        f"{BIG} may not be used in this channel; an admin of this workspace can change that."
    )
    assert "demo/quick" in shown.text
    assert shown.labels == WITHOUT_TEXT
    assert house.provider.requests == []
    await house.store.settings.clear("place:room:town/square", ALLOWED, by=None)
    house.expected.retries[str(house.place("kitchen"))] += 1
    await house.press("kitchen", "Retry")
    assert (await house.answered("kitchen", 2)).outcome == "complete"


async def test_a_budget_without_room_refuses_before_the_call(house: House) -> None:
    """One sentence says what is left, when it renews, and what still works; nothing is asked of the provider."""
    await house.store.budgets.add(NewBudget("person", str(await _person(house)), "day", 1000))
    house.order("kitchen", "broken")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert "was not asked" in shown.text
    assert "It renews at" in shown.text
    assert "demo/quick is free and still works" in shown.text
    assert house.provider.requests == []


async def test_many_at_once_cannot_overrun_a_budget(house: House) -> None:
    """Twenty questions at the same moment: what they could cost together is never more than there is room for."""
    for budget in await house.store.budgets.all():
        await house.store.budgets.remove(budget.id)
    room, per_token = 800_000_000, 8_000  # nano-dollars: gpt-4.1 writes a million tokens for 8 dollars
    await house.store.budgets.add(NewBudget("installation", "", "day", room))
    await house.store.settings.set("installation", "request_limit", 300_000_000, by=None)
    # None may end of itself while the slowest machine still asks.
    await house.restart(deadlines=Deadlines(first=60, idle=60, total=120))
    house.provider.default = Script(delay=60)
    threads = [f"thread{number}" for number in range(20)]
    await asyncio.gather(*(house.say(thread, f"Question of {thread}.") for thread in threads))
    await house.until(lambda: len(house.provider.requests) + _refused(house, threads) == 20, "all twenty")
    asked = [request.get("max_tokens", 32_768) for request in house.provider.requests]
    assert 0 < sum(asked) * per_token <= room
    for thread in threads:
        house.order(thread, "broken" if house.answers(thread) else "stopped")
        await house.command(thread, "/stop")


def _refused(house: House, threads: list[str]) -> int:
    return sum(len(house.answers(thread)) for thread in threads)


async def test_a_threshold_of_a_budget_is_noted_once(house: House) -> None:
    """Passing 80 % is noted, in the transaction that passed it, once for the period."""
    await house.store.budgets.add(
        NewBudget("person", str(await _person(house)), "day", 1_000_000, hard=False)
    )
    for number in range(4):
        house.provider.script(text="word " * 200)
        await house.say("kitchen", f"Question {number}.")
        await house.answered("kitchen")
    notices = [notice for notice in await house.store.notices.undelivered() if notice.scope == "person"]
    assert len(notices) == 1


async def test_an_unknown_price_is_unpriced_and_never_free(house: House) -> None:
    """The footer says so, the entry has no cost, and the answer was capped by tokens."""
    await house.command("kitchen", f"/model {UNPRICED}")
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert "unpriced" in shown.footer
    (entry,) = await house.store.ledger.billed()
    assert entry.cost is None
    assert house.provider.requests[-1]["max_tokens"] <= 32_000
    conversation = await house.store.conversations.current(str(house.place("kitchen")))
    assert conversation is not None
    assert conversation.unpriced == 1


async def test_the_demo_is_free_by_rule(house: House) -> None:
    """A local model costs nothing, and the ledger says by which rule."""
    await house.command("kitchen", "/model demo/quick")
    await house.say("kitchen", "What is for dinner?")
    house.expected.elsewhere.add(str(house.place("kitchen")))
    await house.answered("kitchen")
    (entry,) = await house.store.ledger.billed()
    assert (entry.cost, entry.price_source) == (0, "local")


async def _person(house: House) -> int:
    return (await house.store.people.identify("room", "room:town", "ann", "Ann")).id
