"""Sales orders over HTTP: making, changing, releasing them, and what bad input gets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.keys import stock_no
from contracts.planning.masters import CatalogItem
from contracts.planning.stock import OrderReservation, ReservedLine, StockLevel
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.sales.orders import SalesOrder
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, SPECIAL, STOCK, line_of


async def test_a_made_order_is_answered_whole_and_found_again(sales: Sales) -> None:
    response = await sales.send(
        "POST", "/sales-orders", {"customer_no": "c1 ", "lines": [STOCK, SPECIAL, DROP]}
    )
    assert response.status_code == 201, response.text
    order = response.json()
    warnings = order.pop("warnings")
    assert [(warning["code"], warning["line_no"]) for warning in warnings] == [("not-available", 10000)]
    assert response.headers["Location"] == f"/v1/sales-orders/{order['no']}"
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Koppel-Seen"] == f"sales-order/{order['no']}@1"
    assert [line["procurement_method"] for line in order["lines"]] == [
        "stock",
        "special_order",
        "drop_shipment",
    ]
    assert order["totals"] == {
        "net": "9775.00", "tax": "1857.25", "charges": "0.00", "total": "11632.25",
    }  # fmt: skip
    assert order["ship_to"]["address"] == "Seeweg 4"
    assert await sales.get(f"/sales-orders/{order['no'].lower()}") == order
    found = await sales.get("/sales-orders", customer_no="C1", status="open")
    assert found["items"] == [order]


async def test_a_released_order_tells_what_its_flagged_lines_want(sales: Sales) -> None:
    order = await sales.released(STOCK, SPECIAL)
    assert order["status"] == "released"
    assert [line["sourcing"]["state"] for line in order["lines"]] == ["none", "awaiting_requisition"]
    made, told = await sales.published(SalesOrder, order["no"])
    assert (made.version, made.happened) == (1, ("created",))
    assert (told.version, told.happened) == (2, ("released",))
    assert [line.demand is None for line in told.lines] == [True, False]
    assert made.lines[1].demand is not None
    assert not made.lines[1].demand.released
    wanted = told.lines[1].demand
    assert wanted is not None
    assert (wanted.generation, wanted.quantity, wanted.released) == (1, Decimal(5), True)


async def test_releasing_twice_changes_nothing(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    again = await sales.post(f"/sales-orders/{order['no']}/release")
    assert again["version"] == order["version"]
    assert len(await sales.published(SalesOrder, order["no"])) == 2


async def test_release_tells_all_lines_without_a_vendor_at_once(sales: Sales) -> None:
    """G20: under automation purchase_order; else they are warnings."""
    lines = ({"item_no": "1300", "quantity": 1}, SPECIAL, {"item_no": "1300", "quantity": 2})
    order = await sales.order(*lines)
    response = await sales.send("POST", f"/sales-orders/{order['no']}/release", {})
    assert response.status_code == 409
    assert [e["line_no"] for e in response.json()["errors"]] == [10000, 30000]
    assert {e["code"] for e in response.json()["errors"]} == {"vendor-required"}
    by_hand = await sales.order(*lines, procurement_automation="manual")
    released = await sales.post(f"/sales-orders/{by_hand['no']}/release")
    assert [(w["code"], w["line_no"]) for w in released["warnings"]] == [
        ("vendor-required", 10000),
        ("vendor-required", 30000),
    ]


async def test_dry_run_of_a_release_says_what_it_would_buy_and_does_nothing(sales: Sales) -> None:
    """E6: on sales' copies of vendors and their terms."""
    terms = ItemVendor(version=1, vendor_no="V10", item_no="1100", direct_unit_cost=Decimal("80.00"))
    await sales.deliver(
        ("vendor", "V10", Vendor(version=1, no="V10", name="Compass Works", lead_time_days=7)),
        ("item-vendor", "V10/1100", terms),
        ("vendor", "V20", Vendor(version=1, no="V20", name="Kayaks", blocked="all")),
    )
    order = await sales.order(STOCK, SPECIAL, DROP)
    path = f"/sales-orders/{order['no']}"
    answer = await sales.post(f"{path}/release?dry_run=true", key="")
    assert [(p["line_no"], p["vendor_no"], p["quantity"], p["cost_amount"]) for p in answer["purchases"]] == [
        (20000, "V10", "5", "400.00"),
        (30000, "V20", "10", "0.00"),
    ]
    assert answer["purchases"][1]["problem"]["code"] == "vendor-blocked"
    (bought,) = answer["purchase_orders"]
    assert (bought["vendor_no"], bought["vendor_name"], bought["line_nos"]) == (
        "V10",
        "Compass Works",
        [20000],
    )
    assert (bought["cost_amount"], bought["ship_to"]["name"]) == ("400.00", "")
    assert (answer["automation"], answer["purchases"][0]["margin_amount"]) == ("purchase_order", "345.00")
    assert (await sales.get(path))["status"] == "open"
    assert await sales.published(SalesOrder, order["no"]) != []
    assert all(told.status == "open" for told in await sales.published(SalesOrder, order["no"]))


async def test_everything_wrong_with_an_order_is_told_at_once(sales: Sales) -> None:
    """BC-MD-04, BC-MD-11, BC-SD-05, BC-SO-02: every line's violation with its pointer, and nothing half-made."""
    body = {
        "customer_no": "NOBODY",
        "lines": [
            {"item_no": "9999", "quantity": 1},
            {"item_no": "1000", "quantity": 1, "purchasing_code": "NOCODE"},
            {"item_no": "1100", "quantity": 1, "reserve": "always"},
            {"item_no": "1100", "quantity": 1, "drop_shipment": True},
            {"item_no": "1500", "quantity": 1},
            {"item_no": "1000", "quantity": 1, "unit_of_measure_code": "BOX"},
            {"item_no": "1000", "quantity": 1, "location_code": "NOWHERE"},
            {"item_no": "1000", "quantity": 1, "unit_price": "1.005"},
            {"item_no": "1400", "quantity": 1, "reserve": "optional"},
            {"type": "comment", "description": "x", "drop_shipment": True},
        ],
    }
    response = await sales.send("POST", "/sales-orders", body)
    assert response.status_code == 422
    assert {(e["pointer"], e["code"]) for e in response.json()["errors"]} == {
        ("/customer_no", "unknown-customer"),
        ("/lines/0/item_no", "unknown-item"),
        ("/lines/1/purchasing_code", "unknown-purchasing-code"),
        ("/lines/2/reserve", "reserve-must-be-never"),
        ("/lines/3/drop_shipment", "purchasing-code-exclusive"),
        ("/lines/4/item_no", "item-blocked"),
        ("/lines/5/unit_of_measure_code", "unknown-unit-of-measure"),
        ("/lines/6/location_code", "unknown-location"),
        ("/lines/7/unit_price", "too-many-decimals"),
        ("/lines/8/reserve", "reserve-must-be-never"),
        ("/lines/9/drop_shipment", "line-type-not-supported"),
    }
    assert (await sales.get("/sales-orders"))["items"] == []
    assert await sales.published(SalesOrder) == []


async def test_malformed_fields_are_told_at_once(sales: Sales) -> None:
    body = {
        "customer_no": "C1",
        "colour": "red",
        "lines": [
            {"item_no": "1000", "quantity": "-1"},
            {"item_no": "1000", "quantity": "0.000001", "bin": "A"},
        ],
    }
    response = await sales.send("POST", "/sales-orders", body)
    assert response.status_code == 422
    assert {(e["pointer"], e["code"]) for e in response.json()["errors"]} == {
        ("/colour", "unknown-field"),
        ("/lines/0/quantity", "out-of-range"),
        ("/lines/1/quantity", "too-many-decimals"),
        ("/lines/1/bin", "unknown-field"),
    }


async def test_keys_versions_tokens_and_scopes(sales: Sales) -> None:
    body = {"customer_no": "C1", "lines": [STOCK]}
    first = await sales.send("POST", "/sales-orders", body, key="k1")
    again = await sales.send("POST", "/sales-orders", body, key="k1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["no"] == first.json()["no"]
    other = {**body, "your_reference": "x"}
    assert (await sales.refused("POST", "/sales-orders", other, key="k1"))[0] == 422
    assert (await sales.send("POST", "/sales-orders", body, key="")).status_code == 400
    path = f"/sales-orders/{first.json()['no']}"
    stale = await sales.refused("PATCH", path, {"your_reference": "y"}, headers={"If-Match": '"9"'})
    assert stale == (412, ["stale-version"])
    assert (await sales.send("GET", path, token="")).status_code == 401
    reader = sales.issuer.token("sales:read")
    assert (await sales.send("POST", "/sales-orders", body, token=reader)).status_code == 403
    assert (await sales.refused("GET", "/sales-orders/NONE")) == (404, ["unknown-sales-order"])


async def test_a_number_given_by_the_caller_is_taken_once(sales: Sales) -> None:
    body = {"no": "S-1001", "customer_no": "C1", "lines": [STOCK]}
    assert (await sales.post("/sales-orders", body))["no"] == "S-1001"
    assert await sales.refused("POST", "/sales-orders", body) == (409, ["document-exists"])
    assert (await sales.order(STOCK))["no"] == "S-1002"


async def test_a_used_up_series_is_told(sales: Sales) -> None:
    """BC-MD-22."""
    await sales.put("/number-series/sales-order", {"prefix": "S-", "next": 1001, "last": 1001})
    await sales.order(STOCK)
    refused = await sales.refused("POST", "/sales-orders", {"customer_no": "C1", "lines": [STOCK]})
    assert refused == (409, ["number-series-exhausted"])


async def test_lines_are_added_changed_and_removed_while_the_order_is_open(sales: Sales) -> None:
    order = await sales.order(STOCK)
    path = f"/sales-orders/{order['no']}"
    added = await sales.post(f"{path}/lines", SPECIAL)
    assert [line["line_no"] for line in added["lines"]] == [10000, 20000]
    await sales.send("DELETE", f"{path}/lines/20000")
    again = await sales.post(f"{path}/lines", STOCK)
    assert [line["line_no"] for line in again["lines"]] == [10000, 30000], "a line_no is never used twice"
    changed = await sales.patch(f"{path}/lines/10000", {"quantity": "6", "purchasing_code": "SPEC"})
    line = line_of(changed)
    assert (line["quantity"], line["special_order"], line["reserve"]) == ("6", True, "never")
    cleared = line_of(await sales.patch(f"{path}/lines/10000", {"purchasing_code": ""}))
    assert (cleared["special_order"], cleared["reserve"]) == (False, "optional")
    same = await sales.patch(f"{path}/lines/10000", {"quantity": "6"})
    assert same["version"] == 6, "a change that changes nothing raises no version"
    assert (await sales.refused("PATCH", f"{path}/lines/70000", {"quantity": 1}))[0] == 404


async def test_bc_sd_12_what_is_not_in_stock_is_warned_of_on_ordinary_lines_alone(sales: Sales) -> None:
    """On new, added and changed lines and at the release; by the copy of planning's stock, which refuses nothing."""
    order = await sales.order(STOCK | {"quantity": "3"})
    path, item, place = (
        f"/sales-orders/{order['no']}",
        line_of(order)["item_no"],
        line_of(order)["location_code"],
    )
    level = StockLevel(
        version=1,
        item_no=item,
        location_code=place,
        stock=Decimal(8),
        allocated=Decimal(2),
        reserved=Decimal(1),
    )
    await sales.deliver(("stock", stock_no(item, place), level))

    async def warned(method: str, where: str, body: dict[str, Any]) -> list[tuple[str, int]]:
        answer = await sales.send(method, where, body)
        assert answer.is_success, answer.text
        return [(x["code"], x["line_no"]) for x in answer.json().get("warnings", ())]

    lines = f"{path}/lines"
    assert await warned("PATCH", f"{lines}/10000", {"quantity": "5"}) == []
    assert await warned("PATCH", f"{lines}/10000", {"quantity": "6"}) == [("not-available", 10000)]
    assert await warned("POST", lines, STOCK | {"quantity": "6"}) == [("not-available", 20000)]
    assert await warned("POST", lines, SPECIAL | {"quantity": "6"}) == []
    assert await warned("POST", f"{path}/release", {}) == [("not-available", 10000), ("not-available", 20000)]
    new = {"customer_no": "C1", "lines": [STOCK | {"quantity": "5"}, STOCK | {"quantity": "1"}]}
    assert await warned("POST", "/sales-orders", new) == [("not-available", 20000)]


async def test_bc_so_03_a_reserved_line_shows_it_and_cannot_become_a_special_order(sales: Sales) -> None:
    order = await sales.order(STOCK)
    path = f"/sales-orders/{order['no']}"

    async def reserved(version: int, quantity: int) -> None:
        held = ReservedLine(
            sales_line_id=UUID(line_of(order)["id"]),
            sales_order_line_no=10000,
            quantity_base=Decimal(quantity),
        )
        lines = (held,) if quantity else ()
        snapshot = OrderReservation(version=version, sales_order_no=order["no"], lines=lines)
        await sales.deliver(("order-reservation", order["no"], snapshot))

    await reserved(1, 2)
    assert line_of(await sales.get(path))["reserved_quantity"] == "2"
    assert line_of((await sales.get("/sales-orders"))["items"][0])["reserved_quantity"] == "2"
    flag = {"purchasing_code": "SPEC"}
    refused = await sales.refused("PATCH", f"{path}/lines/10000", flag)
    assert refused == (409, ["reserved-quantity-must-be-zero"])
    answer = await sales.patch(f"{path}/lines/10000", {"description": "Rope"})
    assert line_of(answer)["reserved_quantity"] == "2"
    await reserved(2, 0)
    assert line_of(await sales.patch(f"{path}/lines/10000", flag))["special_order"]


async def test_released_orders_take_no_edits_but_quantities_to_post(sales: Sales) -> None:
    order = await sales.released(STOCK)
    path = f"/sales-orders/{order['no']}"
    for method, where, body in (
        ("PATCH", path, {"your_reference": "x"}),
        ("POST", f"{path}/lines", STOCK),
        ("PATCH", f"{path}/lines/10000", {"quantity": 2}),
        ("DELETE", f"{path}/lines/10000", None),
        ("DELETE", path, None),
    ):
        assert await sales.refused(method, where, body) == (409, ["order-not-open"])
    assert line_of(await sales.patch(f"{path}/lines/10000", {"qty_to_ship": 1}))["qty_to_ship"] == "1"
    too_much = await sales.refused("PATCH", f"{path}/lines/10000", {"qty_to_ship": 5})
    assert too_much == (422, ["quantity-exceeds-outstanding"])
    assert (await sales.post(f"{path}/reopen"))["status"] == "open"
    assert (await sales.patch(path, {"your_reference": "x"}))["your_reference"] == "x"


async def test_a_deleted_order_is_gone_and_tells_so(sales: Sales) -> None:
    order = await sales.order(SPECIAL)
    assert (await sales.send("DELETE", f"/sales-orders/{order['no']}")).status_code == 204
    assert (await sales.refused("GET", f"/sales-orders/{order['no']}"))[0] == 404
    told = (await sales.published(SalesOrder, order["no"]))[-1]
    assert (told.deleted, told.version, told.lines) == (True, 2, ())


async def test_dates_follow_delivery_and_handling(sales: Sales) -> None:
    """BC-SD-08, BC-DS-02: shipment = delivery - outbound handling; a drop shipment needs none."""
    order = await sales.order(STOCK, DROP, requested_delivery_date="2026-05-10")
    assert [line["shipment_date"] for line in order["lines"]] == ["2026-05-08", "2026-05-10"]
    assert {line["planned_delivery_date"] for line in order["lines"]} == {"2026-05-10"}


async def test_money_is_exact(sales: Sales) -> None:
    line = {
        "item_no": "1000",
        "quantity": "3",
        "unit_price": "0.35",
        "line_discount_pct": "33.333",
        "tax_pct": "7",
    }
    order = await sales.order(line)
    assert Decimal(order["totals"]["net"]) == Decimal("0.70")
    assert Decimal(order["totals"]["total"]) == Decimal("0.75")


async def test_a_line_selects_a_catalog_item_that_is_no_item_yet(sales: Sales) -> None:
    """BC-MD-28: on orders and quotes; the order says so to planning, which makes the item."""
    entry = CatalogItem(
        version=1,
        entry_no="CAT-1",
        item_no="TENT",
        vendor_no="V10",
        vendor_item_no="T-3",
        description="Tent",
        unit_price=Decimal(349),
        purchasing_code="SPEC",
    )
    await sales.deliver(("catalog-item", "CAT-1", entry))
    selected = {"catalog_entry_no": "cat-1", "quantity": "2"}
    body = {"customer_no": "C1", "lines": [selected]}
    quote = await sales.post("/sales-quotes", body)
    assert quote["lines"][0]["item_no"] == "TENT"
    order = await sales.post("/sales-orders", body)
    line = line_of(order)
    assert (line["item_no"], line["nonstock"], line["catalog_entry_no"], line["special_order"]) == (
        "TENT",
        True,
        "CAT-1",
        True,
    )
    path = f"/sales-orders/{order['no']}"
    added = await sales.post(f"{path}/lines", selected)
    assert line_of(added, 20000)["unit_price"] == "349"
    wrong = await sales.refused("POST", f"{path}/lines", selected | {"catalog_entry_no": "CAT-9"})
    assert wrong == (422, ["unknown-catalog-item"])
    both = await sales.refused("POST", f"{path}/lines", selected | {"item_no": "1000"})
    assert both == (422, ["line-not-empty"])
    changed = await sales.refused("PATCH", f"{path}/lines/10000", {"catalog_entry_no": "CAT-9"})
    assert changed == (409, ["line-not-empty"])
    released = await sales.post(f"{path}/release")
    assert released["status"] == "released", "the vendor is known before the item has arrived"
    told = (await sales.published(SalesOrder, order["no"]))[-1]
    assert [(each.nonstock, each.catalog_entry_no) for each in told.lines] == [(True, "CAT-1")] * 2
    invoice = await sales.refused("POST", "/sales-invoices", body)
    assert invoice == (422, ["line-type-not-supported"])
