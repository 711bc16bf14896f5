"""Executes SQLAlchemy's textual statements by asyncpg itself.

SQLAlchemy takes three to five times as long for them, which counts where an act is a handful of statements.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any, Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


class Row(asyncpg.Record):
    """A row whose columns are attributes too."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Compiled:
    """A statement as asyncpg takes it."""

    __slots__ = ("names", "sql")

    def __init__(self, statement: TextClause) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = compiled.string
        self.names = tuple(getattr(compiled, "positiontup", None) or ())

    def arguments(self, params: dict[str, Any]) -> list[Any]:
        """The values in the order of the statement's parameters. Raises TypeError on a missing or unknown name."""
        if len(params) != len(self.names) or any(name not in params for name in self.names):
            raise TypeError(f"the statement takes {sorted(self.names)}, not {sorted(params)}")
        return [params[name] for name in self.names]


@lru_cache(maxsize=2000)
def compiled(statement: TextClause) -> Compiled:
    """Compile once; statements are constants of modules."""
    return Compiled(statement)


async def fetch(conn: PoolConnectionProxy, statement: TextClause, params: dict[str, Any]) -> list[Row]:
    """Execute a statement and fetch its rows."""
    known = compiled(statement)
    rows: list[Row] = await conn.fetch(known.sql, *known.arguments(params), record_class=Row)
    return rows


def stream(conn: PoolConnectionProxy, statement: TextClause, params: dict[str, Any]) -> AsyncIterator[Row]:
    """The rows of a statement by a cursor of the open transaction."""
    known = compiled(statement)
    return aiter(conn.cursor(known.sql, *known.arguments(params), record_class=Row))


async def execute(conn: PoolConnectionProxy, statement: TextClause, params: dict[str, Any]) -> int:
    """Execute a statement; returns the number of affected rows, from PostgreSQL's command tag."""
    known = compiled(statement)
    tag: str = await conn.execute(known.sql, *known.arguments(params))
    count = tag.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
