"""The edges that are chat platforms. They do not know one another."""
