"""The list of goods that came and whose vendor invoice is missing."""

from __future__ import annotations

from typing import Any

from contracts.sales.masters import ExchangeRate
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

REPORT = "/reports/received-not-invoiced"


async def ordered(purchasing: Purchasing, vendor_no: str, *lines: Any, **header: Any) -> str:
    body = {"vendor_no": vendor_no, "lines": lines, **header}
    return str((await purchasing.post("/purchase-orders", body, expect=201))["no"])


async def post(purchasing: Purchasing, no: str, day: str, received: str, invoiced: str = "0") -> None:
    line = {"line_no": 10000, "qty_to_receive": received, "qty_to_invoice": invoiced}
    body = {
        "receive": received != "0",
        "invoice": invoiced != "0",
        "posting_date": day,
        "vendor_invoice_no": f"{no}-{day}",
        "lines": [line],
    }
    await purchasing.post(f"/purchase-orders/{no}/post", body)


async def test_g13_goods_without_an_invoice_are_listed_until_the_vendor_has_billed_them(
    purchasing: Purchasing,
) -> None:
    rate = ExchangeRate(version=1, currency_code="USD", date=x.TODAY, rate="0.80")  # type: ignore[arg-type]
    await purchasing.deliver(("exchange-rate", "USD/2026-03-02", rate))
    rope = {"item_no": "1100", "quantity": "5", "direct_unit_cost": "8.00"}
    kayak = {"item_no": "1200", "quantity": "2", "direct_unit_cost": "100.00"}
    first = await ordered(purchasing, "V10", rope, order_date="2026-03-02")
    second = await ordered(purchasing, "V20", kayak, order_date="2026-03-02", currency_code="USD")
    assert (await purchasing.get(REPORT))["items"] == []
    await post(purchasing, first, "2026-03-03", "3")
    await post(purchasing, second, "2026-03-05", "2")

    report = await purchasing.get(REPORT)
    assert [
        (line["purchase_order_no"], line["qty_rcd_not_invoiced"], line["amount"], line["company_amount"])
        for line in report["items"]
    ] == [(first, "3", "24.00", "24.00"), (second, "2", "200.00", "160.00")]
    assert (report["total"], report["next_cursor"]) == ({"amount": "184.00", "currency_code": "EUR"}, None)

    for query, nos in (
        ("vendor_no=V20", [second]),
        ("item_no=1100", [first]),
        ("date=2026-03-04", [first]),
        ("date=2026-03-01", []),
    ):
        narrowed = await purchasing.get(f"{REPORT}?{query}")
        assert [line["purchase_order_no"] for line in narrowed["items"]] == nos, query
    assert await purchasing.refused("GET", f"{REPORT}?sort=amount") == (422, ["bad-sort"])
    page = await purchasing.get(f"{REPORT}?limit=1")
    assert (len(page["items"]), page["total"]["amount"]) == (1, "184.00"), "the total is that of all pages"
    rest = await purchasing.get(f"{REPORT}?limit=1&cursor={page['next_cursor']}")
    assert [line["purchase_order_no"] for line in rest["items"]] == [second]
    wrong = await purchasing.problem("GET", f"{REPORT}?date=yesterday", expect=422)
    assert wrong["errors"][0]["pointer"] == "/date"

    assert (await purchasing.purchase_order(first))["invoicing"] == "received-not-invoiced"
    for path in ("/purchase-orders", "/purchase-lines"):
        assert len((await purchasing.get(f"{path}?received_not_invoiced=true"))["items"]) == 2, path
        assert (await purchasing.get(f"{path}?received_not_invoiced=false"))["items"] == [], path
    of_item = (await purchasing.get("/purchase-lines?item_no=1100"))["items"]
    assert [each["purchase_order_no"] for each in of_item] == [first]

    await post(purchasing, first, "2026-03-06", "0", "3")
    assert [line["purchase_order_no"] for line in (await purchasing.get(REPORT))["items"]] == [second]
    assert (await purchasing.purchase_order(first))["invoicing"] == ""
    open_orders = (await purchasing.get("/purchase-orders?received_not_invoiced=true"))["items"]
    assert [order["no"] for order in open_orders] == [second]
