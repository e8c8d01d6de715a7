"""``switchboard test``: whether a provider works, beside a Switchboard that runs or before one does."""
