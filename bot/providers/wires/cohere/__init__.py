"""Cohere's wire: ``POST /v2/chat``."""

from bot.providers.wires.cohere.wire import Cohere

__all__ = ["Cohere"]
