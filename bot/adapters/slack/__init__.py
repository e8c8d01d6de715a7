"""Slack: events in, views out. slack-bolt and slack-sdk are imported here and nowhere else."""
