"""Applies migrations with the database library's own machinery, but through our connection.

The library records a migration after the transaction that applied it; a crash in between would leave a schema that
can neither be used nor migrated. Here all migrations and their records are one transaction. Imported only where
there is something to migrate: the library's models take a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tortoise.backends.base.client import BaseDBAsyncClient, Capabilities
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.migration import Migration
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, BaseSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.schema_generator.state import State

from storage.database import Dialect, Row, Statements

APP = "storage"
APPS: dict[str, dict[str, Any]] = {
    APP: {"models": ["storage.models"], "migrations": "storage.migrations", "default_connection": "default"}
}


class Connection:
    """What the library's schema editors and recorder need of a connection, on a transaction of ours."""

    connection_name = "default"

    def __init__(self, statements: Statements, dialect: Dialect) -> None:
        self.statements, self.dialect = statements, dialect
        self.capabilities = Capabilities(dialect.value, can_rollback_ddl=True)

    async def execute_query(self, sql: str, values: Sequence[Any] = ()) -> tuple[int, Sequence[Row]]:
        """Run a statement; its rows and their number."""
        rows = await self.statements.rows(_marked(sql), *values)
        return len(rows), rows

    async def execute_insert(self, sql: str, values: Sequence[Any]) -> None:
        """Run an INSERT."""
        await self.statements.write(_marked(sql), *values)

    async def execute_script(self, sql: str) -> None:
        """Run statements one by one: a script would end the transaction on SQLite."""
        for statement in filter(None, map(str.strip, sql.split(";"))):
            await self.statements.write(statement)

    @property
    def client(self) -> BaseDBAsyncClient:
        """This, by the library's type."""
        return cast("BaseDBAsyncClient", self)

    def editor(self) -> BaseSchemaEditor:
        """The library's editor for this database."""
        kind = SqliteSchemaEditor if self.dialect is Dialect.SQLITE else AsyncpgSchemaEditor
        return kind(self.client, atomic=True)


def _marked(sql: str) -> str:
    """The library numbers its values on PostgreSQL and lists them in that order; we mark them with ``?``."""
    for number in range(9, 0, -1):
        sql = sql.replace(f"${number}", "?")
    return sql


class Migrator(MigrationExecutor):
    """The library's executor, applying everything inside a transaction that is open already."""

    def __init__(self, connection: Connection, apps: Mapping[str, dict[str, Any]] = APPS) -> None:
        super().__init__(connection.client, dict(apps))
        self._ours = connection

    async def apply_all(self) -> list[str]:
        """Apply what is missing and record it; the names of what was applied."""
        await self.recorder.ensure_schema(self._ours.editor())
        plan = await self.plan()
        state = await self._project_state(set(await self.recorder.applied_migrations()))
        for step in plan:
            await self._apply(step.migration, state)
            await self.recorder.record_applied(step.migration.app_label, step.migration.name)
        return [step.migration.name for step in plan]

    async def _apply(self, migration: Migration, state: State) -> None:
        """Apply one migration.

        The library's own loop copies the whole state before each operation, for operations that alter or remove;
        ours only add, and without the copies a first start takes a tenth of the time.
        """
        editor = self._ours.editor()
        for operation in migration.operations:
            operation.state_forward(migration.app_label, state)
            await operation.database_forward(migration.app_label, state, state, editor)


async def apply_all(statements: Statements, dialect: Dialect) -> list[str]:
    """Bring the schema up to date inside a transaction; the names of what was applied."""
    return await Migrator(Connection(statements, dialect)).apply_all()
