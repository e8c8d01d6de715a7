"""``switchboard webhooks``: the addresses that are told of alerts."""
