"""What runs by the clock, and what keeps running parts running."""
