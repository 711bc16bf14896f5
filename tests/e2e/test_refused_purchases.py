"""Purchases that are refused: what a person sees of them, and how they are procured after all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deploy.local.client import Api, Koppel, Refused, until
from tests.e2e.acts import DEADLINE_S, linked, open_order, order_when

NOT_FOUND = 404
WORKSHEET = "/requisition-worksheets/DEFAULT"


async def sold_by(koppel: Koppel, vendor_no: str, item_no: str, **vendor: Any) -> None:
    """A vendor with an item of its own, which is bought for its customer."""
    await koppel.purchasing.put(f"/vendors/{vendor_no}", {"name": vendor_no, **vendor})
    item = {
        "vendor_no": vendor_no,
        "purchasing_code": "SPECIAL",
        "last_direct_cost": "8.00",
        "unit_price": "10.00",
    }
    await koppel.planning.put(f"/items/{item_no}", item)


async def copied(api: Api, kind: str, no: str) -> None:
    """Wait until the service has a copy of this record."""

    async def has_it() -> bool:
        try:
            await api.get(f"/copies/{kind}/{no}")
        except Refused as refused:
            if refused.status != NOT_FOUND:
                raise
            return False
        return True

    await until(has_it, bool, deadline_s=DEADLINE_S)


async def exceptions_of(koppel: Koppel, order_no: str) -> list[str]:
    found = await koppel.sales.get("/exceptions", limit=500)
    return [x["sourcing"]["problem"]["code"] for x in found["items"] if x["sales_order_no"] == order_no]


async def carried_out(koppel: Koppel, line_ids: list[str]) -> Any:
    """The run of a carry-out once it has ended."""
    accepted = await koppel.planning.post(f"{WORKSHEET}/carry-out", {"line_ids": line_ids})
    return await until(
        lambda: koppel.planning.get(f"/carry-out-runs/{accepted['id']}"),
        lambda run: run["status"] != "running",
        deadline_s=DEADLINE_S,
    )


async def test_a_refused_automatic_purchase_is_an_exception_and_is_procured_by_the_worksheet(
    koppel: Koppel,
) -> None:
    """G21, BC-MD-18."""
    await sold_by(koppel, "RP1", "RP-1", blocked="all")
    order = await open_order(koppel, "C100", [{"item_no": "RP-1", "quantity": "2"}])
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "exception")
    assert await exceptions_of(koppel, order["no"]) == ["vendor-blocked"]
    await koppel.purchasing.put("/vendors/RP1", {"name": "RP1"})
    open_lines = (await koppel.planning.get("/requisition-lines", sales_order_no=order["no"]))["items"]
    run = await carried_out(koppel, [line["id"] for line in open_lines])
    assert run["status"] == "succeeded"
    await linked(koppel, order["no"])
    assert await exceptions_of(koppel, order["no"]) == []


async def test_a_blocked_vendor_stops_no_other_vendor_of_a_worksheet(koppel: Koppel) -> None:
    """BC-SO-16."""
    await sold_by(koppel, "RP2", "RP-2")
    await sold_by(koppel, "RP3", "RP-3")
    lines = [{"item_no": "RP-2", "quantity": "1"}, {"item_no": "RP-3", "quantity": "1"}]
    order = await open_order(koppel, "C100", lines, automation="manual")
    got = await koppel.planning.post(
        f"{WORKSHEET}/get-sales-orders", {"kind": "special_order", "sales_order_no": order["no"]}
    )
    await koppel.purchasing.put("/vendors/RP3", {"name": "RP3", "blocked": "all"})
    run = await carried_out(koppel, [line["id"] for line in got["lines"]])
    assert (run["status"], [o["vendor_no"] for o in run["purchase_orders"]]) == ("partly_failed", ["RP2"])
    assert [e["code"] for failed in run["failed_lines"] for e in failed["errors"]] == ["vendor-blocked"]


async def test_the_worksheet_shows_the_cost_that_the_purchase_order_has(koppel: Koppel) -> None:
    """BC-MD-15, BC-SO-18: a catalogue in another currency makes an order in that currency."""
    await sold_by(koppel, "RP4", "RP-4", currency_code="EUR")
    await koppel.purchasing.put(
        "/vendors/RP4/items/RP-4", {"direct_unit_cost": "7.00", "currency_code": "USD"}
    )
    await copied(koppel.planning, "item-vendor", "RP4/RP-4")
    order = await open_order(koppel, "C100", [{"item_no": "RP-4", "quantity": "2"}], automation="manual")
    got = await koppel.planning.post(
        f"{WORKSHEET}/get-sales-orders", {"kind": "special_order", "sales_order_no": order["no"]}
    )
    (line,) = got["lines"]
    run = await carried_out(koppel, [line["id"]])
    purchase = await koppel.purchasing.get(f"/purchase-orders/{run['purchase_orders'][0]['no']}")
    assert (purchase["currency_code"], purchase["lines"][0]["direct_unit_cost"]) == ("USD", "7.00")
    assert Decimal(line["direct_unit_cost"]) == Decimal(purchase["lines"][0]["direct_unit_cost"])


async def test_nothing_is_bought_at_an_unknown_cost_and_a_rate_mends_it(koppel: Koppel) -> None:
    """BC-MD-15, G21."""
    await sold_by(koppel, "RP5", "RP-5", currency_code="CHF")
    order = await open_order(koppel, "C100", [{"item_no": "RP-5", "quantity": "2"}])
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "exception")
    assert await exceptions_of(koppel, order["no"]) == ["exchange-rate-missing"]
    await koppel.sales.put("/exchange-rates/CHF/1950-01-01", {"rate": "0.80"})
    for api in (koppel.planning, koppel.purchasing):
        await copied(api, "exchange-rate", "CHF/1950-01-01")
    open_lines = (await koppel.planning.get("/requisition-lines", sales_order_no=order["no"]))["items"]
    run = await carried_out(koppel, [line["id"] for line in open_lines])
    purchase = await koppel.purchasing.get(f"/purchase-orders/{run['purchase_orders'][0]['no']}")
    (line,) = purchase["lines"]
    assert (purchase["currency_code"], Decimal(line["direct_unit_cost"])) == ("CHF", Decimal(10))
