"""The kill loop: people talk while the program is killed again and again at random moments, and started at once.

    python -m tests.chaos.kill --kills 100 [--database sqlite|postgres [--programs 2]] [--seed N]

Several programs share the work of one PostgreSQL; one of them is killed each time, while the others go on.

At the end the posts that people see, the provider's own bill and the ledger are compared, and one line says how
many messages were lost or answered twice, and how many requests are missing from the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, choice

from bot.conversation.presence import BEAT, DEAD_AFTER
from storage.store import Store
from tests.chaos.browser import Browser, Post
from tests.chaos.program import Program
from tests.chaos.provider import Provider, running
from tests.chaos.verdict import Verdict, is_answered, judge
from tests.databases import empty_on_server
from tests.fakes.books import charge_of
from tests.fakes.home import unhurried

_PEOPLE = 6
_IN_A_THREAD = 5  # messages, before a person begins another thread
_REST = 60.0  # seconds until everything must have been answered after the last kill


@dataclass(slots=True)
class Talk:
    """What was said so far, by thread, and how often it had to be sent or was sent again."""

    random: Random
    said: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)


async def _talk(person: int, browser: Browser, talk: Talk) -> None:
    """Say one thing after the other, sometimes at once, sometimes after a look at the answer."""
    number = 0
    while not talk.over.is_set():
        thread = f"thread{person}x{number // _IN_A_THREAD:03}"
        text, key = f"Message {number} of {thread}.", f"key{person}x{number:05}"
        number += 1
        talk.said[thread].append(text)
        sent = await browser.say(thread, text, key)
        if talk.random.random() < 0.2:  # the platform is not sure that we have it
            sent += await browser.say(thread, text, key)
        talk.sent += sent
        await asyncio.sleep(talk.random.choice((0.02, 0.3, 1.2)))


class Programs:
    """The programs that serve one database, as one address: that of any which is up."""

    def __init__(self, folder: Path, provider_url: str, database_url: str, number: int) -> None:
        self.all = [Program(folder / f"program{n}", provider_url, database_url) for n in range(number)]

    @property
    def url(self) -> str:
        up = [program.url for program in self.all if program.url]
        return choice(up) if up else ""

    @property
    def link(self) -> str:
        return self.all[0].link


async def _kill(programs: Programs, kills: int, talk: Talk, *, long: int) -> None:
    """Kill at random moments, start again at once; before every ``long``-th kill wait until the dead are replaced."""
    starting = {program: asyncio.create_task(program.ready()) for program in programs.all}
    for number in range(1, kills + 1):
        program = talk.random.choice(programs.all)
        if talk.random.random() < 0.9:
            await starting[program]
        await asyncio.sleep(talk.random.uniform(0.0, 1.2))
        if long and number % long == 0:
            await asyncio.sleep(DEAD_AFTER + 3 * BEAT)
        starting[program].cancel()
        await asyncio.gather(starting[program], return_exceptions=True)
        await program.kill()
        await program.spawn()
        starting[program] = asyncio.create_task(program.ready())
    await asyncio.gather(*starting.values())


async def _read_all(browser: Browser, threads: Sequence[str]) -> dict[str, list[Post]]:
    return {thread: await browser.read(thread) for thread in threads}


async def _rest(browser: Browser, talk: Talk) -> dict[str, list[Post]]:
    """Wait until everything is answered, but not for ever; what stands everywhere."""
    until = time.monotonic() + _REST
    posts = await _read_all(browser, sorted(talk.said))
    while time.monotonic() < until:
        restless = [thread for thread, texts in talk.said.items() if not is_answered(texts, posts[thread])]
        if not restless:
            break
        await asyncio.sleep(0.5)
        posts |= await _read_all(browser, restless)
    return posts


async def loop(
    folder: Path, kills: int, database_url: str, seed: int, number: int = 1
) -> tuple[Verdict, Talk]:
    """Run the whole thing over an empty database; what became of everything that was said."""
    talk = Talk(Random(seed))
    async with running(folder, delay=0.05, speed=200) as provider:
        programs = Programs(folder, provider.url, database_url, number)
        try:
            await programs.all[0].start()
            async with Browser(programs) as browser:
                await browser.sign_in()
                posts = await _chaos(programs, browser, kills, talk, long=25 if database_url else 0)
            for program in programs.all:
                program.terminate()
                assert await program.ended() == 0, program.said[-2000:]
        finally:
            for program in programs.all:
                await program.kill()
        return await _verdict(programs.all[0], provider, talk, posts), talk


async def _chaos(
    programs: Programs, browser: Browser, kills: int, talk: Talk, *, long: int
) -> dict[str, list[Post]]:
    await programs.all[0].kill()
    await _unhurried(programs.all[0])
    for program in programs.all:
        await program.spawn()
    people = [asyncio.create_task(_talk(person, browser, talk)) for person in range(_PEOPLE)]
    try:
        await _kill(programs, kills, talk, long=long)
    finally:
        talk.over.set()
    await asyncio.gather(*people)
    return await _rest(browser, talk)


async def _unhurried(program: Program) -> None:
    """One person says here in a minute what people say in a day."""
    store = await Store.open(program.database_url, program.folder, migrate=False)
    try:
        await unhurried(store)
    finally:
        await store.close()


async def _verdict(program: Program, provider: Provider, talk: Talk, posts: dict[str, list[Post]]) -> Verdict:
    store = await Store.open(program.database_url, program.folder, migrate=False)
    try:
        entries = await store.ledger.billed()
        verdict = judge(talk.said, posts, provider.billed(), entries)
        for line in await store.ledger.rooms(charge_of(entries[-1])):
            if line.reserved:
                verdict.unbilled.append(f"{line.reserved} nano-dollars are still held")
    finally:
        await store.close()
    return verdict


def main() -> int:
    """Print what became of everything; 1 where anything was lost, doubled or not billed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--programs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    if given.programs > 1 and given.database == "sqlite":
        parser.error("a folder with SQLite has one program")
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="switchboard-kill-") as folder,
        nullcontext("") if given.database == "sqlite" else empty_on_server() as database_url,
    ):
        verdict, talk = asyncio.run(loop(Path(folder), given.kills, database_url, given.seed, given.programs))
    for problem in verdict.problems():
        sys.stdout.write(f"  {problem}\n")
    messages = sum(map(len, talk.said.values()))
    outcomes = ", ".join(f"{n} {outcome}" for outcome, n in sorted(verdict.outcomes.items()))
    sys.stdout.write(
        f"{messages} messages in {len(talk.said)} threads, sent {talk.sent} times; answers: {outcomes}; "
        f"{given.database}, {time.monotonic() - started:.0f} s, seed {given.seed}\n"
        f"{given.kills} kills, {len(verdict.lost)} lost, {len(verdict.doubled)} doubled, "
        f"{len(verdict.unbilled)} unbilled\n"
    )
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
