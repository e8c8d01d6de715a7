"""What people order in Slack: words in threads, slash commands, buttons, shortcuts, the model's window."""
