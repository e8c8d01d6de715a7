"""What Switchboard shows in Slack."""
