"""Reservations: made by hand and automatically, kept up to both orders, counted in availability and plans."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.planning.stock import OrderReservation, StockLevel
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import SalesOrder
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import (
    foreign_order,
    open_company,
    posting,
    purchase_into_stock,
    sales_line,
    sales_order,
)

PATH = "/reservations"
SHIPS_ON = date(2026, 3, 20)


@pytest.fixture
async def shop(planning: Planning) -> Planning:
    """Ten pieces of item 1000 in stock."""
    await open_company(planning, automation="manual")
    await stock(planning, "10")
    return planning


async def stock(planning: Planning, quantity: str, item_no: str = "1000") -> None:
    line = {"item_no": item_no, "location_code": "NORTH", "quantity": quantity, "reason": "count"}
    await planning.post("/item-journal", {"lines": [line]})


async def sale(planning: Planning, no: str, quantity: str = "6", **fields: Any) -> SalesOrder:
    order = sales_order(no, sales_line(10000, "1000", quantity, **fields))
    await planning.deliver(("sales-order", no, order))
    return order


def with_line(order: SalesOrder, **fields: Any) -> SalesOrder:
    """The next version of the order, with another first line."""
    return replace(order, version=order.version + 1, lines=(replace(order.lines[0], **fields),))


async def purchase(planning: Planning, no: str, quantity: str, day: date = SHIPS_ON) -> PurchaseOrder:
    order = replace(purchase_into_stock(no, quantity, day), status="released")
    await planning.deliver(("purchase-order", no, order))
    return order


def wish(no: str, quantity: str, source: Any = "stock", **fields: Any) -> dict[str, Any]:
    return {"sales_order_no": no, "line_no": 10000, "quantity": quantity, "from": source, **fields}


def of(no: str) -> dict[str, Any]:
    return {"purchase_order_no": no, "line_no": 10000}


async def reserved(planning: Planning, no: str) -> list[tuple[str, str, str]]:
    """(status, in base units, of it in stock) of all reservations of an order."""
    found = await planning.get(PATH, sales_order_no=no, status="all")
    return [(x["status"], x["quantity_base"], x["in_stock"]) for x in found["items"]]


async def availability(planning: Planning, **asked: Any) -> tuple[str, ...]:
    found = await planning.get("/availability", item_no="1000", location_code="NORTH", **asked)
    return tuple(found[name] for name in ("inventory", "reserved", "available", "available_to_promise"))


async def level(planning: Planning) -> tuple[str, str]:
    """Stock and what of it is reserved, as callers see it."""
    (found,) = (await planning.get("/stock", item_no="1000", location_code="NORTH"))["items"]
    return found["stock"], found["reserved"]


async def test_bc_pl_02_stock_is_reserved_for_a_sales_line_and_given_up_again(shop: Planning) -> None:
    await sale(shop, "S-1")
    answer = await shop.send("POST", PATH, wish("S-1", "4"))
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/reservations/{made['id']}"
    assert "order-reservation/S-1@1" in answer.headers["Koppel-Seen"]
    assert (made["quantity"], made["from"], made["in_stock"], made["automatic"]) == ("4", "stock", "4", False)
    (published,) = await shop.published(OrderReservation)
    assert [(x.sales_order_line_no, x.quantity_base) for x in published.lines] == [(10000, Decimal(4))]
    path = f"{PATH}/{made['id']}"
    known = await shop.send("GET", path)
    assert (known.json()["quantity"], known.headers["ETag"]) == ("4", '"1"')
    assert (await shop.send("GET", path, headers={"If-None-Match": '"1"'})).status_code == 304
    assert (await shop.send("DELETE", path, headers={"If-Match": '"7"'})).status_code == 412
    assert (await shop.get(PATH, item_no="1000"))["items"] == [made]
    await shop.delete(path)
    ended = await shop.get(path)
    assert (ended["status"], ended["ended_because"], ended["quantity"]) == ("ended", "cancelled", "0")
    assert (await shop.published(OrderReservation))[-1].lines == ()
    assert (await shop.get(PATH))["items"] == []
    assert await shop.refused("DELETE", path) == (409, ["reservation-ended"])
    assert await shop.refused("DELETE", f"{PATH}/{uuid4()}") == (404, ["unknown-reservation"])
    assert await shop.refused("GET", f"{PATH}/{uuid4()}") == (404, ["unknown-reservation"])


async def test_what_cannot_be_reserved_is_refused_with_every_reason(shop: Planning) -> None:
    """BC-PL-06: neither what is not there, nor for a line that is bought for its customer, nor of such a purchase."""
    await shop.put("/locations/SOUTH", {})
    order = sales_order(
        "S-1",
        sales_line(10000, "1000", "20"),
        sales_line(20000, "1100"),
        sales_line(30000, "1000", reserve="never"),
        sales_line(40000, "", type="comment", location_code=""),
        sales_line(50000, "1000", quantity_shipped=Decimal(2)),
    )
    special = foreign_order("P-1", order, order.lines[1], 1)
    await shop.deliver(("sales-order", "S-1", order), ("purchase-order", "P-1", special))
    late = await purchase(shop, "P-2", "5", date(2026, 4, 1))
    elsewhere = replace(late.lines[0], location_code="SOUTH", id=uuid4())
    await shop.deliver(("purchase-order", "P-3", replace(late, no="P-3", lines=(elsewhere,))))

    async def refused(*wanted: Any, **fields: Any) -> tuple[int, list[str]]:
        return await shop.refused("POST", PATH, wish(*wanted, **fields))

    assert await refused("S-1", "11") == (409, ["not-available"])
    assert await refused("S-1", "21") == (422, ["quantity-exceeds-outstanding", "not-available"])
    assert await refused("S-1", "1", line_no=20000) == (409, ["reserve-is-never"])
    assert await refused("S-1", "1", line_no=30000) == (409, ["reserve-is-never"])
    assert await refused("S-1", "1", line_no=40000) == (422, ["line-type-not-supported"])
    assert await refused("S-1", "1", line_no=50000) == (422, ["quantity-exceeds-outstanding"])
    assert await refused("S-1", "1", line_no=60000) == (422, ["unknown-line"])
    assert await refused("S-9", "1", of("P-9")) == (422, ["unknown-sales-order", "unknown-purchase-order"])
    assert await refused("S-1", "1", {"purchase_order_no": "P-2", "line_no": 20000}) == (
        422,
        ["unknown-line"],
    )
    assert await refused("S-1", "1", of("P-1")) == (409, ["associated-with-sales-order"])
    assert await refused("S-1", "1", of("P-2")) == (409, ["supply-too-late"])
    assert await refused("S-1", "6", of("P-3")) == (
        409,
        ["location-mismatch", "supply-too-late", "not-available"],
    )
    assert await refused("S-1", "0", "nowhere") == (422, ["out-of-range", "not-an-object"])
    assert (await shop.get(PATH, status="all"))["items"] == []


async def test_a_shipment_takes_what_is_reserved(shop: Planning) -> None:
    order = await sale(shop, "S-1")
    await shop.post(PATH, wish("S-1", "4"))
    assert await availability(shop) == ("10", "4", "4", "4")
    assert await availability(shop, date="2026-03-19") == ("10", "4", "10", "6")
    shipped = with_line(order, quantity_shipped=Decimal(3), postings=(posting("3"),))
    await shop.deliver(("sales-order", "S-1", shipped))
    await shop.deliver(("sales-order", "S-1", shipped))
    await shop.deliver(("sales-order", "S-1", order))
    assert await reserved(shop, "S-1") == [("active", "1", "1")]
    assert await availability(shop) == ("7", "1", "4", "4")
    levels = [(x.stock, x.reserved) for x in await shop.published(StockLevel)]
    assert levels == [(10, 0), (10, 4), (7, 1)], "sales and tills see what is reserved"


async def test_a_line_keeps_no_more_than_it_needs_and_nothing_once_it_ends(shop: Planning) -> None:
    """BC-PL-04: a smaller quantity, another location, the end of the order."""
    await shop.put("/locations/SOUTH", {})
    first, second, third = [await sale(shop, no) for no in ("S-1", "S-2", "S-3")]
    for no, quantity in (("S-1", "4"), ("S-2", "3"), ("S-3", "2")):
        await shop.post(PATH, wish(no, quantity))
    await shop.deliver(
        ("sales-order", "S-1", with_line(first, quantity=Decimal(1))),
        ("sales-order", "S-2", with_line(second, location_code="SOUTH")),
        ("sales-order", "S-3", replace(third, version=2, deleted=True)),
    )
    found = (await shop.get(PATH, status="all"))["items"]
    assert [(x["quantity"], x["ended_because"]) for x in found] == [
        ("1", ""),
        ("0", "other-item-or-location"),
        ("0", "sale-ended"),
    ]
    assert [x["sales_order_no"] for x in (await shop.get(PATH))["items"]] == ["S-1"]


async def test_the_flag_of_a_special_order_beats_a_reservation(shop: Planning) -> None:
    """BC-SO-03: sales flagged the line while it was being reserved; planning drops the reservation and shows so."""
    order = await sale(shop, "S-1")
    await shop.post(PATH, wish("S-1", "4"))
    flagged = with_line(order, special_order=True, purchasing_code="SPEC", reserve="never")
    await shop.deliver(("sales-order", "S-1", flagged))
    (found,) = (await shop.get(PATH, status="ended"))["items"]
    assert (found["ended_because"], found["quantity"]) == ("bought-for-line", "0")
    assert (await shop.published(OrderReservation))[-1].lines == ()


async def test_what_a_purchase_brings_is_reserved_and_follows_its_receipt(shop: Planning) -> None:
    """BC-PL-02: reserved to come, in stock once it came, to come again when the receipt is undone."""
    await sale(shop, "S-1", "20")
    order = await purchase(shop, "P-1", "8")
    await shop.post(PATH, wish("S-1", "5", of("P-1")))
    assert await shop.refused("POST", PATH, wish("S-1", "4", of("P-1"))) == (409, ["not-available"])
    questions: list[dict[str, Any]] = [{"sales_order_no": "S-1"}, {"purchase_order_no": "P-1"}]
    for asked in questions:
        graph = await shop.get("/order-tracking", **asked)
        kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
        assert [(kinds[e["from"]], kinds[e["to"]], e["quantity"]) for e in graph["edges"]] == [
            ("demand", "reservation", "5"),
            ("reservation", "supply", "5"),
        ]
    assert await availability(shop, date="2026-03-19") == ("10", "0", "10", "10")
    received = posting("3")
    line = replace(order.lines[0], quantity_received=Decimal(3), receipts=(received,))
    came = replace(order, version=2, lines=(line,))
    await shop.deliver(("purchase-order", "P-1", came))
    await shop.deliver(("purchase-order", "P-1", came))
    assert await reserved(shop, "S-1") == [("active", "5", "3")]
    back = replace(line, quantity_received=Decimal(0), receipts=(replace(received, undone=True),))
    await shop.deliver(("purchase-order", "P-1", replace(order, version=3, lines=(back,))))
    assert await reserved(shop, "S-1") == [("active", "5", "0")]
    fewer = replace(order.lines[0], quantity=Decimal(2))
    await shop.deliver(("purchase-order", "P-1", replace(order, version=4, lines=(fewer,))))
    assert await reserved(shop, "S-1") == [("active", "2", "0")]
    assert (await shop.published(OrderReservation))[-1].lines[0].quantity_base == 2
    await shop.deliver(("purchase-order", "P-1", replace(order, version=5, deleted=True)))
    (ended,) = (await shop.get(PATH, status="all"))["items"]
    assert (ended["ended_because"], ended["from"]) == ("supply-gone", of("P-1"))


async def test_bc_pl_03_a_line_that_is_always_reserved_takes_stock_and_then_what_comes_in_time(
    shop: Planning,
) -> None:
    await purchase(shop, "P-1", "3")
    await purchase(shop, "P-2", "9", date(2026, 4, 2))
    order = await sale(shop, "S-1", "15", reserve="always")
    assert await reserved(shop, "S-1") == [("active", "10", "10"), ("active", "3", "0")]
    (published,) = await shop.published(OrderReservation)
    assert [x.quantity_base for x in published.lines] == [13]
    await shop.deliver(("sales-order", "S-1", with_line(order, shipment_date=date(2026, 4, 2))))
    assert [x[1] for x in await reserved(shop, "S-1")] == ["10", "3", "2"]
    assert all(x["automatic"] for x in (await shop.get(PATH))["items"])
    # Another sale of the same day finds nothing in stock any more.
    await sale(shop, "S-2", "1", reserve="always")
    assert await reserved(shop, "S-2") == []


async def test_bc_pl_01_a_late_supply_of_a_reserved_line_takes_nothing_from_others(shop: Planning) -> None:
    """Each term counts without what is reserved of it: the line waits for its supply, and the stock is for others."""
    order = await purchase(shop, "P-1", "6")
    await sale(shop, "S-1", "6")
    await shop.post(PATH, wish("S-1", "6", of("P-1")))
    late = replace(order.lines[0], expected_receipt_date=date(2026, 4, 20))
    await shop.deliver(("purchase-order", "P-1", replace(order, version=2, lines=(late,))))
    assert await availability(shop, date="2026-04-01") == ("10", "0", "4", "10")
    await sale(shop, "S-2", "10")
    proposal = await shop.post("/purchase-proposals", {"sales_order_no": "S-2"})
    assert [(x["available"], x["quantity_to_purchase"]) for x in proposal["rows"]] == [("10", "0")]


async def test_reserved_stock_cannot_be_taken_by_an_item_journal(shop: Planning) -> None:
    await sale(shop, "S-1")
    await shop.post(PATH, wish("S-1", "4"))
    line = {"item_no": "1000", "location_code": "NORTH", "quantity": "-7", "reason": "count"}
    refused = await shop.refused("POST", "/item-journal", {"lines": [line]})
    assert refused == (409, ["reserved-for-sales-order"])
    await shop.post("/item-journal", {"lines": [line | {"quantity": "-6"}]})


async def test_of_two_reservations_of_the_last_piece_one_wins(shop: Planning, second: Planning) -> None:
    """Twenty times, over two processes and beside a line that is always reserved."""
    await stock(shop, "-9")
    for i in range(20):
        nos = [f"S-{i}-{each}" for each in "ABC"]
        for no in nos[:2]:
            await sale(shop, no, "1")
        always = sales_order(nos[2], sales_line(10000, "1000", "1", reserve="always"))
        first, other, _ = await asyncio.gather(
            shop.send("POST", PATH, wish(nos[0], "1")),
            second.send("POST", PATH, wish(nos[1], "1")),
            shop.deliver(("sales-order", nos[2], always)),
        )
        (held,) = (await shop.get(PATH))["items"]
        assert await level(shop) == ("1", "1"), "stock says what is reserved, at once"
        made = Counter(answer.status_code for answer in (first, other))
        assert made == ({409: 2} if held["automatic"] else {201: 1, 409: 1})
        for no in nos:
            order = sales_order(no, sales_line(10000, "1000", "1"), version=2, deleted=True)
            await shop.deliver(("sales-order", no, order))
        assert (await shop.get(PATH))["items"] == []
        assert await level(shop) == ("1", "0")


async def test_a_reservation_beside_a_change_of_its_line_is_never_left_behind(
    shop: Planning, second: Planning
) -> None:
    """Twenty times: the reservation is made before the change and follows it, or is refused after it."""
    for i in range(20):
        no = f"S-{i}"
        order = await sale(shop, no, "2")
        flagged = with_line(order, special_order=True, purchasing_code="SPEC", reserve="never")
        answer, _ = await asyncio.gather(
            second.send("POST", PATH, wish(no, "2")), shop.deliver(("sales-order", no, flagged))
        )
        assert answer.status_code in {201, 409}
        assert (await shop.get(PATH, sales_order_no=no))["items"] == []
