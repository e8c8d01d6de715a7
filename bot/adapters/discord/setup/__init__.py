"""The Discord application itself: what it may do and why, its invite links, and whether all of it works."""
