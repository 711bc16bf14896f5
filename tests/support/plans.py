"""What the kept plan of a statement reads from end to end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import TextClause

from eventkit.statements import compiled
from eventkit.transaction import Transaction


async def read_whole(tx: Transaction, statement: TextClause) -> set[str]:
    """Tables that are scanned, and indexes that are read without a condition, whatever the parameters are.

    It is the plan that acts execute: prepared, generic, with their connections' settings.
    """
    known = compiled(statement)
    nothing = ", ".join(["NULL"] * len(known.names))
    await tx.conn.exec_driver_sql(f"PREPARE probe AS {known.sql}")
    explain = f"EXPLAIN (FORMAT JSON) EXECUTE probe{f'({nothing})' if nothing else ''}"
    plan = (await tx.conn.exec_driver_sql(explain)).scalar_one()
    await tx.conn.exec_driver_sql("DEALLOCATE probe")
    (document,) = msgspec.json.decode(plan)
    return set(_read_whole(document["Plan"]))


def _read_whole(node: dict[str, Any]) -> Iterator[str]:
    kind = node["Node Type"]
    if kind == "Seq Scan":
        yield node["Relation Name"]
    elif kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"} and "Index Cond" not in node:
        yield node["Index Name"]
    for below in node.get("Plans", ()):
        yield from _read_whole(below)
