"""Which requests may change something."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from web.csrf import is_same_origin


@pytest.mark.parametrize(
    ("headers", "public_url", "allowed"),
    [
        ({"sec-fetch-site": "same-origin"}, "http://127.0.0.1:8000", True),
        ({"sec-fetch-site": "none"}, "http://127.0.0.1:8000", True),
        ({"sec-fetch-site": "same-site"}, "http://127.0.0.1:8000", False),
        ({"sec-fetch-site": "cross-site"}, "http://127.0.0.1:8000", False),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000", False),
        ({"origin": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000", True),
        ({"origin": "https://chat.test"}, "https://chat.test/", True),
        ({"origin": "http://box.test:8000", "host": "box.test:8000"}, "http://127.0.0.1:8000", True),
        ({"origin": "http://evil.test", "host": "box.test:8000"}, "http://127.0.0.1:8000", False),
        ({"origin": "https://evil.test", "host": "evil.test"}, "https://chat.test", False),
        ({"origin": "null", "host": "null"}, "http://127.0.0.1:8000", False),
        ({}, "http://127.0.0.1:8000", False),
    ],
)
def test_only_our_own_pages(headers: dict[str, str], public_url: str, *, allowed: bool) -> None:
    """The browser's own word counts first, then the origin; silence is refused."""
    assert is_same_origin(Headers(headers), public_url) is allowed
