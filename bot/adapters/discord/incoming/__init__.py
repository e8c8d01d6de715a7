"""What comes from Discord: read, told apart, kept."""
