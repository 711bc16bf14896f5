"""Gives each test of a service the rows that the first one found, on one database for all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
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
    """The rows of one moment. Deleting a few rows is much faster than a database of its own for each test.

    The connection stays open: making one costs more than putting the rows back.
    """

    def __init__(self, url: str, connection: asyncpg.Connection) -> None:
        self._url = url
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str, *, except_for: Collection[str] = ()) -> AsyncIterator[Self]:
        """Remember all rows as they are now, in a schema of their own; some tables are left alone."""
        made = cls(url, await asyncpg.connect(url))
        try:
            await made._remember(except_for)
            yield made
        finally:
            await made._connection.close()

    async def restore(self) -> None:
        """Put all tables back to the remembered rows."""
        if self._connection.is_closed():  # by a test that ends connections
            self._connection = await asyncpg.connect(self._url)
        await self._connection.execute("SELECT baseline.restore()")

    async def _remember(self, except_for: Collection[str]) -> None:
        await self._connection.execute("CREATE SCHEMA baseline")
        steps = [
            await self._step(row)
            for row in await self._connection.fetch(TABLES)
            if row["name"] not in except_for
        ]
        await self._connection.execute(
            "CREATE FUNCTION baseline.restore() RETURNS void LANGUAGE plpgsql AS $restore$ BEGIN\n"
            + "\n".join(steps)
            + "\nEND $restore$"
        )

    async def _step(self, table: asyncpg.Record) -> str:
        """Copy the table's rows; return the statements that put them back."""
        name, columns = table["name"], table["columns"]
        await self._connection.execute(f'CREATE TABLE baseline."{name}" AS SELECT {columns} FROM "{name}"')
        steps = [f'DELETE FROM "{name}";']
        if table["guarded"]:  # what a trigger refuses to services is done between two tests
            refusing, again = (f'ALTER TABLE "{name}" {how} TRIGGER USER;' for how in ("DISABLE", "ENABLE"))
            steps = [refusing, *steps, again]
        emptied = f'IF EXISTS (SELECT FROM "{name}") THEN {" ".join(steps)} END IF;'
        if not await self._connection.fetchval(f'SELECT count(*) FROM "{name}"'):
            return emptied
        return (
            f'{emptied} INSERT INTO "{name}" ({columns}) OVERRIDING SYSTEM VALUE '
            f'SELECT {columns} FROM baseline."{name}";'
        )
