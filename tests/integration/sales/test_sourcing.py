"""What readers see of a line's supply, the guards that follow from it, and the work lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select

from contracts.sales.orders import SalesOrder
from contracts.values import Problem
from sales.store.tables import OPEN_SALES_LINE
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import (
    DROP,
    SPECIAL,
    STOCK,
    demand,
    line_of,
    purchase,
    purchase_line,
    receipt,
)
from tests.support.plans import work_of


async def sourcing(sales: Sales, order: Any, line_no: int = 10000) -> Any:
    return line_of(await sales.get(f"/sales-orders/{order['no']}"), line_no)["sourcing"]


async def test_a_line_shows_each_step_of_its_supply(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    assert (await sourcing(sales, order))["state"] == "awaiting_requisition"
    await sales.deliver(demand(order, 1, "requisitioned", vendor_no="V10"))
    assert (await sourcing(sales, order))["state"] == "requisitioned"
    await sales.deliver(demand(order, 2, "requested", vendor_no="V10"))
    shown = await sourcing(sales, order)
    assert (shown["state"], shown["vendor_no"], shown["purchase_order_no"]) == ("requested", "V10", None)
    await sales.deliver(purchase("P-1", 1, purchase_line(order)))
    shown = await sourcing(sales, order)
    assert (shown["state"], shown["purchase_order_no"], shown["purchase_order_line_no"]) == (
        "ordered",
        "P-1",
        10000,
    )
    assert (shown["quantity_ordered"], shown["link_active"]) == ("5", True)
    await sales.deliver(demand(order, 1, "requisitioned"), demand(order, 3, "ordered"))
    assert (await sourcing(sales, order))["state"] == "ordered"
    await sales.deliver(purchase("P-1", 2, purchase_line(order, 10000, receipt("5"))))
    assert (await sourcing(sales, order))["state"] == "received"
    version = (await sales.get(f"/sales-orders/{order['no']}"))["version"]
    assert version == order["version"], "what is learned raises no version"


async def test_planning_s_problem_is_the_line_s_exception(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    why = Problem(code="vendor-blocked", detail="vendor V10 is blocked")
    await sales.deliver(demand(order, 1, "exception", problem=why))
    shown = await sourcing(sales, order)
    assert (shown["state"], shown["problem"]["code"]) == ("exception", "vendor-blocked")
    (listed,) = (await sales.get("/exceptions"))["items"]
    assert (listed["sales_order_no"], listed["line_no"]) == (order["no"], 10000)


async def test_a_deleted_purchase_line_is_an_exception_until_the_next_generation(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    await sales.deliver(purchase("P-1", 1, purchase_line(order)))
    await sales.deliver(purchase("P-1", 2, purchase_line(order, deleted=True)))
    shown = await sourcing(sales, order)
    assert (shown["state"], shown["problem"]["code"], shown["purchase_order_no"]) == (
        "exception", "purchase-line-deleted", None,
    )  # fmt: skip
    assert "P-1" in shown["problem"]["detail"]
    await sales.deliver(purchase("P-2", 1, purchase_line(order, generation=2)))
    shown = await sourcing(sales, order)
    assert (shown["state"], shown["generation"], shown["purchase_order_no"]) == ("ordered", 2, "P-2")
    await sales.deliver(purchase("P-1", 3, purchase_line(order, deleted=True)))
    assert (await sourcing(sales, order))["purchase_order_no"] == "P-2", "a lower generation is old news"


async def test_quantities_changed_by_hand_are_said_and_hold_nothing_up(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, quantity="8")))
    shown = await sourcing(sales, order)
    assert (shown["state"], shown["problem"]["code"]) == ("ordered", "over-ordered")


async def test_a_bought_line_keeps_what_it_was_bought_by(sales: Sales) -> None:
    """BC-SO-37, BC-SO-40, BC-SO-41, BC-DS-35: the purchase order is named, and each field that cannot change."""
    order = await sales.released(SPECIAL)
    path = f"/sales-orders/{order['no']}"
    await sales.post(f"{path}/reopen")
    before = await sales.refused("PATCH", path, {"currency_code": "USD"})
    assert before == (409, ["line-being-procured"])
    await sales.deliver(purchase("P-1", 1, purchase_line(order)))
    body = {
        "quantity": 7,
        "item_no": "1000",
        "location_code": "SHOP",
        "purchasing_code": "",
        "unit_cost": "1",
    }
    response = await sales.send("PATCH", f"{path}/lines/10000", body)
    assert response.status_code == 409
    problem = response.json()
    assert {(e["pointer"], e["code"]) for e in problem["errors"]} == {
        (f"/{field}", "line-linked-to-purchase-order") for field in body
    }
    assert (problem["purchase_order_no"], problem["line_no"]) == ("P-1", 10000)
    for header in ({"customer_no": "C9"}, {"currency_code": "USD"}):
        assert (await sales.refused("PATCH", path, header))[0] == 409
    assert await sales.refused("DELETE", f"{path}/lines/10000") == (409, ["line-linked-to-purchase-order"])
    assert await sales.refused("DELETE", path) == (409, ["line-linked-to-purchase-order"])
    await sales.post(f"{path}/release")
    for held in (path, f"{path}/lines/10000"):
        reasons = await sales.refused("DELETE", held)
        assert reasons == (409, ["line-linked-to-purchase-order", "order-not-open"]), "no use to reopen it"
    await sales.post(f"{path}/reopen")
    changed = await sales.patch(
        f"{path}/lines/10000", {"shipment_date": "2026-06-01", "unit_price": "150.00"}
    )
    assert line_of(changed)["shipment_date"] == "2026-06-01"
    assert (await sales.patch(path, {"ship_to": {"city": "Ulm"}}))["ship_to"]["city"] == "Ulm"


async def test_the_address_of_a_drop_shipment_stays(sales: Sales) -> None:
    """BC-DS-32."""
    order = await sales.released(DROP)
    path = f"/sales-orders/{order['no']}"
    await sales.post(f"{path}/reopen")
    await sales.deliver(purchase("P-1", 1, purchase_line(order, kind="drop_shipment")))
    refused = await sales.refused("PATCH", path, {"ship_to": {"city": "Ulm"}})
    assert refused == (409, ["line-linked-to-purchase-order"])
    assert (await sales.patch(path, {"ship_to": {"city": "Konstanz"}}))["ship_to"]["city"] == "Konstanz"


async def test_deleting_while_the_request_is_under_way_is_refused(sales: Sales) -> None:
    """BC-SO-41."""
    order = await sales.released(SPECIAL, STOCK)
    path = f"/sales-orders/{order['no']}"
    await sales.post(f"{path}/reopen")
    await sales.deliver(demand(order, 1, "requested"))
    assert await sales.refused("DELETE", f"{path}/lines/10000") == (409, ["change-pending"])
    await sales.deliver(demand(order, 2, "requisitioned"))
    assert (await sales.send("DELETE", f"{path}/lines/10000")).status_code == 204
    told = (await sales.published(SalesOrder, order["no"]))[-1]
    assert [line.line_no for line in told.lines] == [20000]


async def test_an_order_lists_its_purchases_and_receipts(sales: Sales) -> None:
    """BC-SO-31."""
    order = await sales.released(STOCK, SPECIAL)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 20000, receipt("2", document_no="R-7"))))
    (item,) = (await sales.get(f"/sales-orders/{order['no']}/purchase-orders"))["items"]
    assert (item["line_no"], item["purchase_order_no"], item["purchase_order_line_no"]) == (
        20000,
        "P-1",
        10000,
    )
    assert [(r["receipt_no"], r["quantity"]) for r in item["posted_receipts"]] == [("R-7", "2")]


async def test_work_lists_find_lines_by_what_is_to_be_done(sales: Sales) -> None:
    """E1."""
    order = await sales.released(STOCK, SPECIAL, DROP)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 20000, receipt("2"))))

    async def found(**filters: Any) -> list[int]:
        return [line["line_no"] for line in (await sales.get("/sales-lines", **filters))["items"]]

    assert await found() == [10000, 20000, 30000]
    assert await found(sourcing_state="partly_received") == [20000]
    assert await found(sourcing_state="awaiting_requisition") == [30000]
    assert await found(ready_to_ship=True) == [10000, 20000]
    assert await found(vendor_no="V10") == [20000]
    assert await found(customer_no="C2") == []
    assert await found(location_code="NORTH", limit=2) == [10000, 20000]
    page = await sales.get("/sales-lines", limit=2)
    rest = await sales.get("/sales-lines", limit=2, cursor=page["next_cursor"])
    assert [line["line_no"] for line in rest["items"]] == [30000]


async def test_g10_sales_learns_by_event_that_a_promised_date_is_at_risk(sales: Sales) -> None:
    """E1: shown on the line, found in the work list, told in the timeline; the promise is kept."""
    order = await sales.released(SPECIAL, SPECIAL, requested_delivery_date="2026-03-12")
    promised = line_of(order, 10000)
    assert promised["promised_delivery_date"] == promised["planned_delivery_date"] == "2026-03-12"
    first, second = (
        replace(purchase_line(order, no), expected_receipt_date=date(2026, 3, 9)) for no in (10000, 20000)
    )
    await sales.deliver(purchase("P-1", 1, first, second))
    late = replace(first, confirmed_date=date(2026, 3, 16))
    _, _, snapshot = purchase("P-1", 2, late, second)
    told = replace(snapshot, happened=("confirmed", "dates_changed"))
    await sales.deliver(("purchase-order", "P-1", told))

    async def found(*, at_risk: bool) -> list[int]:
        items = (await sales.get("/sales-lines", date_at_risk=at_risk))["items"]
        assert all(item["date_at_risk"] is at_risk for item in items)
        return [item["line_no"] for item in items]

    assert (await found(at_risk=True), await found(at_risk=False)) == ([10000], [20000])
    shown = line_of(await sales.get(f"/sales-orders/{order['no']}"), 10000)
    assert (shown["date_at_risk"], shown["promised_delivery_date"]) == (True, "2026-03-12")
    assert shown["sourcing"]["expected_receipt_date"] == "2026-03-16"
    items = (await sales.get(f"/sales-orders/{order['no']}/timeline"))["items"]
    assert [(item["happened"], item["detail"]) for item in items if item["happened"] == "dates_changed"] == [
        ("dates_changed", "line 10000 on 2026-03-16, line 20000 on 2026-03-09")
    ]
    received = replace(late, receipts=(receipt("5"),), quantity_received=late.quantity)
    await sales.deliver(purchase("P-1", 3, received, second))
    assert await found(at_risk=True) == []


async def test_g10_a_promise_is_kept_when_the_order_is_released_again(sales: Sales) -> None:
    order = await sales.released(SPECIAL, requested_delivery_date="2026-03-12")
    path = f"/sales-orders/{order['no']}"
    await sales.post(f"{path}/reopen")
    await sales.patch(f"{path}/lines/10000", {"shipment_date": "2026-03-20"})
    line = line_of(await sales.post(f"{path}/release"), 10000)
    assert (line["shipment_date"], line["promised_delivery_date"]) == ("2026-03-20", "2026-03-12")


async def test_a_line_is_overdue_by_the_company_s_day(sales: Sales) -> None:
    """West of the date line it is always an earlier day than east of it, whatever day the database has."""
    day_in_the_west = (datetime.now(UTC) - timedelta(hours=12)).date()
    await sales.order({**STOCK, "shipment_date": day_in_the_west.isoformat()})
    company = await sales.get("/company")

    async def overdue(time_zone: str) -> tuple[bool, int, int]:
        details = {"name": company["name"], "currency_code": company["currency_code"], "time_zone": time_zone}
        await sales.put("/company", details)
        (line,) = (await sales.get("/sales-lines"))["items"]
        late = (await sales.get("/sales-lines", overdue=True))["items"]
        in_time = (await sales.get("/sales-lines", overdue=False))["items"]
        return line["overdue"], len(late), len(in_time)

    assert await overdue("Etc/GMT+12") == (False, 0, 1)
    assert await overdue("Pacific/Kiritimati") == (True, 1, 0)


async def test_a_receipt_for_an_unknown_order_parks_alone(sales: Sales) -> None:
    order = await sales.released(DROP)
    other = {
        **order,
        "no": "S-9999",
        "lines": [{**order["lines"][0], "id": "01930000-0000-7000-8000-0000000000ff"}],
    }
    await sales.deliver(
        purchase("P-8", 1, purchase_line(other, 10000, receipt("1"), kind="drop_shipment")),
        purchase("P-9", 1, purchase_line(order, 10000, receipt("1"), kind="drop_shipment")),
    )
    assert [row["no"] for row in await sales.sql("SELECT no FROM parked")] == ["P-8"]
    assert Decimal(line_of(await sales.get(f"/sales-orders/{order['no']}"))["quantity_shipped"]) == 1


async def test_a_work_list_looks_into_a_large_order_once(sales: Sales) -> None:
    """Listing 500 of its lines parses it once, and no step sees a line for each other one."""
    await sales.released(*[SPECIAL] * 1000)
    assert len((await sales.get("/sales-lines", limit=500))["items"]) == 500
    listed = select(OPEN_SALES_LINE).order_by(OPEN_SALES_LINE.c.no, OPEN_SALES_LINE.c.line_no).limit(500)
    async with sales.database.begin() as tx:
        for work in await work_of(tx, listed):
            assert work.rows <= 2000
            assert work.orders_parsed == 1


async def test_a_bought_line_costs_what_its_purchase_costs(sales: Sales) -> None:
    """BC-SO-24, BC-SO-36, BC-DS-30: at the link, at each change of it, on what is posted, and delivered again."""
    order = await sales.released(SPECIAL)
    path, version = f"/sales-orders/{order['no']}", order["version"]

    async def cost() -> Any:
        shown = await sales.get(path)
        assert shown["version"] == version, "what others say raises no version"
        return line_of(shown)["unit_cost"]

    def at(price: str, **more: Any) -> Any:
        return replace(purchase_line(order, 10000, received), direct_unit_cost=Decimal(price), **more)

    received = receipt("5")
    await sales.deliver(purchase("P-1", 1, at("80.00")))
    assert await cost() == "80.00"
    await sales.deliver(purchase("P-1", 2, at("74.50")))
    await sales.deliver(purchase("P-1", 2, at("74.50")), purchase("P-1", 1, at("80.00")))
    assert await cost() == "74.50"
    posted = await sales.post(f"{path}/post", {"ship": True, "invoice": True})
    shipment = await sales.get(f"/posted-sales-shipments/{posted['shipment_no']}")
    bill = await sales.get(f"/posted-sales-invoices/{posted['invoice_no']}")
    assert (line_of(shipment)["unit_cost"], line_of(bill)["unit_cost"]) == ("74.50", "74.50")
    version = (await sales.get(path))["version"]
    charged = at("74.50", quantity_invoiced=Decimal(5), amount_invoiced=Decimal(350))
    await sales.deliver(purchase("P-1", 3, charged))
    assert Decimal(await cost()) == 70
