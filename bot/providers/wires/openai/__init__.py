"""The OpenAI-compatible wire: ``POST /chat/completions``, as OpenAI and most other servers speak it."""

from bot.providers.wires.openai.wire import OpenAI

__all__ = ["OpenAI"]
