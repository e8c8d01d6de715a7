"""What Switchboard shows in Discord."""
