"""``switchboard providers`` and ``switchboard models``: what there is, and what an admin enters."""
