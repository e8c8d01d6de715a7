"""The site and its API: an edge, as the chat platforms are."""
