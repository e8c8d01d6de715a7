"""Which addresses may be connected to where somebody entered the address."""

from __future__ import annotations

import pytest

from bot.net.errors import NetRefused
from bot.net.guard import Guard
from bot.net.http import Http
from tests.fakes.provider import ProviderServer


@pytest.mark.parametrize(
    ("address", "allowed", "lets"),
    [
        ("93.184.215.14", (), True),
        ("2606:4700::1111", (), True),
        ("127.0.0.1", (), False),
        ("10.1.2.3", (), False),
        ("192.168.1.7", (), False),
        ("172.16.0.1", (), False),
        ("100.64.0.1", (), False),
        ("0.0.0.0", (), False),
        ("224.0.0.1", (), False),
        ("::1", (), False),
        ("fd12::1", (), False),
        ("fe80::1%eth0", (), False),
        ("::ffff:10.1.2.3", (), False),
        ("::ffff:10.1.2.3", ("10.0.0.0/8",), True),
        ("64:ff9b::10.1.2.3", (), False),
        ("64:ff9b::10.1.2.3", ("10.0.0.0/8",), True),
        ("64:ff9b::93.184.215.14", (), True),
        ("64:ff9b::169.254.169.254", ("box.internal",), False),
        ("64:ff9b:1::10.1.2.3", (), False),
        ("2002:7f00:1::", (), False),
        ("fec0::1", (), False),
        ("10.1.2.3", ("10.0.0.0/8",), True),
        ("10.1.2.3", ("BOX.internal.",), True),
        ("10.1.2.3", ("other.internal",), False),
        ("127.0.0.1", ("127.0.0.1",), True),
        ("169.254.169.254", ("0.0.0.0/0", "box.internal"), False),
        ("169.254.169.254", ("169.254.169.254",), True),
        ("fd00:ec2::254", ("fc00::/7",), False),
        ("100.100.100.200", ("100.64.0.0/10",), False),
    ],
)
def test_what_is_not_public_has_to_be_allowed(address: str, allowed: tuple[str, ...], lets: bool) -> None:
    """By its name, its address or its network; where clouds keep their secrets only by that itself."""
    assert Guard(allowed).lets("box.internal", address) is lets


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "no-such-host.invalid"])
async def test_an_address_is_looked_at_by_what_it_leads_to(host: str) -> None:
    """However it is written."""
    with pytest.raises(NetRefused):
        await Guard().look(f"http://{host}:80/v1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_each_connection_is_looked_at(host: str) -> None:
    """Not only the entry; what is allowed meanwhile is let through, what is not so any more is refused."""
    guard = Guard()
    async with ProviderServer(key="") as server, Http(guard=guard) as http:
        url = server.url.replace("127.0.0.1", host) + "/models"
        with pytest.raises(NetRefused):
            await http.request("GET", url)
        guard.allow([host, "127.0.0.1"])
        assert (await http.request("GET", url)).status == 200
    async with ProviderServer(key="") as server, Http(guard=Guard()) as http:
        with pytest.raises(NetRefused, match="not a public address"):
            await http.request("GET", f"{server.url}/models")
