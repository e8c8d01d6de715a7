"""What ``/ollama`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.providers.ollama.catalogue import Catalogue, Entry, Tag
from bot.providers.ollama.disk import KEPT_FREE
from bot.providers.ollama.forms import Details, Installed, Loaded
from bot.providers.ollama.managed import Need
from bot.providers.ollama.names import Name
from bot.providers.ollama.words import ago, amount, span, window

_HOW = "`/ollama search` and words finds more, `/ollama pull` and a name gets one."
_LISTED = 40  # models


@dataclass(frozen=True, slots=True)
class Overview:
    """What a server has. ``newer``, ``details`` and ``used`` by name; ``free`` bytes, None where not known."""

    address: str
    installed: Sequence[Installed]
    loaded: Sequence[Loaded]
    details: Mapping[str, Details]
    newer: Mapping[str, bool | None]
    used: Mapping[str, datetime]
    free: int | None
    under_way: Sequence[str]


def overview(seen: Overview) -> str:
    """Everything on one page."""
    count, size = len(seen.installed), sum(model.size for model in seen.installed)
    has = f"{count} model{'s' if count != 1 else ''}, {amount(size)} in all" if count else "no model yet"
    head = f"**Ollama** at {seen.address} has {has}. {_disk(seen.free)}"
    lines = [_line(model, seen) for model in seen.installed[:_LISTED]]
    more = [f"{count - _LISTED} more are not listed."] if count > _LISTED else []
    way = [f"Under way: {', '.join(seen.under_way)}."] if seen.under_way else []
    return "\n\n".join([head, *(["\n".join(lines)] if lines else []), *more, *way, *_newer(seen.newer), _HOW])


def _line(model: Installed, seen: Overview) -> str:
    details = seen.details.get(model.name)
    changed = f"changed {ago(model.modified_at, _now())}" if model.modified_at else ""
    last = seen.used.get(model.name)
    used = f"last used {ago(last, _now())}" if last else "never used here"
    parts = [_facts(model, details), changed, used, *_memory(model, seen.loaded)]
    newer = " **A newer version is there.**" if seen.newer.get(model.name) else ""
    return f"- `{Name.parse(model.name).short}`: {', '.join(part for part in parts if part)}.{newer}"


def _facts(model: Installed, details: Details | None) -> str:
    reads = f"reads {window(details.context)}" if details and details.context else ""
    family = " ".join(part for part in (model.family, model.parameters) if part)
    return ", ".join(part for part in (amount(model.size), family, model.quantisation, reads) if part)


def _memory(model: Installed, loaded: Sequence[Loaded]) -> list[str]:
    for each in loaded:
        if each.name == model.name:
            left = (each.expires_at - _now()).total_seconds() if each.expires_at else 0.0
            until = f" for {span(left)} more" if left > 0 else ""
            return [f"in memory ({amount(each.size)}{until})"]
    return []


def _newer(newer: Mapping[str, bool | None]) -> list[str]:
    """What is to be said of newer versions."""
    if any(newer.values()):
        return ["`/ollama update` gets the newer versions."]
    unknown = [name for name, is_newer in newer.items() if is_newer is None]
    if unknown and len(unknown) == len(newer):
        return ["Whether there are newer versions is not known: Ollama's library could not be asked."]
    return []


def nothing_newer(newer: Mapping[str, bool | None]) -> str:
    """The answer where no update was begun."""
    unknown = [f"`{Name.parse(name).short}`" for name, is_newer in newer.items() if is_newer is None]
    if not newer:
        return f"There is no model on this Ollama yet. {_HOW}"
    if unknown:
        return (
            f"Of {', '.join(unknown)} it is not known whether there is a newer version; the others are new."
        )
    return "Every model is in its newest version."


def _disk(free: int | None) -> str:
    return (
        "How much room its disk has is not known."
        if free is None
        else f"{amount(free)} of its disk are free."
    )


def about(
    name: Name,
    installed: Installed | None,
    details: Details | None,
    entry: Entry | None,
    catalogue: Catalogue,
) -> str:
    """One model."""
    parts = []
    if installed is not None:
        can = f" It can: {', '.join(details.can)}." if details and details.can else ""
        parts.append(f"**{name.short}** is here: {_facts(installed, details)}.{can}")
    if entry is not None:
        parts += [_entry_in_full(entry), _as_of(catalogue)]
    if installed is None:
        parts.append(f"`/ollama pull {name.short}` gets it.")
    return "\n\n".join(parts)


def unlisted(name: Name, need: Need) -> str:
    """A model that neither server nor catalogue has; the library may."""
    if need.size is None:
        return f"Nothing is known of `{name.short}` here, and Ollama's library could not be asked. {_HOW}"
    return (
        f"**{name.short}** is in Ollama's library: {amount(need.size)}. `/ollama pull {name.short}` gets it."
    )


def found(catalogue: Catalogue, entries: Sequence[Entry], typed: str, most: int) -> str:
    """What a search found."""
    if not entries:
        return f"Nothing in the list of {catalogue.as_of} has “{typed[:60]}” in it. {_by_name()}"
    lines = [_entry_in_short(entry) for entry in entries[:most]]
    more = len(entries) - len(lines)
    rest = f" {more} more: further words find fewer." if more else ""
    return "\n".join([*lines, "", f"{_as_of(catalogue)}{rest} {_by_name()}"])


def _by_name() -> str:
    return "Any name of Ollama's library works with `/ollama pull`."


def _entry_in_short(entry: Entry) -> str:
    usual, *others = entry.tags
    can = f", {', '.join(entry.can)}" if entry.can else ""
    also = f" Also {', '.join(f'{tag.tag} ({amount(tag.size)})' for tag in others)}." if others else ""
    return f"- `{_named(entry, usual)}`: {_size(usual)}{can}. {entry.about}{also}"


def _entry_in_full(entry: Entry) -> str:
    can = f" It can: {', '.join(entry.can)}." if entry.can else ""
    sizes = [f"- `{_named(entry, tag)}`: {_size(tag)}" for tag in entry.tags]
    return "\n".join([f"{entry.about}{can} Licence: {entry.licence}.", "", *sizes])


def _named(entry: Entry, tag: Tag) -> str:
    return entry.name if tag.tag == "latest" else f"{entry.name}:{tag.tag}"


def _size(tag: Tag) -> str:
    return f"about {amount(tag.size)}, {tag.parameters}, reads {window(tag.context)}"


def _as_of(catalogue: Catalogue) -> str:
    return f"The list is of {catalogue.as_of}."


def begun(name: Name, need: Need, *, update: bool) -> str:
    """A pull is handed in."""
    size = f" ({'about ' if need.about else ''}{amount(need.size)})" if need.size is not None else ""
    room = "" if need.free is not None else " How much room the disk of that server has is not known."
    verb = "is renewed" if update else "is being got"
    return f"**{name.short}**{size} {verb}; a message here shows how far it is.{room}"


def too_large(name: Name, need: Need) -> str:
    """It does not fit."""
    missing, free = amount(need.missing or 0), amount(need.free or 0)
    about = "about " if need.about else ""
    return (
        f"**{name.short}** does not fit: it needs {about}{missing} more, and of the {free} that are free "
        f"{amount(KEPT_FREE)} stay free. Nothing was begun. `/ollama remove` makes room, and a smaller size may fit."
    )


def sure(name: Name, installed: Installed) -> str:
    """Before something is removed."""
    short = name.short
    return (
        f"Remove **{short}** ({amount(installed.size)}) from the disk? Conversations with it will need another model; "
        f"it can be got again. The button does it, or `/ollama remove yes {short}`."
    )


def removed(name: Name, installed: Installed) -> str:
    """It is gone."""
    return f"**{name.short}** is removed; {amount(installed.size)} are free again, but for what other models share."


def which(action: str) -> str:
    """No name was given."""
    return f"Which model? For example: `/ollama {action} qwen3:8b`. `/ollama` lists what is there."


def _now() -> datetime:
    return datetime.now(UTC)
