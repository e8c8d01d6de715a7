"""One model call, the only door to a model: access, limits, reservation, attempts, settlement."""
