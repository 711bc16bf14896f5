"""Gives each test of a service the rows that the first one found, on one database for all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Self

import asyncpg

TABLES: Final = """
SELECT c.relname AS name, c.relhastriggers AND EXISTS (
           SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS guarded,
       string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY c.oid, c.relname ORDER BY c.relname
"""


class Baseline:
    """The rows of one moment. Deleting a few rows is much faster than a database of its own for each test."""

    def __init__(self, url: str, script: str) -> None:
        self._url = url
        self._script = script

    @classmethod
    async def of(cls, url: str, *, except_for: Collection[str] = ()) -> Self:
        """Remember all rows as they are now, in a schema of their own; some tables are left alone."""
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("CREATE SCHEMA baseline")
            steps = [
                _unguarded(row, await _remember(connection, row["name"], row["columns"]))
                for row in await connection.fetch(TABLES)
                if row["name"] not in except_for
            ]
        finally:
            await connection.close()
        return cls(url, "".join(steps))

    async def restore(self) -> None:
        """Put all tables back to the remembered rows."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(self._script)
        finally:
            await connection.close()


def _unguarded(table: asyncpg.Record, step: str) -> str:
    """What a table's trigger refuses to services, such as to delete from the audit trail, is done between two tests."""
    name = table["name"]
    if not table["guarded"]:
        return step
    return f'ALTER TABLE "{name}" DISABLE TRIGGER USER; {step} ALTER TABLE "{name}" ENABLE TRIGGER USER;'


async def _remember(connection: asyncpg.Connection, table: str, columns: str) -> str:
    """Copy the table's rows; return the statements that put them back."""
    await connection.execute(f'CREATE TABLE baseline."{table}" AS SELECT {columns} FROM "{table}"')
    if not await connection.fetchval(f'SELECT count(*) FROM "{table}"'):
        return f'DELETE FROM "{table}";'
    return (
        f'DELETE FROM "{table}"; INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE '
        f'SELECT {columns} FROM baseline."{table}";'
    )
