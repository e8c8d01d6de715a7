"""Which addresses may be connected to where somebody entered the address: the internet, and what the owner allows.

A name is looked at when it is entered and again at each connection, by what it leads to then: a name that led to a
public address may lead to the machine next door a minute later.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from bot.net.errors import NetRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_METADATA = tuple(
    ip_network(each) for each in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32")
)
"""Where clouds tell a machine its own secrets: only who names that network, or a part of it, gets there."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses whose last four bytes are the IPv4 address that a gateway connects to."""
_NAT64_WITHIN = IPv6Network("64:ff9b:1::/48")

RESOLVING = 5.0  # seconds


class Guard:
    """Lets connections through to public addresses, and to hosts and networks that are allowed."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allow(allowed)

    def allow(self, allowed: Iterable[str]) -> None:
        """What the owner allows from now on: host names, addresses and networks (``10.0.0.0/8``)."""
        names: set[str] = set()
        networks: list[Network] = []
        for each in allowed:
            try:
                networks.append(ip_network(each, strict=False))
            except ValueError:
                names.add(each.lower().rstrip("."))
        self._names, self._networks = frozenset(names), tuple(networks)

    def lets(self, host: str, address: str) -> bool:
        """Whether a connection to an address may be made that a host's name led to."""
        found = _plain(ip_address(address.partition("%")[0]))
        secret = next((each for each in _METADATA if _within(found, each)), None)
        if secret is not None:
            return any(_within(found, each) and _inside(each, secret) for each in self._networks)
        if found.is_global and not found.is_multicast and not _is_local(found):
            return True
        return host.lower().rstrip(".") in self._names or any(_within(found, each) for each in self._networks)

    def check_literal(self, host: str) -> None:
        """Raise NetRefused for an address that is written out and not let through; names are for later."""
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            return
        self.check(host, host)

    def check(self, host: str, address: str) -> None:
        """Raise NetRefused where the address is not let through."""
        if not self.lets(host, address):
            raise NetRefused(f"{host} leads to {address}, which is not a public address")

    async def look(self, url: str) -> None:
        """Look at what an address leads to now. Raises NetRefused; where the name is unknown too."""
        host = urlsplit(url).hostname or ""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVING):
                found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise NetRefused(f"{host} is not known to the name service here") from error
        for *_, where in found:
            self.check(host, str(where[0]))


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one, or that one leads to (NAT64, 6to4), as itself."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _is_local(address: Address) -> bool:
    """What ``is_global`` takes for the internet: the old site-local addresses, and NAT64 within a network."""
    return isinstance(address, IPv6Address) and (address.is_site_local or address in _NAT64_WITHIN)


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _inside(network: Network, other: Network) -> bool:
    """Whether a network is another or a part of it."""
    return _within(network.network_address, other) and network.prefixlen >= other.prefixlen
