"""What is typed into the fields of forms, read and checked; what is wrong stands at its field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from bot.core.errors import BadInput
from bot.core.money import NANO, parse_dollars
from bot.net.addresses import web_address
from bot.net.errors import NetRefused
from bot.net.guard import Guard
from bot.providers import facts
from bot.providers.customs import HOSTS, allowed
from bot.providers.rates import plain
from storage.settings import Settings
from web.forms import Form

INSTALLATION = "installation"
_LONGEST_NAME = 80
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be connected to. ``allow`` is its host where that has to be allowed first, else ""."""

    url: str = ""
    allow: str = ""


def name(form: Form, field: str, what: str) -> str:
    """A name that is not empty and can be printed."""
    text = form.needs(field, f"Give {what} a name, so that people know which one is meant.")
    if text and not (text.isprintable() and len(text) <= _LONGEST_NAME):
        form.refuse(field, f"A name has at most {_LONGEST_NAME} characters, all of them printable.")
    return text


def secret(form: Form, field: str) -> str:
    """A key, "" where none was typed. Anything that cannot travel in a header is a slip in copying."""
    text = form[field]
    if text and not re.fullmatch(r"[!-~]+", text):
        form.refuse(
            field, "There is a space or a special character in it. Copy it again, without its surroundings."
        )
    return text


async def address(form: Form, field: str, settings: Settings, *, may_allow: bool) -> Address:
    """An address to connect to; ``Address()`` where none was typed, or it is wrong.

    It has to lead to the internet, or to a host that is allowed; where ``may_allow`` the form's own "allow" allows it.
    """
    if not form[field]:
        return Address()
    try:
        url = web_address(form[field])
    except ValueError as error:
        form.refuse(
            field, f"This is {error}. Write http:// or https:// and a host, without a password or a ?."
        )
        return Address()
    hosts, host = await allowed(settings), urlsplit(url).hostname or ""
    try:
        await Guard(hosts).look(url)
    except NetRefused as error:
        if may_allow and form["allow"] == "yes":
            return await _allowed(form, field, url, (*hosts, host))
        owner = (
            "Tick the box beneath if it is a server of yours."
            if may_allow
            else "An owner can allow its host."
        )
        form.refuse(field, f"{str(error)[:1].upper()}{str(error)[1:]}. {owner}")
        return Address()
    return Address(url)


async def _allowed(form: Form, field: str, url: str, hosts: tuple[str, ...]) -> Address:
    try:
        await Guard(hosts).look(url)
    except NetRefused as error:
        form.refuse(field, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return Address()
    return Address(url, hosts[-1])


async def allow(settings: Settings, host: str, by: int) -> None:
    """Let addresses on a host be connected to from now on. Audited."""
    hosts = await allowed(settings)
    if host and host not in hosts:
        await settings.set(INSTALLATION, HOSTS, [*hosts, host], by)


def tokens(form: Form, field: str) -> int | None:
    """A number of tokens, as people write it: 8192, 128k, 1M. None where none was typed."""
    text = form[field].lower().replace(",", "")
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,9})\s*([km]?)(?: tokens)?", text)
    number = int(found[1]) * _UNITS[found[2]] if found else None
    if not facts.tokens(number):
        form.refuse(field, "Write a number of tokens, like 8192, 128k or 1M.")
        return None
    return number


def dollars(form: Form, field: str) -> Decimal | None:
    """An amount of dollars. None where none was typed, or it is wrong."""
    if not form[field]:
        return None
    try:
        return Decimal(parse_dollars(form[field])) / NANO
    except BadInput as error:
        form.refuse(field, error.say)
        return None


def figure(form: Form, field: str) -> str | None:
    """The same as a decimal string, as prices are kept."""
    amount = dollars(form, field)
    return None if amount is None else plain(amount)


def day(form: Form, field: str) -> date | None:
    """A day, as ``<input type="date">`` sends it."""
    if not form[field]:
        return None
    try:
        return date.fromisoformat(form[field])
    except ValueError:
        form.refuse(field, "Write a day like 2027-01-31.")
        return None


def first_moment(of: date | None) -> datetime:
    """When a day begins (UTC); now where none is meant."""
    return datetime.now(UTC) if of is None else datetime(of.year, of.month, of.day, tzinfo=UTC)
