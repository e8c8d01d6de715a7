"""The heart: one message in, one streamed reply out."""
