"""Wrong requests about purchase documents are refused with stable codes, and acts that exclude each other race."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from contracts.sales.orders import LineDemand
from tests.integration.purchasing.rig import Purchasing, asking
from tests.unit.purchasing import examples as x

INVALID, CONFLICT = 422, 409
LINE = {"item_no": "1100", "quantity": 5, "direct_unit_cost": "7"}
ORDER = "/purchase-orders/P-1001"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({**LINE, "item_no": "9999"}, ["unknown-item"]),
        ({**LINE, "location_code": "NOWHERE"}, ["unknown-location"]),
        ({**LINE, "unit_of_measure_code": "CRATE"}, ["unknown-unit-of-measure"]),
        ({**LINE, "quantity": "0"}, ["out-of-range"]),
        ({**LINE, "quantity": "-1"}, ["out-of-range"]),
        ({**LINE, "drop_shipment": True}, ["unknown-field"]),
        ({**LINE, "special_order": True}, ["unknown-field"]),
        ({**LINE, "bin_code": "A"}, ["unknown-field"]),
        ({**LINE, "job_no": "J"}, ["unknown-field"]),
        ({**LINE, "sales_order_no": "S-1001", "sales_order_line_no": 10000}, ["unknown-field"] * 2),
    ],
)
async def test_a_purchase_line_that_cannot_be_is_refused(
    purchasing: Purchasing, line: dict[str, Any], wrong: list[str]
) -> None:
    """BC-MD-04, BC-SO-38, BC-SO-45, BC-DS-33."""
    body = {"vendor_no": "V10", "lines": [line]}
    assert await purchasing.refused("POST", "/purchase-orders", body) == (INVALID, wrong)


@pytest.mark.parametrize("document", ["purchase-orders", "purchase-invoices"])
async def test_bc_md_18_only_a_blocked_payment_lets_a_vendor_get_documents(
    purchasing: Purchasing, document: str
) -> None:
    for blocking, expected in (
        ({"blocked": "all"}, CONFLICT),
        ({"privacy_blocked": True}, CONFLICT),
        ({"blocked": "payment"}, 201),
    ):
        await purchasing.put("/vendors/V10", {"name": "Vendor V10", **blocking})
        answer = await purchasing.send("POST", f"/{document}", {"vendor_no": "V10", "lines": [LINE]})
        assert answer.status_code == expected
        assert expected == 201 or answer.json()["code"] == "vendor-blocked"


@pytest.mark.parametrize("document", ["purchase-orders", "purchase-invoices"])
async def test_a_document_of_more_than_a_thousand_lines_is_refused(
    purchasing: Purchasing, document: str
) -> None:
    body = {"vendor_no": "V10", "lines": [{"item_no": "1100", "quantity": "1"}] * 1001}
    assert await purchasing.refused("POST", f"/{document}", body) == (422, ["too-many-lines"])


async def test_bc_md_11_an_item_that_may_not_be_bought_is_refused(purchasing: Purchasing) -> None:
    item = msgspec.structs.replace(x.ITEMS[0], version=99, purchasing_blocked=True)
    await purchasing.deliver(("item", item.no, item))
    body = {"vendor_no": "V10", "lines": [{**LINE, "item_no": item.no}]}
    assert await purchasing.refused("POST", "/purchase-orders", body) == (CONFLICT, ["item-blocked"])


@pytest.mark.parametrize(
    ("post", "status", "wrong"),
    [
        ({"receive": True, "lines": []}, CONFLICT, ["nothing-to-post"]),
        ({"receive": False, "invoice": False}, CONFLICT, ["nothing-to-post"]),
        ({"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": -1}]}, INVALID, ["out-of-range"]),
        (
            {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": 0}]},
            CONFLICT,
            ["nothing-to-post"],
        ),
        (
            {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": 6}]},
            INVALID,
            ["quantity-exceeds-outstanding"],
        ),
        ({"receive": True, "lines": [{"line_no": 9, "qty_to_receive": 1}]}, INVALID, ["unknown-line"]),
        (
            {
                "receive": False,
                "invoice": True,
                "vendor_invoice_no": "V-1",
                "lines": [{"line_no": 10000, "qty_to_invoice": 1}],
            },
            CONFLICT,
            ["quantity-exceeds-received"],
        ),
    ],
)
async def test_what_cannot_be_posted_is_refused(
    purchasing: Purchasing, post: dict[str, Any], status: int, wrong: list[str]
) -> None:
    """BC-DS-26, BC-SO-30."""
    order = await purchasing.post("/purchase-orders", {"vendor_no": "V10", "lines": [LINE]})
    path = f"/purchase-orders/{order['no']}/post"
    assert await purchasing.refused("POST", path, post) == (status, wrong)


@pytest.mark.parametrize("attempt", range(20))
async def test_of_a_receipt_and_the_deletion_of_its_order_one_wins(
    purchasing: Purchasing, attempt: int
) -> None:
    """BC-SO-42: what was received belongs to an order that stays."""
    order = await purchasing.post("/purchase-orders", {"vendor_no": "V10", "lines": [LINE]})
    path = f"/purchase-orders/{order['no']}"
    acts = [purchasing.send("POST", f"{path}/post", {"receive": True}), purchasing.send("DELETE", path)]
    answers = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)))
    statuses = Counter(answer.status_code for answer in answers)
    receipts = (await purchasing.get("/posted-purchase-receipts"))["items"]
    if statuses[200]:
        assert (statuses, len(receipts)) == (Counter({200: 1, 409: 1}), 1)
    else:
        assert (statuses, receipts) == (Counter({204: 1, 404: 1}), [])


async def test_bc_ds_22_shipped_there_and_received_here_at_once_is_one_delivery(
    purchasing: Purchasing,
) -> None:
    """Twenty times: both sides saw the same total, so each piece is received once."""
    twenty = Decimal(20)
    demand = LineDemand(generation=1, quantity=twenty, released=True)
    sold = x.sales_order(
        x.sales_line(x.COMPASS, 20000, "drop_shipment", quantity=twenty, demand=demand), version=1
    )
    wanted = x.request_line(
        "1100", x.ref(), drop_shipment=True, special_order=False, purchasing_code="DROP", quantity=twenty
    )
    await purchasing.deliver_sales_orders(sold)
    await purchasing.deliver_requests(x.request(wanted, ship_to=x.SHIP_TO))
    for total in range(20):
        sold = asking(sold, (x.COMPASS, total, 1))
        lines = [{"line_no": 10000, "qty_to_receive": 1, "posted_before": str(total)}]
        acts = [
            purchasing.send("POST", f"{ORDER}/post", {"receive": True, "lines": lines}),
            purchasing.deliver_sales_orders(sold),
        ]
        await asyncio.gather(*(acts if total % 2 else reversed(acts)))
        received = (await purchasing.purchase_order("P-1001"))["lines"][0]["quantity_received"]
        assert received == str(total + 1)
