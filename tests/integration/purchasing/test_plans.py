"""Statements of the hot paths can find all their rows by index."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import TextClause, text

from contracts.planning import PurchaseRequest
from contracts.values import SalesLineRef
from purchasing.store import knowledge, links, orders, requests
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

ROWS = 2000


def request(n: int) -> PurchaseRequest:
    ref = SalesLineRef(
        sales_order_no=f"S-{n}", sales_order_line_no=10000, sales_line_id=UUID(int=n + 1), generation=1
    )
    return x.request(x.request_line(sales=ref))


async def scanned_whole(purchasing: Purchasing, statement: TextClause, **params: object) -> list[str]:
    """The tables that no index helps with: small tables are read whole by choice, so that choice is taken away."""
    async with purchasing.database.read() as conn:
        await conn.execute(text("SET LOCAL enable_seqscan = off"))
        plan = (await conn.execute(text(f"EXPLAIN {statement}"), params)).all()
    return [line for (line,) in plan if "Seq Scan on" in line]


async def test_hot_statements_use_their_index(purchasing: Purchasing) -> None:
    made = [request(n) for n in range(ROWS)]
    for start in range(0, ROWS, 500):
        await purchasing.request(*made[start : start + 500])
    async with purchasing.database.begin() as tx:
        await tx.conn.execute(text("ANALYZE"))
    lines = [UUID(int=n + 1) for n in range(20)]
    nos = [f"P-{1001 + n}" for n in range(20)]
    sold = [f"S-{n}" for n in range(20)]
    wanted = '[{"kind": "item", "no": "1100", "own": false}, {"kind": "vendor", "no": "V10", "own": true}]'
    plans = {
        "before": await scanned_whole(
            purchasing, requests.BEFORE, ids=[r.id for r in made[:20]], lines=lines
        ),
        "knowledge": await scanned_whole(purchasing, knowledge.LOAD, rows=wanted),
        "lock": await scanned_whole(purchasing, orders.LOCK, nos=nos),
        "taken": await scanned_whole(purchasing, orders.TAKEN, nos=nos),
        "states": await scanned_whole(purchasing, links.STATES, ids=lines),
        "places": await scanned_whole(purchasing, links.PLACES, ids=lines),
        "of sales orders": await scanned_whole(purchasing, links.OF_SALES_ORDERS, nos=sold),
        "problems": await scanned_whole(purchasing, links.PROBLEMS, nos=nos),
    }
    assert {name: found for name, found in plans.items() if found} == {}
