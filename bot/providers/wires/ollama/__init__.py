"""Ollama's own wire: ``POST /api/chat``, a line of JSON for every piece."""

from bot.providers.wires.ollama.wire import Ollama

__all__ = ["Ollama"]
