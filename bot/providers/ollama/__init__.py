"""Ollama as something that is looked after: what it has, what there is to be had, and getting it."""
