"""Plausible bugs, planted one by one in a copy of the source: the suite must turn red at each."""
