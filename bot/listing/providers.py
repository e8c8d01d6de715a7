"""Every provider: whether it is set up, by which key, with how many models as of when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import click

from bot.config import Config
from bot.listing.tables import table
from bot.oneshot import registry, with_store
from bot.providers.catalog import ProviderRow
from bot.providers.registry import Registry
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Line:
    """One provider. ``credential`` is the key that everybody uses, "" for none; ``models`` counts what is offered.

    ``listed_at`` is when its list came, None where it has none or none came yet.
    """

    id: str
    name: str
    configured: bool
    entered: bool
    local: bool
    wire: str
    base_url: str
    credential: str
    models: int
    listed_at: datetime | None
    console_url: str
    privacy: str
    abilities: tuple[str, ...]
    preferred: tuple[str, ...]


def listed(config: Config, *, machine: bool) -> int:
    """Print them."""

    async def act(store: Store) -> int:
        async with registry(config, store) as found:
            lines = [_line(found, row) for row in found.rows()]
        click.echo(as_json(lines) if machine else as_text(lines))
        return 0

    return with_store(config, act)


def _line(found: Registry, row: ProviderRow) -> Line:
    return Line(
        id=row.id,
        name=row.name,
        configured=row in found.configured(),
        entered=found.is_custom(row.id),
        local=row.local,
        wire=row.wire,
        base_url=found.address(row),
        credential=found.credential_name(row.id),
        models=sum(model.id.provider == row.id for model in found.models()),
        listed_at=found.listed_at(row.id),
        console_url=row.console_url,
        privacy=row.privacy,
        abilities=tuple(sorted(row.can)),
        preferred=row.preferred,
    )


def as_json(lines: Sequence[Line]) -> str:
    """A list of objects, times in ISO 8601."""
    return json.dumps(list(map(asdict, lines)), default=datetime.isoformat, indent=2, ensure_ascii=False)


def as_text(lines: Sequence[Line]) -> str:
    """A table, what is set up first."""
    first = sorted(lines, key=lambda line: not line.configured)
    return table([("ID", "NAME", "SET UP", "MODELS", ""), *map(_row, first)])


def _row(line: Line) -> tuple[str, ...]:
    told = [
        f"by “{line.credential}”" if line.credential else "",
        "entered here" if line.entered else "",
        f"at {line.base_url}" if line.entered or (line.configured and line.local and line.base_url) else "",
        f"listed {line.listed_at:%Y-%m-%d %H:%M}" if line.listed_at else "",
    ]
    there = str(line.models) if line.configured else ""
    return line.id, line.name, "yes" if line.configured else "", there, ", ".join(filter(None, told))
