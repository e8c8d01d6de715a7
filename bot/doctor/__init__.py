"""``switchboard doctor``: looks at everything that has to work, beside a Switchboard that runs or before one does."""
