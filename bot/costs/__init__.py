"""``switchboard price`` and ``switchboard prices``: what requests cost, and the prices that an admin sets."""
