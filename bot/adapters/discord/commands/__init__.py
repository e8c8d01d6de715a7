"""What people order in Discord: slash commands, buttons, menus, forms, words in messages."""
