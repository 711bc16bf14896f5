"""Vendors confirm lines or refuse them, over HTTP, on real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest, Reschedule
from tests.integration.purchasing.rig import Purchasing
from tests.unit.purchasing import examples as x

SOLD = x.sales_order(
    x.sales_line(x.COMPASS, 10000, "special_order", promised_delivery_date=x.date(2026, 3, 8)),
    x.sales_line(x.KAYAK, 20000, "special_order"),
)


async def bought(purchasing: Purchasing) -> str:
    """A purchase order with a line for each line of the sale; the path to its lines."""
    await purchasing.deliver_sales_orders(SOLD)
    day = x.date(2026, 3, 9)
    lines = [x.request_line(sales=x.ref(id_), expected_receipt_date=day) for id_ in (x.COMPASS, x.KAYAK)]
    await purchasing.deliver_requests(x.request(*lines))
    return "/purchase-orders/P-1001/lines"


async def listed(purchasing: Purchasing, **filters: Any) -> list[int]:
    found = await purchasing.get("/purchase-lines", **filters)
    return [item["line"]["line_no"] for item in found["items"]]


async def test_e2_a_buyer_finds_lines_by_what_the_vendor_has_and_has_said(purchasing: Purchasing) -> None:
    lines = await bought(purchasing)
    assert await listed(purchasing, sent=True) == []
    await purchasing.post("/purchase-orders/P-1001/send", {"method": "download"}, expect=200)
    changed = await purchasing.patch(f"{lines}/10000", {"confirmed_quantity": "1"})
    first, second = changed["lines"]
    assert (first["sent"], first["confirmed"], first["overdue"]) == (True, True, first["overdue"])
    assert (second["sent"], second["confirmed"]) == (True, False)
    assert await listed(purchasing, sent=True) == [10000, 20000]
    assert await listed(purchasing, confirmed=True) == [10000]
    assert await listed(purchasing, confirmed=False, refused=False) == [20000]
    overdue = await purchasing.patch(f"{lines}/10000", {"confirmed_date": "2020-01-01"})
    assert overdue["lines"][0]["overdue"] is True
    (found,) = (await purchasing.get("/purchase-orders"))["items"]
    assert found["lines"] == (await purchasing.purchase_order("P-1001"))["lines"] == overdue["lines"]
    assert 10000 in await listed(purchasing, overdue=True)


async def test_e2_an_order_by_telephone_has_the_vendor_s_answer_from_the_start(
    purchasing: Purchasing,
) -> None:
    answer = {"confirmed_quantity": "3", "confirmed_date": "2026-03-20"}
    line = {"item_no": "1100", "quantity": "4"}
    body = {"vendor_no": "V10", "lines": [line | answer, line]}
    order = await purchasing.post("/purchase-orders", body, expect=201)
    added = await purchasing.post(f"/purchase-orders/{order['no']}/lines", line | answer, expect=201)
    assert [each["confirmed"] for each in added["lines"]] == [True, False, True]
    first = added["lines"][0]
    assert (first["confirmed_quantity"], first["confirmed_date"]) == ("3", "2026-03-20")
    negative = {"vendor_no": "V10", "lines": [line | {"confirmed_quantity": "-1"}]}
    assert await purchasing.refused("POST", "/purchase-orders", negative) == (422, ["out-of-range"])


async def test_e2_a_refused_line_ends_its_link_and_says_why(purchasing: Purchasing) -> None:
    lines = await bought(purchasing)
    refusal = {"reason": "Out of production"}
    after = await purchasing.post(f"{lines}/10000/refuse", refusal, expect=200)
    line = after["lines"][0]
    assert (line["refused"], line["refusal_reason"], line["quantity"], line["refused_quantity"]) == (
        True, "Out of production", "0", "2",
    )  # fmt: skip
    assert line["sales_order_no"] is None
    published = await purchasing.last_order("P-1001")
    assert published.happened == ("line_refused",)
    assert published.lines[0].link is not None
    assert not published.lines[0].link.active
    assert await listed(purchasing, refused=True) == [10000]
    assert (await purchasing.get("/exceptions"))["items"] == [], "the sales line has the one notice"
    told = (await purchasing.get("/purchase-orders/P-1001/timeline"))["items"][-1]
    assert (told["happened"], told["detail"]) == ("line_refused", "line 10000: Out of production")
    again = await purchasing.problem("POST", f"{lines}/10000/refuse", refusal)
    assert again["errors"][0]["code"] == "line-refused"
    # The same generation is not bought again; the next one is, by a person's answer.
    await purchasing.deliver_requests(x.request(x.request_line(sales=x.ref(x.COMPASS, 2))))
    assert (await purchasing.purchase_order("P-1002"))["lines"][0]["generation"] == 2


async def test_e2_a_refusal_needs_a_reason_and_a_line(purchasing: Purchasing) -> None:
    lines = await bought(purchasing)
    blank = await purchasing.problem("POST", f"{lines}/10000/refuse", {"reason": " "}, expect=422)
    assert blank["errors"][0]["code"] == "reason-required"
    await purchasing.problem("POST", f"{lines}/30000/refuse", {"reason": "None"}, expect=404)


async def test_g10_the_impact_names_what_the_customer_was_promised(purchasing: Purchasing) -> None:
    lines = await bought(purchasing)
    late = await purchasing.patch(f"{lines}/10000", {"confirmed_date": "2026-03-16"})
    assert late["impacts"] == [
        {
            "sales_order_no": "S-1001",
            "line_no": 10000,
            "promised_delivery_date": "2026-03-08",
            "new_date": "2026-03-16",
        }
    ]
    items = (await purchasing.get("/purchase-orders/P-1001/timeline"))["items"]
    assert [(item["happened"], item["detail"]) for item in items[-2:]] == [
        ("confirmed", "line 10000 on 2026-03-16, line 20000 on 2026-03-09"),
        ("dates_changed", "line 10000 on 2026-03-16, line 20000 on 2026-03-09"),
    ]


async def test_g17_a_line_comes_another_day_once_however_often_planning_asks(purchasing: Purchasing) -> None:
    await bought(purchasing)

    def asking(due_date: date) -> PurchaseRequest:
        wanted = Reschedule(
            requisition_line_id=x.new_id(),
            purchase_order_no="P-1001",
            purchase_order_line_no=10000,
            sales=x.ref(x.COMPASS),
            original_due_date=x.date(2026, 3, 9),
            due_date=due_date,
        )
        return replace(x.request(), lines=(), reschedule=wanted)

    first, second = asking(x.date(2026, 3, 16)), asking(x.date(2026, 3, 20))
    await purchasing.deliver_requests(first, second, x.request(x.request_line(sales=x.ref(x.ROPE))))
    await purchasing.deliver_requests(first)
    order = await purchasing.purchase_order("P-1001")
    assert (order["version"], order["lines"][0]["expected_receipt_date"]) == (2, "2026-03-16")
    assert order["lines"][1]["expected_receipt_date"] == "2026-03-09"
    assert (await purchasing.outcome(first.id)).outcome == "rescheduled"
    late = await purchasing.outcome(second.id)
    assert (late.outcome, [e.code for e in late.errors]) == ("refused", ["plan-outdated"])
    listed = (await purchasing.get("/exceptions"))["items"]
    assert "plan-outdated" not in [item["code"] for item in listed], "planning's message has it"
    assert (await purchasing.purchase_order("P-1002"))["lines"][0]["item_no"] == "1100"
    told = (await purchasing.get("/purchase-orders/P-1001/timeline"))["items"]
    assert "rescheduled" in [item["happened"] for item in told]


async def stocked(purchasing: Purchasing, *, quantity: int = 5) -> str:
    """A purchase order into stock; its number."""
    line = {
        "item_no": "1100",
        "quantity": quantity,
        "expected_receipt_date": "2026-03-09",
        "location_code": "NORTH",
    }
    made = await purchasing.post("/purchase-orders", {"vendor_no": "V10", "lines": [line]})
    return str(made["no"])


def planned(no: str, quantity: int, *, original: int = 5) -> PurchaseRequest:
    """What a planning run asks of the order's line, of which it knew so many to come."""
    wanted = Reschedule(
        requisition_line_id=x.new_id(),
        purchase_order_no=no,
        purchase_order_line_no=10000,
        original_due_date=x.date(2026, 3, 9),
        due_date=x.date(2026, 3, 9),
        original_quantity=Decimal(original),
        quantity=Decimal(quantity),
    )
    return replace(x.request(), lines=(), reschedule=wanted)


async def test_bc_pl_11_a_line_is_changed_and_cancelled_once_as_planning_asks(purchasing: Purchasing) -> None:
    no = await stocked(purchasing)
    first, late, cancel = planned(no, 8), planned(no, 9), planned(no, 0, original=8)
    await purchasing.deliver_requests(first, late)
    await purchasing.deliver_requests(first)
    order = await purchasing.purchase_order(no)
    assert (order["version"], order["lines"][0]["quantity"]) == (2, "8")
    outcome = await purchasing.outcome(late.id)
    assert (outcome.outcome, [e.code for e in outcome.errors]) == ("refused", ["plan-outdated"])
    await purchasing.deliver_requests(cancel)
    assert (await purchasing.outcome(cancel.id)).outcome == "rescheduled"
    assert await purchasing.refused("GET", f"/purchase-orders/{no}") == (404, ["unknown-purchase-order"])
    assert (await purchasing.last_order(no)).deleted


async def test_a_plan_and_a_receipt_at_once_never_leave_less_than_was_received(
    purchasing: Purchasing,
) -> None:
    """Twenty times, cancelling and cutting: either the receipt is refused, or the plan is outdated."""
    for i in range(20):
        no = await stocked(purchasing)
        asked = planned(no, 0 if i % 2 else 2)
        lines = [{"line_no": 10000, "qty_to_receive": "3"}]
        posted, _ = await asyncio.gather(
            purchasing.send("POST", f"/purchase-orders/{no}/post", {"receive": True, "lines": lines}),
            purchasing.deliver_requests(asked),
        )
        outcome = await purchasing.outcome(asked.id)
        order = await purchasing.last_order(no)
        if posted.status_code == 200:
            assert [error.code for error in outcome.errors] == ["plan-outdated"]
            assert (order.lines[0].quantity, order.lines[0].quantity_received) == (5, 3)
        else:
            assert posted.status_code in {404, 422}, posted.text
            assert (outcome.outcome, order.lines[0].quantity_received) == ("rescheduled", 0)


async def test_e5_a_line_whose_goods_were_given_away_is_bought_again(purchasing: Purchasing) -> None:
    """Its earlier purchase is here: the link gives way, once, and its receipt is not taken back without the sale."""
    await bought(purchasing)
    lines = [{"line_no": 10000}]
    posted = await purchasing.post(
        "/purchase-orders/P-1001/post", {"receive": True, "lines": lines}, expect=200
    )
    again = [
        x.request(x.request_line(sales=x.ref(id_, 2), replaces_received=True)) for id_ in (x.COMPASS, x.KAYAK)
    ]
    await purchasing.deliver_requests(*again)
    await purchasing.deliver_requests(*again)
    first, second = (await purchasing.purchase_order("P-1001"))["lines"]
    assert (first["sales_order_no"], second["sales_order_no"]) == (None, "S-1001"), (
        "the other is not here yet"
    )
    assert (await purchasing.purchase_order("P-1002"))["lines"][0]["generation"] == 2
    assert (await purchasing.outcome(again[1].id)).skipped[0].code == "already-associated-with-purchase-order"
    undo = await purchasing.post(f"/posted-purchase-receipts/{posted['receipt_no']}/undo", {}, expect=202)
    assert undo["status"] == "running", "sales is asked"
