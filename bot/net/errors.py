"""What the network may do to a request.

    NetError
    ├── NetTimeout   no connection within the connect timeout
    ├── NetBroken    no connection, or it broke
    │   └── NetRefused   the guard does not let us connect to where the address leads
    └── TooLarge     a body, or one event of a stream, is over its size cap

The texts hold no header, hence no key.
"""

from __future__ import annotations


class NetError(Exception):
    """Base of them all."""


class NetTimeout(NetError):
    """No connection in time."""


class NetBroken(NetError):
    """No connection could be made, or it broke."""


class NetRefused(NetBroken):
    """The address leads to a place that is closed to addresses which somebody entered."""


class TooLarge(NetError):
    """A body, or one event of a stream, is over its size cap."""
