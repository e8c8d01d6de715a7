"""``switchboard keys``: stored keys of providers, on the command line, beside a Switchboard that runs."""
