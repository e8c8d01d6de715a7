"""The generic AI gateway: ``POST /api/generate``, answered as JSON, plain text, events or an AI SDK data stream."""

from bot.providers.wires.gateway.wire import Gateway

__all__ = ["Gateway"]
