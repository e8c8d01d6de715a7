"""Addresses as people write them. Each function raises ValueError with what is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit


def split(value: str, schemes: Sequence[str]) -> SplitResult:
    """The parts of an address with one of these schemes."""
    try:
        url = urlsplit(value)
        usable = url.scheme in schemes and (url.port is None or url.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"an address that does not begin with {' or '.join(s + '://' for s in schemes)}")
    return url


def web_address(value: str) -> str:
    """An address of HTTP, without a slash at its end."""
    url = split(value.strip(), ("http", "https"))
    if not url.hostname or re.search(r"\s", value.strip()):
        raise ValueError("an address without a usable host name")
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("an address with a user name, a password, a ? or a # in it")
    return value.strip().rstrip("/")
