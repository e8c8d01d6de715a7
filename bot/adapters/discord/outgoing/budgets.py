"""What Discord allows, as the budgets that delivery paces its calls by.

Where a call is counted is learned from its headers; these are where the budgets start.
"""

from __future__ import annotations

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.outgoing.calls import all_calls
from bot.core.surface import Rate, Spend

_IN_CHANNEL = Rate(5, 5.0)
_IN_ALL = Rate(45, 1.0)  # of 50: threads, typing and reading are counted there too (``Pace``)


def post(bot: Bot | None, channel: str) -> tuple[Spend, Spend]:
    """A new message: so many in a channel, a thread being one, and so many calls in all."""
    return Spend(f"discord:{channel}:post", _IN_CHANNEL), Spend(all_calls(bot), _IN_ALL)


def edit(bot: Bot | None, channel: str) -> tuple[Spend, Spend]:
    """An edit: counted apart from new messages."""
    return Spend(f"discord:{channel}:edit", _IN_CHANNEL), Spend(all_calls(bot), _IN_ALL)
