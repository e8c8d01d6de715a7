"""A seeded demo: what a company of six has used in a quarter, for pictures of the site and for looking at its pages.

The same every time but for its dates, which end today: ``random.Random`` with one seed makes the figures.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bot.conversation.settings import MODEL
from bot.core.view import View
from bot.workbench.alerting import SETTING as ALERTS
from bot.workbench.alerting import Route
from bot.workbench.schedule import SETTING as DIGEST
from bot.workbench.schedule import Schedule
from storage.agents import Persona
from storage.budgets import NewBudget
from storage.conversations import NewMessage, add_message, open_conversation
from storage.credentials import NewCredential
from storage.ledger import Charge, NewEntry, Settlement
from storage.people import Person
from storage.store import Store
from storage.webhooks import NewWebhook
from web.chat import place_of
from web.codec import encode

HOME, SITE = "slack:T024BE7LD", "web:main"
NAMES = ("Ada Okafor", "Ben Lindqvist", "Chiara Rossi", "Dev Patel", "Emma Novak")
DOLLAR = 1_000_000_000  # nano-dollars
DAYS = 84
ZONE = "Europe/Berlin"
ANSWERS = "anthropic/claude-sonnet-5-5"


class Channel(NamedTuple):
    """A channel, and how much is asked in it beside the others."""

    id: str
    name: str
    share: int


class Model(NamedTuple):
    """A model, how much it is asked, and its prices: nano-dollars a token, read and written."""

    provider: str
    id: str
    key: str
    share: int
    read: int
    written: int
    milliseconds: int  # a typical answer


CHANNELS = (
    Channel("C01PRODUCT", "product", 5),
    Channel("C02SUPPORT", "support", 4),
    Channel("C03GROWTH", "growth", 2),
    Channel("C04OPS", "ops", 1),
)
MODELS = (
    Model("anthropic", "claude-sonnet-5-5", "Research", 5, 3000, 15000, 6200),
    Model("openai", "gpt-6-luna", "Company", 6, 100, 500, 2400),
    Model("openai", "gpt-6.1-sol", "Company", 2, 2000, 10000, 7400),
    Model("google", "gemini-3.8-flash", "Team", 4, 1500, 9000, 1900),
    Model("ollama", "qwen3:8b", "", 2, 0, 0, 8800),
)
TALKS = (
    (
        "Release notes for 4.2",
        "Please turn these commits into release notes for people who are not engineers.",
        (
            "## What is new in 4.2\n\n- **Exports keep their order.** Rows come out as they went in.\n"
            "- **Search forgives.** One wrong letter no longer hides a result.\n\nShall I add the upgrade steps?"
        ),
    ),
    (
        "A table of shipping rates",
        "Compare the three carriers for parcels under 5 kg.",
        (
            "| Carrier | Days | Price |\n|---|---|---|\n| Postal | 3 to 5 | 6.90 |\n| Courier | 1 | 14.50 |\n"
            "| Locker | 2 to 3 | 5.40 |\n\nFor under 5 kg the locker wins unless a day matters."
        ),
    ),
    (
        "Regular expression for order numbers",
        "Which expression finds order numbers such as AB-2026-00123?",
        '```python\nORDER = re.compile(r"\\b[A-Z]{2}-\\d{4}-\\d{5}\\b")\n```\n\nTwo capitals, a year, five digits.',
    ),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Who is in the demo: its owner, and the people of the workspace."""

    owner: Person
    people: tuple[Person, ...]


async def fill(folder: Path) -> Filled:
    """Fill the database of a data folder that has none yet."""
    store = await Store.open(f"sqlite:///{folder}/switchboard.db", folder)
    try:
        first = await store.sessions.redeem(await store.sessions.link(None, timedelta(minutes=1)), "")
        assert first is not None
        owner = first[0]
        people = tuple(
            [
                await store.people.identify("slack", HOME, f"U{number}", name)
                for number, name in enumerate(NAMES, 1)
            ]
        )
        await _talked(store, owner)
        await _set(store, owner)
        await _used(store, [owner, *people])
        return Filled(owner, people)
    finally:
        await store.close()


async def _talked(store: Store, owner: Person) -> None:
    """A few short talks of the owner's on the site, as the program writes them, but without asking a model."""
    for number, talk in enumerate(TALKS):
        place = str(place_of(owner.id, f"{number:08}"))
        await _talk(store, owner, place, talk, datetime.now(UTC) - timedelta(days=1, hours=number))


async def _talk(store: Store, owner: Person, place: str, talk: tuple[str, str, str], at: datetime) -> None:
    title, question, answer = talk
    footer = f"{ANSWERS} · 420 tokens · $0.0034 · 4.1 s"
    shown = await store.posts.insert(place, encode(View(question)), None, owner.id)
    reply = await store.posts.insert(place, encode(View(answer, footer=footer)))
    db = store.conversations._db  # noqa: SLF001 - beneath what a store lets others do
    async with db.transaction() as tx:
        await tx.write(
            "INSERT INTO places (place, workspace_id, updated_at) VALUES (?, ?, ?)", place, SITE, at
        )
        made = await open_conversation(tx, place, SITE, owner.id, title)
        asked = NewMessage(made.id, None, "user", question, at, owner.id, owner.name, str(shown.id))
        said = NewMessage(
            made.id,
            await add_message(tx, asked, SITE),
            "assistant",
            answer,
            at,
            external_id=str(reply.id),
            model=ANSWERS,
            outcome="complete",
            input_tokens=240,
            output_tokens=180,
            cost=3_420_000,
            latency_ms=4100,
        )
        head = await add_message(tx, said, SITE)
        await tx.write(
            "UPDATE conversations SET head_id = ?, cost = ? WHERE id = ?", head, said.cost, made.id
        )


async def _set(store: Store, owner: Person) -> None:
    """Keys, budgets, agents, a digest, alerts and a webhook."""
    at = datetime.now(UTC)
    db = store.conversations._db  # noqa: SLF001 - a workspace is entered when something is said in it
    await db.write(
        "INSERT INTO workspaces (id, name, time_zone, created_at) VALUES (?, 'Lantern & Co', ?, ?)",
        HOME,
        ZONE,
        at,
    )
    for channel in CHANNELS:
        await store.workspaces.note_names(f"{HOME}/{channel.id}", channel.name)
    for provider, name in sorted({(model.provider, model.key) for model in MODELS if model.key}):
        await store.credentials.add(
            NewCredential(provider, name, f"sk-demo-{name.lower()}-4f2a"), by=owner.id
        )
    for scope, subject, period, dollars, hard in (
        ("installation", "", "month", 80, True),
        ("workspace", HOME, "month", 60, True),
        ("channel", f"{HOME}/C02SUPPORT", "week", 6, False),
        ("person", "*", "day", 2, True),
        ("provider", "openai", "month", 20, False),
    ):
        await store.budgets.put(
            NewBudget(scope, subject, period, dollars * DOLLAR, hard, time_zone=ZONE), owner.id
        )
    for name, icon, words in (
        ("Editor", "✏️", "You shorten and clear up what others wrote, and keep their voice."),
        ("Support", "🛟", "You answer customers: warm, short, exact; you never promise a date."),
    ):
        await store.agents.put(HOME, name, Persona(words, ANSWERS, icon=icon), owner.id)
    # Without a network no other one answers.
    await store.settings.set("installation", MODEL, "demo/quick", owner.id)
    product = f"{HOME}/{CHANNELS[0].id}"
    await store.settings.set(f"place:{product}", DIGEST, Schedule(at).to_json(), owner.id)
    await store.settings.set(
        f"place:{HOME}",
        ALERTS,
        Route((f"{HOME}/{CHANNELS[3].id}",), ("it@lantern.example",)).to_json(),
        owner.id,
    )
    hook = NewWebhook(
        "Pager", "https://pager.example/switchboard", "whsec_demo", private=False, kinds=("key",)
    )
    await store.webhooks.add(hook, by=owner.id)


async def _used(store: Store, people: list[Person]) -> None:
    """A quarter of answers, fewer at weekends, a little more each week."""
    dice, now = random.Random(7), datetime.now(UTC)
    for ago in range(DAYS, -1, -1):
        day = now - timedelta(days=ago)
        busy = 3 if day.weekday() > 4 else 12 + (DAYS - ago) // 10
        for _ in range(dice.randint(busy // 2, busy)):
            at = day - timedelta(minutes=dice.randint(0, 500))
            await _answer(store, dice, at, people)


async def _answer(store: Store, dice: random.Random, at: datetime, people: list[Person]) -> None:
    [model] = dice.choices(MODELS, [model.share for model in MODELS])
    [channel] = dice.choices(CHANNELS, [channel.share for channel in CHANNELS])
    person = people[min(dice.randrange(len(people)), dice.randrange(len(people)))]
    read, written = dice.randint(8_000, 160_000), dice.randint(300, 4_000)
    took = round(model.milliseconds * dice.uniform(0.6, 1.9))
    failed = dice.random() < 0.02
    place = f"{HOME}/{channel.id}/{at.timestamp():.6f}"
    charge = Charge(HOME, place, person.id, model.provider, model.key, at)
    entry = NewEntry(
        at, HOME, place, person.id, model.provider, model.id, model.key,
        input_tokens=read, output_tokens=0 if failed else written, cost=read * model.read + written * model.written,
        price_source="genai-prices", outcome="failed" if failed else "complete",
        first_token_ms=took // 6, latency_ms=took,
        why=dice.choices(("chosen", "retry", "fallback"), (94, 4, 2))[0],
    )  # fmt: skip
    reservation_id = await store.ledger.reserve(charge, 0, "demo")
    await store.ledger.settle(Settlement(reservation_id, entry))
