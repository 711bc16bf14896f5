"""Statements of the hot paths can find all their rows by index."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from contracts.planning.requests import PurchaseRequest
from contracts.values import SalesLineRef
from purchasing.store import decided_requests, links, orders, request_batches
from recordkit import references
from tests.integration.purchasing.rig import Purchasing
from tests.support.plans import read_whole
from tests.unit.purchasing import examples as x

ROWS = 2000
HOT = {
    "start": request_batches.START,
    "references": references.LOAD,
    "purchases": decided_requests.STORE_PURCHASES,
    "lock": orders.LOCK,
    "taken": orders.TAKEN,
    "states": links.STATES,
    "linked_lines": links.LINKED_LINES,
    "of sales orders": links.OF_SALES_ORDERS,
    "problems": links.PROBLEMS,
}
SMALL = {"number_series", "master_pkey"}
"""There are a handful of vendors here; their index may be read from end to end."""


def request(n: int) -> PurchaseRequest:
    ref = SalesLineRef(
        sales_order_no=f"S-{n}", sales_order_line_no=10000, sales_line_id=UUID(int=n + 1), generation=1
    )
    return x.request(x.request_line(sales=ref))


async def test_hot_statements_use_their_index(purchasing: Purchasing) -> None:
    made = [request(n) for n in range(ROWS)]
    for start in range(0, ROWS, 500):
        await purchasing.deliver_requests(*made[start : start + 500])
    async with purchasing.database.begin() as tx:
        await tx.run(text("ANALYZE"))
        read = {name: await read_whole(tx, statement) - SMALL for name, statement in HOT.items()}
    assert {name: found for name, found in read.items() if found} == {}
