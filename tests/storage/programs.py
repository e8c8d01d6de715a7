# ruff: noqa: T201 - printing is how they answer
"""What other processes do to the same database: ``python -m tests.storage.programs <name> <arguments>``."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from storage.errors import NoRoom
from storage.posts import NewPost
from storage.store import Store
from tests.storage.given import CHARGE, said, settlement


async def migrate(url: str, folder: str) -> None:
    """Open, which migrates, and close."""
    store = await Store.open(url, Path(folder))
    await store.close()


async def reserve(url: str, folder: str, count: str) -> None:
    """Reserve many times at once; print how many had room."""
    store = await Store.open(url, Path(folder))
    try:
        tries = [store.ledger.reserve(CHARGE, 1, "there") for _ in range(int(count))]
        results = await asyncio.gather(*tries, return_exceptions=True)
        odd = [result for result in results if not isinstance(result, int | NoRoom)]
        assert not odd, odd
        print(sum(isinstance(result, int) for result in results))
    finally:
        await store.close()


async def spend(url: str, folder: str, count: str) -> None:
    """Reserve and settle, one after the other."""
    store = await Store.open(url, Path(folder))
    try:
        for _ in range(int(count)):
            await store.ledger.settle(settlement(await store.ledger.reserve(CHARGE, 50, "there")))
    finally:
        await store.close()


async def receive(url: str, folder: str, count: str) -> None:
    """Receive the same items as everybody else; print which were fresh."""
    store = await Store.open(url, Path(folder))
    try:
        for number in range(int(count)):
            if (await store.inbox.receive(said(key=str(number)))).fresh:
                print(number)
    finally:
        await store.close()


async def claim_and_die(url: str, folder: str) -> None:
    """Claim what is due, and be killed before it is sent."""
    store = await Store.open(url, Path(folder))
    at = datetime.now(UTC)
    for one in await store.sendings.due(at):
        assert await store.sendings.claim(one.id, "dead", at) is not None
    os.kill(os.getpid(), signal.SIGKILL)


async def write_without_end(url: str, folder: str, place: str) -> None:
    """Receive items until killed; print each key once ``receive`` has returned."""
    store = await Store.open(url, Path(folder))
    number = 0
    while True:
        number += 1
        await store.inbox.receive(said(key=str(number), place=place), NewPost(place, "{}", str(number)))
        print(number, flush=True)


async def rotate(url: str, folder: str, batch: str) -> None:
    """Rotate the secret key, twice."""
    store = await Store.open(url, Path(folder))
    try:
        for _ in range(2):
            await store.vault.rotate(batch=int(batch))
    finally:
        await store.close()


async def rotate_and_die(url: str, folder: str) -> None:
    """Rotate in batches of two, and be gone after the first as after kill -9."""
    store = await Store.open(url, Path(folder))
    moved = store.vault._move  # noqa: SLF001 - where it dies

    async def move(table: str, after: int, batch: int) -> object:
        if after:
            os._exit(9)
        return await moved(table, after, batch)

    store.vault._move = move  # type: ignore[method-assign, assignment]  # noqa: SLF001 - where it dies
    await store.vault.rotate(batch=2)


PROGRAMS: dict[str, Callable[..., Awaitable[None]]] = {
    function.__name__: function
    for function in (
        migrate,
        reserve,
        spend,
        receive,
        claim_and_die,
        write_without_end,
        rotate,
        rotate_and_die,
    )
}

if __name__ == "__main__":
    asyncio.run(PROGRAMS[sys.argv[1]](*sys.argv[2:]))  # type: ignore[arg-type]
