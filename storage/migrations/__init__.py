"""The schema's history, in order. A migration only adds (docs/adr/0005-migrations.md)."""
