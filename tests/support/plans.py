"""The kept plan of a statement: what it reads from end to end, and by which indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from eventkit.statements import compiled
from eventkit.transaction import Transaction

Node = dict[str, Any]


async def read_whole(tx: Transaction, statement: TextClause) -> set[str]:
    """Tables that are scanned, and indexes that are read without a condition, whatever the parameters are."""
    nodes = await _kept_plan(tx, statement)
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    return scanned | {
        node["Index Name"] for node in nodes if "Index Name" in node and "Index Cond" not in node
    }


async def indexes_of(tx: Transaction, statement: TextClause) -> set[str]:
    """The indexes by which rows are found."""
    return {node["Index Name"] for node in await _kept_plan(tx, statement) if "Index Cond" in node}


async def _kept_plan(tx: Transaction, statement: TextClause) -> list[Node]:
    """The nodes of the plan that acts execute: prepared, generic, with their connections' settings."""
    known = compiled(statement)
    nothing = ", ".join(["NULL"] * len(known.names))
    await tx.run(_literally(f"PREPARE probe AS {known.sql}"))
    explain = f"EXPLAIN (FORMAT JSON) EXECUTE probe{f'({nothing})' if nothing else ''}"
    ((plan,),) = await tx.all(_literally(explain))
    await tx.run(_literally("DEALLOCATE probe"))
    (document,) = msgspec.json.decode(plan)
    return list(_nodes(document["Plan"]))


def _literally(sql: str) -> TextClause:
    """A statement without parameters, whatever colons it has."""
    return text(sql.replace(":", r"\:"))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
