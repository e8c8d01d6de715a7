"""The schema's history: it only adds, and it leads to what the models describe."""

from pathlib import Path
from typing import Any

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.migrations import operations
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor

from storage.database import Database
from storage.migrating import APP, APPS, Connection
from storage.store import Store
from tests.conftest import ON_POSTGRES
from tests.storage.test_opening import database

ADDING = (operations.CreateModel, operations.AddField, operations.AddIndex, operations.RunPython)
# Names differ: a unique column's index is named by PostgreSQL, a foreign key's by the library, with a hash.
_POSTGRES = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "indexes": "SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') FROM pg_indexes"
    " WHERE schemaname = 'public'",
    "constraints": "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
}


def config(url: str) -> dict[str, Any]:
    """The library's configuration for an address."""
    scheme, _, rest = url.partition("://")
    kind = "sqlite" if scheme == "sqlite" else "asyncpg"
    return {"connections": {"default": f"{kind}://{rest}"}, "apps": APPS}


async def generate(url: str) -> None:
    """Make the tables from the models as they stand, without the migrations."""
    async with TortoiseContext() as context:
        await context.init(config=config(url))
        await context.generate_schemas()
        await context.close_connections()


async def described(url: str) -> dict[str, set[tuple[Any, ...]]]:
    """Columns, indexes and constraints of a database, without the library's own table."""
    return await described_on_server(url) if ON_POSTGRES else await described_in_file(url)


async def described_on_server(url: str) -> dict[str, set[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {
            what: {tuple(row) for row in await connection.fetch(sql) if row[0] != "tortoise_migrations"}
            for what, sql in _POSTGRES.items()
        }
    finally:
        await connection.close()


async def described_in_file(url: str) -> dict[str, set[tuple[Any, ...]]]:
    found: dict[str, set[tuple[Any, ...]]] = {"columns": set(), "indexes": set(), "constraints": set()}
    async with database(url) as db:
        tables = await db.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        for table in (row["name"] for row in tables if row["name"] != "tortoise_migrations"):
            columns = await db.rows(
                'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', table
            )
            found["columns"] |= {(table, *_values(row)) for row in columns}
            keys = await db.rows(
                'SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(?)', table
            )
            found["constraints"] |= {(table, *_values(row)) for row in keys}
            found["indexes"] |= await _indexes(db, table)
    return found


async def _indexes(db: Database, table: str) -> set[tuple[Any, ...]]:
    found = set()
    for index in await db.rows('SELECT name, "unique" FROM pragma_index_list(?)', table):
        columns = await db.rows("SELECT name FROM pragma_index_info(?) ORDER BY seqno", index["name"])
        found.add((table, index["unique"], *(column["name"] for column in columns)))
    return found


def _values(row: Any) -> tuple[Any, ...]:
    return tuple(row)


async def test_migrated_is_what_the_models_describe(
    store: Store, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    """A database that went through every migration equals one made from the models, indexes included."""
    migrated = await described(database_url)
    url = empty_database_url if ON_POSTGRES else f"sqlite:///{tmp_path}/generated.db"
    await generate(url.replace("sqlite:///", "sqlite://"))
    generated = await described(url)
    assert migrated == generated
    assert len({index[0] for index in migrated["indexes"]}) > 15


async def test_models_have_no_change_without_a_migration() -> None:
    """The library finds nothing to migrate but the models' descriptions, which are no part of the schema."""
    async with TortoiseContext() as context:
        await context.init(config=config("sqlite://:memory:"), init_connections=False)
        assert context.apps is not None
        changes = await MigrationAutodetector(context.apps, APPS).changes()
    found = [operation for writer in changes for operation in writer.operations]
    assert [one for one in found if not isinstance(one, operations.AlterModelOptions)] == []


async def test_migrations_only_add(store: Store, database_url: str) -> None:
    """Nothing is altered, renamed or removed; what is added to a table with rows is nullable or has a default."""
    async with database(database_url) as db:
        executor = MigrationExecutor(Connection(db, db.dialect).client, APPS)
        await executor.loader.build_graph()
    migrations = executor.loader.disk_migrations
    assert [key.app_label for key in migrations] == [APP] * len(migrations)
    for migration in migrations.values():
        for operation in migration.operations:
            assert isinstance(operation, ADDING), f"{migration.name}: {operation.describe()}"
            if isinstance(operation, operations.AddField):
                field: Any = operation.field
                assert field.null or field.has_db_default(), f"{migration.name}: {operation.describe()}"
