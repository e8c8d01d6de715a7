"""The text of an answer as pages that each fit one message, cut where a reader would cut them."""
