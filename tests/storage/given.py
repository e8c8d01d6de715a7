"""What the tests of storage begin with."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from storage.conversations import Claim
from storage.inbox import NewAttachment, NewItem
from storage.ledger import Charge, NewEntry, Settlement
from storage.replies import SealedMessage, Taken
from storage.store import Store

HOME = "slack:T1"
PLACE = "slack:T1/C1/1700.1"
AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
CHARGE = Charge(HOME, PLACE, 7, "openai", "Work OpenAI", AT)
ENTRY = NewEntry(AT, HOME, PLACE, 7, "openai", "quick", "Work OpenAI", cost=40)
DOLLAR = 1_000_000_000


def said(
    text: str = "Hello",
    key: str = "1",
    *,
    place: str = PLACE,
    person_id: int | None = 7,
    files: tuple[NewAttachment, ...] = (),
) -> NewItem:
    """Somebody wrote something."""
    home = place.partition("/")[0]
    payload = json.dumps({"text": text})
    return NewItem(f"{home}#{key}", place, home, person_id, "Ann", "said", payload, files, AT)


def again(key: str, *, place: str = PLACE, **wish: object) -> NewItem:
    """Somebody wants it again."""
    payload = json.dumps({"reply_id": None, "model": None, "go_on": False, **wish})
    return replace(said(key=key, place=place), kind="again", payload=payload)


async def claimed(store: Store, *items: NewItem, process: str = "here") -> Claim:
    """A claim on the conversation that the items went to."""
    received = [await store.inbox.receive(item) for item in items or (said(),)]
    claim = await store.conversations.claim(received[-1].conversation_id, process)
    assert claim is not None
    return claim


async def taken(store: Store, *items: NewItem) -> tuple[Claim, Taken]:
    """A claim, and what was taken with it."""
    claim = await claimed(store, *items)
    found = await store.replies.take(claim)
    assert found is not None
    return claim, found


async def answered(store: Store, claim: Claim, item: NewItem, text: str, outcome: str = "complete") -> Taken:
    """An item, taken and sealed with an answer."""
    await store.inbox.receive(item)
    found = await store.replies.take(claim)
    assert found is not None
    await store.replies.seal(claim, found.reply.id, message=SealedMessage(text, outcome))
    return found


async def reserved(store: Store, amount: int = 100, process: str = "here", charge: Charge = CHARGE) -> int:
    """A reservation."""
    return await store.ledger.reserve(charge, amount, process)


def settlement(reservation_id: int, claim: Claim | None = None, **entry: object) -> Settlement:
    """A settlement of a reservation, 40 nano-dollars unless said."""
    conversation_id = claim.conversation_id if claim is not None else None
    return Settlement(reservation_id, replace(ENTRY, conversation_id=conversation_id, **entry))  # type: ignore[arg-type]


async def program(name: str, *arguments: str) -> asyncio.subprocess.Process:
    """A process of its own that runs a function of ``tests/storage/programs.py``."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storage.programs",
        name,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


async def outcomes(name: str, count: int, *arguments: str) -> list[str]:
    """What ``count`` processes printed that ran at the same time; each must end well."""
    running = [await program(name, *arguments) for _ in range(count)]
    printed = [(await process.communicate())[0].decode() for process in running]
    assert [process.returncode for process in running] == [0] * count
    return printed
