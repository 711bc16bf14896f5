"""Item ledger, stock, allocation, availability and tracking, on real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.planning.requests import PurchaseRequest
from contracts.planning.stock import StockLevel
from contracts.purchasing.documents import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.documents import PostedSalesInvoice, PostedSalesInvoiceLine
from contracts.sales.orders import Reallocation, SalesOrder
from contracts.values import Posting
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import (
    foreign_order,
    mixed_order,
    open_company,
    order_for,
    posting,
    sales_line,
    sales_order,
)

TOTALS = """
SELECT s.stock = coalesce(sum(e.quantity), 0) AS same
FROM stock s LEFT JOIN item_ledger_entry e USING (item_no, location_code)
GROUP BY s.item_no, s.location_code, s.stock
"""


async def stock_of(planning: Planning, item_no: str) -> tuple[Decimal, Decimal, Decimal]:
    (found,) = (await planning.get("/stock", item_no=item_no, location_code="NORTH"))["items"]
    assert all(row["same"] for row in await planning.sql(TOTALS)), "stock is the sum of the ledger"
    return Decimal(found["stock"]), Decimal(found["free"]), Decimal(found["allocated"])


async def bought(
    planning: Planning, item_no: str = "1100", quantity: str = "5"
) -> tuple[SalesOrder, PurchaseOrder]:
    """A released order and the purchase order that serves it."""
    await open_company(planning)
    order = sales_order("S-1", sales_line(10000, item_no, quantity))
    await planning.deliver(("sales-order", "S-1", order))
    (request,) = await planning.published(PurchaseRequest)
    purchase = order_for(request, "P-1")
    await planning.deliver(("purchase-order", "P-1", purchase))
    await planning.forget_published()
    return order, purchase


def received(order: PurchaseOrder, version: int, *postings: Posting) -> PurchaseOrder:
    total = sum((p.quantity for p in postings if not p.undone), Decimal(0))
    line = replace(order.lines[0], receipts=postings, quantity_received=total)
    return replace(order, version=version, lines=(line,))


def shipped(order: SalesOrder, version: int, *postings: Posting) -> SalesOrder:
    total = sum((p.quantity for p in postings if not p.undone), Decimal(0))
    line = replace(order.lines[0], postings=postings, quantity_shipped=total)
    return replace(order, version=version, lines=(line,))


async def test_receipt_of_a_special_order_is_allocated_until_it_is_shipped(planning: Planning) -> None:
    """BC-SO-32, I9: stock = free + allocated; per line allocated = received - shipped."""
    order, purchase = await bought(planning)
    first, second = posting("2"), posting("3")
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, first)))
    assert await stock_of(planning, "1100") == (2, 0, 2)
    await planning.deliver(("purchase-order", "P-1", received(purchase, 3, first, second)))
    await planning.deliver(("sales-order", "S-1", shipped(order, 2, posting("2"))))
    assert await stock_of(planning, "1100") == (3, 0, 3)
    levels = await planning.published(StockLevel)
    assert [(x.version, x.stock, x.allocated) for x in levels] == [(1, 2, 2), (2, 5, 5), (3, 3, 3)]


async def test_redelivered_and_replayed_postings_move_stock_once(planning: Planning) -> None:
    order, purchase = await bought(planning)
    receipt, shipment = posting("5"), posting("1")
    events = (
        ("purchase-order", "P-1", received(purchase, 2, receipt)),
        ("sales-order", "S-1", shipped(order, 2, shipment)),
    )
    await planning.deliver(*events)
    await planning.deliver(*events)
    await planning.sql("DELETE FROM copy WHERE kind IN ('purchase-order', 'sales-order') RETURNING 1")
    await planning.deliver(*reversed(events))
    assert await stock_of(planning, "1100") == (4, 0, 4)


async def test_over_receipt_is_free_once_the_line_is_fully_shipped(planning: Planning) -> None:
    """api.md: what was received is allocated also above its quantity, until it is fully shipped."""
    order, purchase = await bought(planning)
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, posting("7"))))
    assert await stock_of(planning, "1100") == (7, 0, 7)
    await planning.deliver(("sales-order", "S-1", shipped(order, 2, posting("5"))))
    assert await stock_of(planning, "1100") == (2, 2, 0)


async def test_shipment_that_is_known_before_its_receipt_ends_the_same(planning: Planning) -> None:
    order, purchase = await bought(planning)
    await planning.deliver(("sales-order", "S-1", shipped(order, 2, posting("5"))))
    assert await stock_of(planning, "1100") == (-5, -5, 0)
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, posting("7"))))
    assert await stock_of(planning, "1100") == (2, 2, 0)


async def test_undone_receipt_leaves_a_reversal(planning: Planning) -> None:
    _, purchase = await bought(planning)
    receipt = posting("5")
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, receipt)))
    await planning.deliver(("purchase-order", "P-1", received(purchase, 3, replace(receipt, undone=True))))
    assert await stock_of(planning, "1100") == (0, 0, 0)
    entries = (await planning.get("/item-ledger-entries", item_no="1100"))["items"]
    assert [(e["quantity"], e["reversal"]) for e in entries] == [("5", False), ("-5", True)]


async def test_received_goods_of_a_deleted_sales_line_are_free(planning: Planning) -> None:
    order, purchase = await bought(planning)
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, posting("5"))))
    await planning.deliver(("sales-order", "S-1", replace(order, version=2, lines=())))
    assert await stock_of(planning, "1100") == (5, 5, 0)


async def test_goods_that_come_for_a_deleted_sales_line_are_free(planning: Planning) -> None:
    """BC-SO-32: the order was deleted while it was being bought."""
    await open_company(planning)
    order = sales_order("S-1", sales_line(10000, "1100", "5"))
    await planning.deliver(("sales-order", "S-1", order))
    (request,) = await planning.published(PurchaseRequest)
    await planning.deliver(("sales-order", "S-1", replace(order, version=2, deleted=True, lines=())))
    purchase = order_for(request, "P-1")
    await planning.deliver(("purchase-order", "P-1", purchase))
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, posting("5"))))
    assert await stock_of(planning, "1100") == (5, 5, 0)


async def test_a_purchase_for_an_order_that_was_deleted_before_planning_saw_its_lines(
    planning: Planning,
) -> None:
    """BC-PL-11, BC-SO-32: the purchase waits for no lines; a person is asked to cancel it, its goods are free."""
    await open_company(planning)
    line = sales_line(10000, "1100", "5")
    gone = sales_order("S-1", deleted=True, version=3)
    purchase = foreign_order("P-1", sales_order("S-1", line), line, 1)
    await planning.deliver(("sales-order", "S-1", gone))
    applied = await planning.deliver(("purchase-order", "P-1", received(purchase, 2, posting("5"))))
    assert applied.counts["purchasing.order.v1", "applied"] == 1
    assert await stock_of(planning, "1100") == (5, 5, 0)
    (message,) = (await planning.get("/requisition-lines", sales_order_no="S-1"))["items"]
    assert (message["action_message"], message["purchase_order_no"]) == ("cancel", "P-1")


async def test_drop_shipment_never_enters_stock(planning: Planning) -> None:
    """BC-DS-03, BC-DS-21, I9."""
    order, purchase = await bought(planning, "1200")
    both = posting("5")
    await planning.deliver(
        ("purchase-order", "P-1", received(purchase, 2, both)),
        ("sales-order", "S-1", shipped(order, 2, both)),
    )
    assert (await planning.get("/item-ledger-entries"))["items"] == []
    assert (await planning.get("/stock"))["items"] == []


async def test_journal_adjusts_stock_all_lines_or_none(planning: Planning) -> None:
    await open_company(planning)
    line = {"item_no": "1000", "location_code": "north", "quantity": "10", "reason": "opening"}
    answer = await planning.post("/item-journal", {"lines": [line, line | {"quantity": "-4"}]}, expect=201)
    assert [x["quantity"] for x in answer["lines"]] == ["10", "-4"]
    assert await stock_of(planning, "1000") == (6, 6, 0)
    bad = {
        "lines": [line, line | {"item_no": "404"}, line | {"quantity": "0"}, line | {"location_code": "X"}]
    }
    refusal = await planning.post("/item-journal", bad, expect=422)
    assert [(e["code"], e["pointer"]) for e in refusal["errors"]] == [
        ("unknown-item", "/lines/1/item_no"),
        ("quantity-required", "/lines/2/quantity"),
        ("unknown-location", "/lines/3/location_code"),
    ]
    assert await stock_of(planning, "1000") == (6, 6, 0)


async def test_journal_cannot_take_what_is_allocated_nor_go_below_nothing_by_setup(
    planning: Planning,
) -> None:
    _, purchase = await bought(planning)
    await planning.deliver(("purchase-order", "P-1", received(purchase, 2, posting("5"))))
    take = {"lines": [{"item_no": "1100", "location_code": "NORTH", "quantity": "-1"}]}
    assert (await planning.post("/item-journal", take, expect=409))["code"] == "allocated-to-special-order"
    down = {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "-1"}]}
    await planning.post("/item-journal", down, expect=201)
    await planning.put("/planning-setup", {"prevent_negative_inventory": True})
    assert (await planning.post("/item-journal", down, expect=409))["code"] == "negative-inventory"


async def test_goods_that_have_left_lower_stock_below_nothing(planning: Planning) -> None:
    """POS-30: what was carried out of a store has left; the set-up holds back what people enter, not facts."""
    await open_company(planning)
    await planning.put("/planning-setup", {"prevent_negative_inventory": True})
    order = shipped(sales_order("S-1", sales_line(10000, "1000", "2")), 2, posting("2"))
    await planning.deliver(("sales-order", "S-1", order))
    await planning.deliver(("sales-order", "S-1", order))
    assert await stock_of(planning, "1000") == (-2, -2, 0)


async def test_repeated_journal_key_posts_once(planning: Planning) -> None:
    await open_company(planning)
    body = {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "3"}]}
    first = await planning.post("/item-journal", body, key="one")
    assert await planning.post("/item-journal", body, key="one") == first
    assert await stock_of(planning, "1000") == (3, 3, 0)


async def test_availability_counts_what_is_to_leave_and_to_come_but_no_drop_shipments(
    planning: Planning,
) -> None:
    """BC-PL-01."""
    await open_company(planning)
    await planning.post(
        "/item-journal", {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "10"}]}
    )
    order = mixed_order("S-1")
    await planning.deliver(("sales-order", "S-1", order))
    for request in await planning.published(PurchaseRequest):
        no = f"P-{request.vendor_no}"
        await planning.deliver(("purchase-order", no, order_for(request, no)))
    found = await planning.get("/availability", item_no="1000", location_code="NORTH", date="2026-03-31")
    assert (found["inventory"], found["gross_requirements"], found["available"]) == ("10", "2", "8")
    early = await planning.get("/availability", item_no="1000", location_code="NORTH", date="2026-03-01")
    assert early["available"] == "10"
    special = await planning.get("/availability", item_no="1100")
    assert (special["gross_requirements"], special["scheduled_receipts"], special["available"]) == (
        "2",
        "2",
        "0",
    )
    drop = await planning.get("/availability", item_no="1200")
    assert (drop["gross_requirements"], drop["scheduled_receipts"]) == ("0", "0")


async def test_nothing_is_said_of_an_item_or_a_location_that_does_not_exist(planning: Planning) -> None:
    await open_company(planning)
    unknown_item = await planning.refused("GET", "/availability?item_no=NOPE")
    assert unknown_item == (404, ["unknown-item"])
    unknown_place = await planning.refused("GET", "/availability?item_no=1000&location_code=NOPE")
    assert unknown_place == (422, ["unknown-location"])


async def test_tracking_leads_from_the_sales_line_to_the_postings(planning: Planning) -> None:
    order, purchase = await bought(planning)
    await planning.deliver(
        ("purchase-order", "P-1", received(purchase, 2, posting("5"))),
        ("sales-order", "S-1", shipped(order, 2, posting("5"))),
    )

    def kinds(graph: dict[str, Any]) -> tuple[list[str], set[tuple[str, str]]]:
        names = {node["id"]: node["kind"] for node in graph["nodes"]}
        return sorted(names.values()), {(names[e["from"]], names[e["to"]]) for e in graph["edges"]}

    whole = (
        ["demand", "receipt", "requisition", "shipment", "supply"],
        {("demand", "requisition"), ("requisition", "supply"), ("supply", "receipt"), ("demand", "shipment")},
    )
    assert kinds(await planning.get("/order-tracking", sales_order_no="S-1")) == whole
    assert kinds(await planning.get("/order-tracking", purchase_order_no="P-1")) == whole
    assert kinds(await planning.get("/order-tracking", item_no="1100")) == whole
    await planning.get("/order-tracking", expect=422)


async def test_tracking_says_when_and_by_whom_documents_were_made_and_posted(planning: Planning) -> None:
    """P2: the graph shows times and actors, from the events of the orders that it is drawn of."""
    order, purchase = await bought(planning)
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    goods = replace(posting("5"), document_no="PR-1", posted_at=at)
    left = replace(goods, document_no="SS-1")
    bought_ = replace(received(purchase, 2, goods), happened=("released", "received"))
    sold = replace(shipped(order, 2, left), happened=("released", "shipped"))
    for _ in range(2):
        await planning.deliver(("purchase-order", "P-1", bought_), occurred_at=at)
        await planning.deliver(("sales-order", "S-1", sold), occurred_at=at)
    nodes = (await planning.get("/order-tracking", sales_order_no="S-1"))["nodes"]
    known = ("2026-03-02T09:00:00Z", "tester")
    assert {node["kind"]: (node["at"], node["by"]) for node in nodes} == {
        "demand": known,
        "shipment": known,
        "supply": known,
        "receipt": known,
        "requisition": (None, ""),
    }


@pytest.mark.parametrize("filter_", ["sales_order_no", "purchase_order_no", "item_no"])
async def test_tracking_of_what_is_not_known_is_refused(planning: Planning, filter_: str) -> None:
    refused = await planning.get("/order-tracking", expect=404, **{filter_: "NOWHERE"})
    assert refused["code"] == f"unknown-{filter_.removesuffix('_no').replace('_', '-')}"


async def test_bc_pi_08_goods_of_a_posted_purchase_invoice_enter_stock_once_and_set_the_items_cost(
    planning: Planning,
) -> None:
    """BC-PI-08, BC-PI-09, BC-DS-30: moved once, as free stock; the item's last direct cost is the invoice's."""
    await open_company(planning)
    line = PostedPurchaseInvoiceLine(
        line_no=10000,
        item_no="1000",
        quantity=Decimal(3),
        unit_of_measure_code="PCS",
        location_code="NORTH",
        amount=Decimal("37.50"),
        receipt=posting("3"),
    )
    invoice = PostedPurchaseInvoice(
        version=1,
        no="PI-1",
        vendor_no="V10",
        vendor_invoice_no="CW-1",
        posting_date=date(2026, 3, 9),
        currency_code="EUR",
        amount=line.amount,
        lines=(line,),
    )
    await planning.deliver(("posted-purchase-invoice", "PI-1", invoice))
    await planning.deliver(("posted-purchase-invoice", "PI-1", invoice))
    assert await stock_of(planning, "1000") == (Decimal(3), Decimal(3), Decimal(0))
    item = await planning.get("/items/1000")
    assert (item["last_direct_cost"], item["version"]) == ("12.50", 2)
    (snapshot,) = await planning.published(Item)
    assert (snapshot.last_direct_cost, snapshot.version) == (Decimal("12.5"), 2)


async def test_bc_ds_30_an_older_purchase_invoice_that_arrives_last_changes_no_cost(
    planning: Planning,
) -> None:
    """BC-DS-30: neither alone nor in one batch with a newer one, nor delivered again."""
    await open_company(planning)

    def invoice(no: str, hour: int, amount: str) -> tuple[str, str, PostedPurchaseInvoice]:
        line = PostedPurchaseInvoiceLine(
            line_no=10000, item_no="1000", quantity=Decimal(1), amount=Decimal(amount)
        )
        document = PostedPurchaseInvoice(
            version=1,
            no=no,
            vendor_no="V10",
            vendor_invoice_no=no,
            posting_date=date(2026, 3, 9),
            currency_code="EUR",
            amount=line.amount,
            posted_at=datetime(2026, 3, 9, hour, tzinfo=UTC),
            lines=(line,),
        )
        return "posted-purchase-invoice", no, document

    async def cost() -> tuple[str, int]:
        item = await planning.get("/items/1000")
        return item["last_direct_cost"], item["version"]

    await planning.deliver(invoice("PI-2", 10, "20.00"), invoice("PI-1", 9, "10.00"))
    assert await cost() == ("20.00", 2)
    await planning.deliver(invoice("PI-0", 8, "5.00"))
    await planning.deliver(invoice("PI-2", 10, "20.00"))
    assert await cost() == ("20.00", 2)
    await planning.deliver(invoice("PI-3", 11, "30.00"))
    assert await cost() == ("30.00", 3)


async def test_bc_sd_11_goods_of_a_sales_invoice_without_an_order_leave_stock_once(
    planning: Planning,
) -> None:
    await open_company(planning)
    left = posting("2")
    lines = tuple(
        PostedSalesInvoiceLine(
            line_no=10000 + i,
            item_no="1000",
            location_code="NORTH",
            quantity=Decimal(2),
            amount=Decimal(20),
            shipment=shipment,
        )
        for i, shipment in enumerate((left, None))
    )
    invoice = PostedSalesInvoice(
        version=1,
        no="SI-1",
        customer_no="C1",
        posting_date=date(2026, 3, 9),
        amount=Decimal(40),
        lines=lines,
    )
    await planning.deliver(("posted-sales-invoice", "SI-1", invoice))
    await planning.deliver(("posted-sales-invoice", "SI-1", invoice))
    assert (await stock_of(planning, "1000"))[0] == -2


async def test_e5_goods_that_a_line_gives_away_are_moved_once_between_the_allocations(
    planning: Planning,
) -> None:
    """Conservation: no more is ever allocated than was received, in whichever order the events come."""
    first, purchase = await bought(planning)
    second = sales_order("S-2", sales_line(10000, "1100", "5"))
    record = Reallocation(
        id=uuid4(),
        quantity=Decimal(-3),
        sales_order_no="S-2",
        sales_order_line_no=10000,
        sales_line_id=second.lines[0].id,
        purchase_order_no="P-1",
    )
    gave = replace(first, version=2, lines=(replace(first.lines[0], reallocations=(record,)),))
    await planning.deliver(("sales-order", "S-2", second))
    await planning.deliver(("sales-order", "S-1", gave))
    assert await planning.sql("SELECT 1 FROM allocation") == [], "it waits for the receipt"
    receipt = ("purchase-order", "P-1", received(purchase, 2, posting("5")))
    await planning.deliver(receipt)
    await planning.deliver(("sales-order", "S-1", gave), receipt)
    await planning.sql("DELETE FROM copy WHERE kind IN ('purchase-order', 'sales-order') RETURNING 1")
    await planning.deliver(receipt, ("sales-order", "S-1", gave), ("sales-order", "S-2", second))
    assert await stock_of(planning, "1100") == (5, 0, 5)
    rows = await planning.sql("SELECT sales_order_no, balance FROM allocation ORDER BY 1")
    assert [tuple(row) for row in rows] == [("S-1", 2), ("S-2", 3)]
    left = posting("3")
    await planning.deliver(
        ("sales-order", "S-2", shipped(replace(second, version=1), 2, left)),
    )
    assert await stock_of(planning, "1100") == (2, 0, 2)
