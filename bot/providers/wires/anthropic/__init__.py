"""Anthropic's wire: ``POST /v1/messages``."""

from bot.providers.wires.anthropic.wire import Anthropic

__all__ = ["Anthropic"]
