"""Slack's Web API as data. A method that is not in here does not exist."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.slack import chat_methods, other_methods
from tests.fakes.slack.methods import Method

METHODS: Mapping[str, Method] = {row.name: row for row in (*chat_methods.ROWS, *other_methods.ROWS)}
