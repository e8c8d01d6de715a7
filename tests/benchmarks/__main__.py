"""`make bench`: prints the tables of what is measured. It never fails on a time; machines are shared and noisy."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Sequence

from tests.benchmarks import delivery, discord, failing, pages, program, providers, slack, storage, usage
from tests.databases import SERVER

Rows = Sequence[Sequence[str]]


def table(title: str, head: Sequence[str], rows: Rows) -> None:
    """Print one table, columns as wide as they need to be."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    print(f"\n{title}")
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _program() -> None:
    table("The program", ("what", "measured", "goal"), program.measure())


def _storage() -> None:
    table("Storage (medians, ms)", storage.HEAD, asyncio.run(storage.rows(SERVER)))


def _usage() -> None:
    table("Usage reports (the slowest of each, medians, ms)", usage.HEAD, asyncio.run(usage.rows(SERVER)))


def _pages() -> None:
    table(
        "Pages of the site, 100,000 conversations, 1,000,000 entries", pages.HEAD, asyncio.run(pages.rows())
    )


def _providers() -> None:
    table("The provider core (µs of CPU per chunk)", providers.HEAD, providers.rows())


def _failing() -> None:
    table("Failing well", failing.HEAD, asyncio.run(failing.rows()))


def _delivery() -> None:
    table("The growing reply (virtual clock)", delivery.HEAD, delivery.rows())


def _slack() -> None:
    table(
        "The growing reply in Slack (virtual clock, real client and surface)", slack.HEAD, list(slack.rows())
    )


def _discord() -> None:
    table("The growing reply in Discord (virtual clock, real surface)", discord.HEAD, list(discord.rows()))


PARTS: dict[str, Callable[[], None]] = {
    "program": _program,
    "storage": _storage,
    "usage": _usage,
    "pages": _pages,
    "providers": _providers,
    "failing": _failing,
    "delivery": _delivery,
    "slack": _slack,
    "discord": _discord,
}


def main(names: Sequence[str]) -> int:
    """Run the parts named, or all of them."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    for name in names or PARTS:
        PARTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
