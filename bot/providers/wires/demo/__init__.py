"""The built-in provider: offline, honest about being a demo, able to show everything, failures included."""

from bot.providers.wires.demo.wire import Demo

__all__ = ["Demo"]
