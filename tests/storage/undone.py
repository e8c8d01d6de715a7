"""What undoes the later migrations in a test, so that a database of the first version can be brought up."""

from __future__ import annotations

import importlib

from tortoise.migrations.operations import CreateModel

from storage.database import Database, Dialect

FirstMigration = importlib.import_module("storage.migrations.0001_initial").Migration
_TABLES = {
    Dialect.SQLITE: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    Dialect.POSTGRES: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
}
_INDEXES = {
    Dialect.SQLITE: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
    Dialect.POSTGRES: "SELECT indexname AS name, indexdef AS sql FROM pg_indexes"
    " WHERE tablename = ? AND indexdef NOT LIKE 'CREATE UNIQUE%'",
}
_COLUMNS = {
    Dialect.SQLITE: "SELECT name FROM pragma_table_info(?)",
    Dialect.POSTGRES: "SELECT column_name AS name FROM information_schema.columns WHERE table_name = ?",
}


def _first_tables() -> dict[str, set[str]]:
    """The tables of the first migration, with their columns."""
    found = {}
    for operation in FirstMigration.operations:
        if isinstance(operation, CreateModel):
            columns = {getattr(kind, "source_field", None) or name for name, kind in operation.fields}
            found[str((operation.options or {})["table"])] = columns
    return found


async def undo_later(db: Database) -> None:
    """Leave of a database what the first migration made of it, with the rows it has.

    The first migration's own indexes go too and do not come back: for a database that no other test is given.
    """
    kept, cascade = _first_tables(), " CASCADE" if db.dialect is Dialect.POSTGRES else ""
    for row in await db.rows(_TABLES[db.dialect]):
        if row["name"] not in kept and row["name"] != "tortoise_migrations":
            await db.write(f'DROP TABLE "{row["name"]}"{cascade}')
    for table, columns in kept.items():
        later = {row["name"] for row in await db.rows(_COLUMNS[db.dialect], table)} - columns
        for index in await db.rows(_INDEXES[db.dialect], table):
            await db.write(f'DROP INDEX "{index["name"]}"')
        for column in sorted(later):
            await db.write(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    await db.write("DELETE FROM tortoise_migrations WHERE name > '0001_initial'")
