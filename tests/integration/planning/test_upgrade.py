"""A database with data from before a revision goes on working after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import asyncpg
import msgspec

from contracts.planning.requests import PurchaseRequest, PurchaseRequestLine
from contracts.values import SalesLineRef
from planning.app import build
from servicekit.migrate import upgrade_database
from servicekit.settings import ServiceSettings
from tests.integration.planning import samples
from tests.integration.planning.conftest import process
from tests.support.tokens import Issuer

LINE_ID, SALES_LINE_ID = uuid4(), uuid4()
DEMAND = {
    "sales_line_id": SALES_LINE_ID,
    "generation": 1,
    "sales_order_no": "S-1",
    "sales_order_line_no": 20000,
    "state": "requested",
    "item_no": "1100",
    "quantity": "2",
    "due_date": "2026-03-20",
    "released": True,
    "requisition_line_id": LINE_ID,
    "vendor_no": "V10",
}
LINE = {
    "id": LINE_ID,
    "version": 2,
    "worksheet": "DEFAULT",
    "status": "carrying_out",
    "item_no": "1100",
    "quantity": "2",
    "vendor_no": "V10",
    "due_date": "2026-03-20",
    "receipt_date": "2026-03-20",
    "order_date": "2026-03-12",
    "sales_order_no": "S-1",
    "sales_order_line_no": 20000,
    "sales_line_id": SALES_LINE_ID,
    "generation": 1,
}
PLAIN = {
    "id": uuid4(),
    "version": 1,
    "worksheet": "DEFAULT",
    "status": "open",
    "action_message": "",
    "accept_action_message": True,
    "item_no": "1000",
    "quantity": "5",
    "due_date": "2026-03-20",
    "receipt_date": "2026-03-20",
    "order_date": "2026-03-12",
}


async def test_demand_and_requisition_lines_outlive_the_change_to_plain_columns(
    fresh_database: Callable[..., Awaitable[str]], issuer: Issuer
) -> None:
    url = await fresh_database("planning", migrated=False)
    await _upgrade(url, "0002")
    await _write_as_before(url)
    await _upgrade(url, "head")
    async with process(url, issuer) as planning:
        assert await planning.sql(
            "SELECT status, action_message, vendor_no, sales_order_no, sales_line_id FROM requisition_line "
            "WHERE sales_order_no <> ''"
        ) == [("carrying_out", "new", "V10", "S-1", SALES_LINE_ID)]
        lines = await planning.get("/requisition-lines", item_no="1000")
        assert [(line["id"], line["quantity"]) for line in lines["items"]] == [(str(PLAIN["id"]), "5")]

        order = samples.order_for(_request(), "P-1")
        await planning.deliver(("purchase-order", "P-1", order))

        assert await planning.sql("SELECT state, body ->> 'purchase_order_no' FROM demand") == [
            ("ordered", "P-1")
        ]
        statuses = await planning.sql("SELECT status FROM requisition_line ORDER BY sales_order_no")
        assert statuses == [("open",), ("carried_out",)]


async def test_a_sale_that_was_bought_before_moves_its_purchase_too(
    fresh_database: Callable[..., Awaitable[str]], issuer: Issuer
) -> None:
    """G17: the date of the purchase is taken from the copy of its order."""
    url = await fresh_database("planning", migrated=False)
    await _upgrade(url, "0010")
    sold = samples.sales_order("S-1", samples.sales_line(20000, "1100", id=SALES_LINE_ID))
    order = samples.order_for(_request(), "P-1")
    bought = msgspec.structs.replace(
        order, lines=(msgspec.structs.replace(order.lines[0], expected_receipt_date=date(2026, 3, 20)),)
    )
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(
            "INSERT INTO demand_order (sales_order_no, version, updated_at) VALUES ('S-1', 1, now())"
        )
        row = DEMAND | {"state": "ordered", "purchase_order_no": "P-1", "purchase_order_line_no": 10000}
        await conn.execute(
            "INSERT INTO demand (sales_line_id, generation, sales_order_no, state, body)"
            " VALUES ($1, 1, 'S-1', 'ordered', $2)",
            SALES_LINE_ID,
            _json(row),
        )
        await conn.execute(
            "INSERT INTO copy (kind, no, version, body, received_at) VALUES ('purchase-order', 'P-1', 1, $1, now())",
            msgspec.json.encode(bought).decode(),
        )
    finally:
        await conn.close()
    await _upgrade(url, "head")
    async with process(url, issuer) as planning:
        await samples.open_company(planning)
        moved = msgspec.structs.replace(sold.lines[0], shipment_date=date(2026, 3, 27))
        await planning.deliver(("sales-order", "S-1", msgspec.structs.replace(sold, lines=(moved,))))
        (message,) = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]
        assert (message["action_message"], message["original_due_date"]) == ("reschedule", "2026-03-20")


async def test_a_timeline_outlives_the_change_to_rows_of_events(
    fresh_database: Callable[..., Awaitable[str]], issuer: Issuer
) -> None:
    """P2: an entry from before and the same one told by a later event are one."""
    url = await fresh_database("planning", migrated=False)
    await _upgrade(url, "0021")
    conn = await asyncpg.connect(url)
    try:
        await conn.executemany(
            "INSERT INTO timeline VALUES ('sales-order', 'S-1', 'sales-order/S-1/1', $1, 0, '2026-03-02T09:00Z',"
            " 'sales', 'S-1', 'anna', 'said before')",
            [("created",), ("released",)],
        )
    finally:
        await conn.close()
    await _upgrade(url, "head")
    sold = samples.sales_order("S-1", samples.sales_line(20000, "1100", id=SALES_LINE_ID))
    async with process(url, issuer) as planning:
        await planning.deliver(("sales-order", "S-1", msgspec.structs.replace(sold, happened=("released",))))
        told = await planning.sql("SELECT happened, by, detail FROM timeline ORDER BY happened")
    assert told == [("created", "anna", "said before"), ("released", "anna", "said before")]


async def _upgrade(url: str, revision: str) -> None:
    settings = ServiceSettings(database_url=url, kafka_bootstrap="127.0.0.1:1")
    await upgrade_database(build(settings), revision)


async def _write_as_before(url: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(
            "INSERT INTO demand_order (sales_order_no, version, updated_at) VALUES ('S-1', 1, now())"
        )
        await conn.execute(
            "INSERT INTO demand (sales_line_id, generation, body) VALUES ($1, 1, $2)",
            SALES_LINE_ID,
            _json(DEMAND),
        )
        await conn.executemany(
            "INSERT INTO requisition_line (id, body, updated_at) VALUES ($1, $2, now())",
            [(line["id"], _json(line)) for line in (LINE, PLAIN)],
        )
    finally:
        await conn.close()


def _json(document: dict[str, object]) -> str:
    return msgspec.json.encode(document).decode()


def _request() -> PurchaseRequest:
    sales = SalesLineRef(
        sales_order_no="S-1", sales_order_line_no=20000, sales_line_id=SALES_LINE_ID, generation=1
    )
    line = PurchaseRequestLine(
        requisition_line_id=LINE_ID,
        item_no="1100",
        quantity=Decimal(2),
        unit_of_measure_code="PCS",
        sales=sales,
    )
    return PurchaseRequest(
        version=1, id=uuid4(), vendor_no="V10", order_date=date(2026, 3, 12), lines=(line,)
    )
