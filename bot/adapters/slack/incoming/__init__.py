"""What people say in Slack, on its way to the inbox."""
