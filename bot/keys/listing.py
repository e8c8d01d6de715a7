"""Every key there is, of the vault and of the environment, without the key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.config import Config
from bot.platforms import PLATFORMS
from bot.providers.catalog import CATALOG
from storage.credentials import INSTALLATION, Credential, last_four


@dataclass(frozen=True, slots=True)
class Line:
    """One key. ``setting`` names the environment's; ``behind`` names the one that is used in its place.

    ``disabled``: it is kept, and not used.
    """

    name: str
    provider: str
    scope: str
    last_four: str
    base_url: str | None = None
    organisation: str | None = None
    changed_at: datetime | None = None
    used_at: datetime | None = None
    setting: str | None = None
    behind: str | None = None
    disabled: bool = False


def lines(config: Config, kept: Sequence[Credential]) -> list[Line]:
    """By provider; the stored ones first, for they come before the environment's."""
    found = []
    for row in CATALOG:
        stored = [each for each in kept if each.provider == row.id]
        found += [_stored(each, stored) for each in stored]
        given = config.providers.get(row.id)
        if given is None or not (given.api_key or given.base_url):
            continue
        secret = given.api_key.get_secret_value() if given.api_key else ""
        setting = row.key_env if secret else row.base_url_env
        everybodys = [each for each in stored if each.scope == INSTALLATION and not each.disabled_at]
        found.append(
            Line(
                name=setting,
                provider=row.id,
                scope=INSTALLATION,
                last_four=last_four(secret),
                base_url=given.base_url,
                setting=setting,
                behind=max(everybodys, key=lambda each: each.id).name if everybodys else None,
            )
        )
    known = {row.id for row in CATALOG}
    others = [each for each in kept if each.provider not in known]
    # Of a chat platform's connections all are used, each for its own workspace.
    return found + [_stored(each, [each] if each.provider in PLATFORMS else others) for each in others]


def _stored(one: Credential, others: Sequence[Credential]) -> Line:
    rivals = [
        each
        for each in others
        if (each.provider, each.scope) == (one.provider, one.scope) and not each.disabled_at
    ]
    newest = max(rivals, key=lambda each: each.id, default=one)
    return Line(
        name=one.name,
        provider=one.provider,
        scope=one.scope.removeprefix("place:"),
        last_four=one.last_four,
        base_url=one.base_url,
        organisation=one.organisation,
        changed_at=one.changed_at,
        used_at=one.used_at,
        behind=None if newest.id == one.id or one.disabled_at else newest.name,
        disabled=one.disabled_at is not None,
    )


def as_json(found: Sequence[Line]) -> str:
    """A list of objects, times in ISO 8601."""
    return json.dumps(
        [asdict(line) for line in found], default=datetime.isoformat, indent=2, ensure_ascii=False
    )


def as_text(found: Sequence[Line]) -> str:
    """A table."""
    if not found:
        return "There is no key: `switchboard keys add PROVIDER --name NAME` enters one."
    rows = [("NAME", "PROVIDER", "FOR", "ENDS IN", "")] + [
        (line.name, line.provider, line.scope, f"…{line.last_four}" if line.last_four else "-", _more(line))
        for line in found
    ]
    wide = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, wide, strict=False)), row[4]]).rstrip()
        for row in rows
    )


def _more(line: Line) -> str:
    told = [
        f"from {line.setting}" if line.setting else "",
        f"at {line.base_url}" if line.base_url else "",
        f"organisation {line.organisation}" if line.organisation else "",
        f"changed {line.changed_at:%Y-%m-%d %H:%M}" if line.changed_at else "",
        f"last used {line.used_at:%Y-%m-%d %H:%M}" if line.used_at else "",
        "disabled" if line.disabled else "",
        f"not used: “{line.behind}” comes before it" if line.behind else "",
    ]
    return ", ".join(filter(None, told))
