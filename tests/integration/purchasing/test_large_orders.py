"""Work lists over an order of 1,000 lines."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from purchasing.store import lists
from purchasing.store.tables import EXCEPTIONS, LINES
from tests.integration.purchasing.rig import Purchasing
from tests.support.plans import work_of
from tests.unit.purchasing import examples as x

COUNT = 1000


async def test_work_lists_look_into_a_large_order_once(purchasing: Purchasing) -> None:
    """Its lines, and their exceptions: the order is parsed once, and no step sees a line for each other one."""
    ids = [UUID(int=7000 + i) for i in range(COUNT)]
    asked = (x.request_line(sales=x.ref(id_)) for id_ in ids)
    await purchasing.deliver_requests(x.request(*asked))
    await purchasing.deliver_sales_orders(x.sales_order(deleted=True))
    for path in ("/purchase-lines", "/exceptions"):
        assert len((await purchasing.get(path, limit=500))["items"]) == 500
    lines = lists.lines(x.TODAY).order_by(LINES.c.purchase_order_no, LINES.c.line_no).limit(500)
    exceptions = select(EXCEPTIONS).order_by(EXCEPTIONS.c.since, EXCEPTIONS.c.id).limit(500)
    for query in (lines, exceptions):
        async with purchasing.database.begin() as tx:
            for work in await work_of(tx, query):
                assert work.rows <= 2 * COUNT
                assert work.orders_parsed == 1
