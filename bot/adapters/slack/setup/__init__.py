"""The Slack app itself: its manifest, what it may do and why, and whether all of it works."""
