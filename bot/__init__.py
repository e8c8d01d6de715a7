"""Switchboard: language models in a team's threads. See docs/adr/0001-floors.md for what may import what."""
