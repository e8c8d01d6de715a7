"""Tables, vault and ledger. Speaks strings and numbers; knows nothing of chats or models."""
