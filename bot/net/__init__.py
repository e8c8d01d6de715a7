"""The network: one HTTP client, and the readers for what streams through it. Imports nothing of bot."""
