"""Discord: events in, views out. discord.py is imported here and nowhere else."""
