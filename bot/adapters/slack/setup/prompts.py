"""What the agent view suggests to somebody who has not said anything yet."""

PROMPTS = (
    ("Explain something", "Explain how a large language model chooses its next word, to somebody who is new to it."),
    ("Draft a message", "Draft a short, friendly message that moves our meeting from Tuesday to Thursday."),
    ("Compare two things", "Compare PostgreSQL and SQLite for a team of ten, in a table."),
    ("What can you do?", "!help"),
)  # fmt: skip
"""Titles and what is said where one is chosen; Slack shows four."""
