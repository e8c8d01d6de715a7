"""The site's server inside our own loop, on a socket that is taken before anything else is made."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from bot.config import Config
from bot.core.errors import SwitchboardError


class PortTaken(SwitchboardError):
    """Somebody else listens where we should."""


class Server(uvicorn.Server):
    """It leaves the signals to the root."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(site: Callable[..., Any], config: Config) -> Server:
    """What serves an ASGI application, not started."""
    return Server(
        uvicorn.Config(
            site,
            log_config=None,
            access_log=False,  # paths carry sign-in tokens
            proxy_headers=bool(config.trusted_proxies),
            forwarded_allow_ips=list(config.trusted_proxies),
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )


def listen(config: Config) -> socket.socket:
    """Where HOST and PORT say. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # The protocol named: asyncio turns Nagle's delay off only where it sees TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        where = f"{config.host}:{config.port}"
        say = f"Cannot listen on {where} ({error.strerror}). Is it in use? PORT chooses another."
        raise PortTaken(say=say) from None
    listener.listen(512)
    return listener


def public_url(config: Config, listener: socket.socket) -> str:
    """The address people open; with PORT=0 the port is known only now."""
    if not config.public_url.endswith(":0"):
        return config.public_url
    return f"{config.public_url.removesuffix(':0')}:{listener.getsockname()[1]}"
