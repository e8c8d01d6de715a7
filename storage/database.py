"""Statements and transactions on either database."""

from __future__ import annotations


class Database:
    """Connections to one database."""
