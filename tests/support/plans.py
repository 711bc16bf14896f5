"""Plans: what the kept one of a statement reads, and by which indexes; what the one of a list did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Select, TextClause, text
from sqlalchemy.dialects import postgresql

from eventkit.statements import compiled
from eventkit.transaction import Transaction

Node = dict[str, Any]
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
PARSED: Final = "(o.body)::jsonb"
"""Where the views of lines parse an order; other steps show what they get from it in further parentheses."""


@dataclass(frozen=True)
class Work:
    """What a query did: counted, so that it is the same on each machine."""

    rows: int
    """The most rows that one step has seen, those that it dropped included."""
    orders_parsed: int


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


async def work_of(tx: Transaction, query: Select[Any]) -> list[Work]:
    """What a list costs: joined by indexes and loops alone, then as the planner likes, then with statistics."""
    sql = str(query.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    loops = await _work_of(tx, sql)
    for setting in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan"):
        await tx.run(text(f"SET LOCAL {setting} = on"))
    guessed = await _work_of(tx, sql)
    await tx.run(text("ANALYZE"))
    return [loops, guessed, await _work_of(tx, sql)]


async def _work_of(tx: Transaction, sql: str) -> Work:
    ((plan,),) = await tx.all(_literally(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {sql}"))
    (document,) = msgspec.json.decode(plan)
    nodes = list(_nodes(document["Plan"]))
    parsing = [node for node in nodes if PARSED in node.get("Output", ())]
    return Work(max(map(_seen, nodes)), sum(node["Actual Rows"] * node["Actual Loops"] for node in parsing))


def _seen(node: Node) -> int:
    """Rows that a step gave or dropped; per loop they are rounded averages."""
    dropped = (count for name, count in node.items() if name.startswith("Rows Removed by"))
    seen: int = (node["Actual Rows"] + sum(dropped)) * node["Actual Loops"]
    return seen


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
