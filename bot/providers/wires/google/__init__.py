"""Gemini's own wire: ``POST /models/MODEL:streamGenerateContent``."""

from bot.providers.wires.google.wire import Google

__all__ = ["Google"]
