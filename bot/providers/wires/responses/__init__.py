"""OpenAI's Responses: ``POST /responses``, never stored; it alone shows what a model thinks."""

from bot.providers.wires.responses.wire import Responses

__all__ = ["Responses"]
