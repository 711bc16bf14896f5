"""Drop shipments posted from both sides, on a real database."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from contracts.purchasing.documents import PostedPurchaseInvoice
from contracts.sales.orders import SalesOrder
from tests.integration.purchasing.rig import Purchasing, asking
from tests.unit.purchasing import examples as x

SOLD = x.sales_order(
    x.sales_line(x.COMPASS, 20000, "drop_shipment"),
    x.sales_line(x.KAYAK, 30000, "drop_shipment", item_no="1200"),
)
POST = "/purchase-orders/P-1001/post"


async def bought(purchasing: Purchasing) -> SalesOrder:
    """Both lines on one purchase order, 5 pieces each."""
    lines = [
        x.request_line(
            item, ref, drop_shipment=True, special_order=False, purchasing_code="DROP", quantity=x.Decimal(5)
        )
        for item, ref in (("1100", x.ref()), ("1200", x.ref(x.KAYAK)))
    ]
    await purchasing.deliver_sales_orders(SOLD)
    await purchasing.deliver_requests(x.request(*lines, ship_to=x.SHIP_TO))
    return SOLD


def receiving(line_no: int, quantity: str, before: str | None = None) -> dict[str, object]:
    line = {"line_no": line_no, "qty_to_receive": quantity} | ({"posted_before": before} if before else {})
    return {
        "receive": True,
        "posting_date": "2026-03-05",
        "shipment": {"carrier": "DHL", "tracking_no": "T1"},
        "lines": [line],
    }


async def received(purchasing: Purchasing) -> list[str]:
    return [line["quantity_received"] for line in (await purchasing.purchase_order("P-1001"))["lines"]]


async def test_bc_ds_21_a_posting_request_of_sales_posts_the_receipt(purchasing: Purchasing) -> None:
    sold = asking(await bought(purchasing), (x.COMPASS, 0, 5), (x.KAYAK, 0, 2))
    await purchasing.deliver_sales_orders(sold)
    outcome = await purchasing.outcome(sold.posting_requests[0].id)
    order = await purchasing.last_order("P-1001")
    assert (outcome.kind, outcome.outcome, order.status, order.version) == (
        "posting_request",
        "posted",
        "released",
        2,
    )
    assert [p.posting.document_no for p in outcome.postings] == ["PR-1001", "PR-1001"]
    assert {p.posting.posting_id for p in outcome.postings} == {
        r.posting_id for line in order.lines for r in line.receipts
    }
    assert {r.origin for line in order.lines for r in line.receipts} == {"sales"}
    receipt = await purchasing.get("/posted-purchase-receipts/PR-1001")
    assert [line["quantity"] for line in receipt["lines"]] == ["5", "2"]
    assert (receipt["posting_date"], receipt["purchase_order_no"]) == ("2026-03-02", "P-1001")


async def test_a_posting_request_is_decided_once_however_often_the_order_is_published(
    purchasing: Purchasing,
) -> None:
    sold = asking(await bought(purchasing), (x.COMPASS, 0, 2))
    await purchasing.deliver_sales_orders(sold)
    await purchasing.deliver_sales_orders(msgspec.structs.replace(sold, version=9))
    assert await received(purchasing) == ["2", "0"]
    assert await purchasing.sql("SELECT count(*) FROM posted_purchase_receipt") == [(1,)]


async def test_two_posting_requests_in_one_snapshot_follow_each_other(purchasing: Purchasing) -> None:
    sold = asking(asking(await bought(purchasing), (x.COMPASS, 0, 2)), (x.COMPASS, 2, 3))
    await purchasing.deliver_sales_orders(sold)
    order = await purchasing.last_order("P-1001")
    assert [r.quantity for r in order.lines[0].receipts] == [2, 3]
    assert [r.document_no for r in order.lines[0].receipts] == ["PR-1001", "PR-1002"]


async def test_five_posted_here_and_five_asked_for_there_is_five(purchasing: Purchasing) -> None:
    sold = await bought(purchasing)
    answer = await purchasing.post(POST, receiving(10000, "5"), expect=200)
    assert answer == {"receipt_no": "PR-1001", "invoice_no": None, "already_posted": False}
    asked = asking(sold, (x.COMPASS, 0, 5))
    await purchasing.deliver_sales_orders(asked)
    outcome = await purchasing.outcome(asked.posting_requests[0].id)
    assert (outcome.outcome, outcome.postings[0].posting.document_no) == ("already_posted", "PR-1001")
    assert (outcome.postings[0].posting.carrier, outcome.postings[0].posting.tracking_no) == ("DHL", "T1")
    assert await received(purchasing) == ["5", "0"]


async def test_five_asked_for_there_and_five_posted_here_answers_that_receipt(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(asking(await bought(purchasing), (x.COMPASS, 0, 5)))
    answer = await purchasing.post(POST, receiving(10000, "5", before="0"), expect=200)
    assert answer == {"receipt_no": "PR-1001", "invoice_no": None, "already_posted": True}
    stale = {"If-Match": '"1"'}
    assert (await purchasing.post(POST, receiving(10000, "5"), expect=200, headers=stale))["already_posted"]


async def test_two_here_and_three_there_is_received_meanwhile_with_both_figures(
    purchasing: Purchasing,
) -> None:
    sold = await bought(purchasing)
    await purchasing.post(POST, receiving(10000, "2"), expect=200)
    asked = asking(sold, (x.COMPASS, 0, 3))
    await purchasing.deliver_sales_orders(asked)
    outcome = await purchasing.outcome(asked.posting_requests[0].id)
    assert [(e.code, e.line_no) for e in outcome.errors] == [("received-meanwhile", 20000)]
    assert "2 are received now" in outcome.errors[0].detail
    assert "posting 3" in outcome.errors[0].detail
    problem = await purchasing.problem("POST", POST, receiving(10000, "3", before="0"))
    assert (problem["code"], problem["quantity_received"], problem["posted_before"]) == (
        "received-meanwhile",
        "2",
        "0",
    )


@pytest.mark.parametrize(("there", "here", "total"), [(5, "5", "5"), (3, "2", None)])
async def test_both_sides_at_the_same_moment(
    purchasing: Purchasing, there: int, here: str, total: str | None
) -> None:
    asked = asking(await bought(purchasing), (x.COMPASS, 0, there))
    posted, _ = await asyncio.gather(
        purchasing.send("POST", POST, receiving(10000, here, before="0")),
        purchasing.deliver_sales_orders(asked),
    )
    outcome = await purchasing.outcome(asked.posting_requests[0].id)
    if total:
        assert posted.json()["receipt_no"] == "PR-1001"
        assert (await received(purchasing))[0] == total
    else:
        refused = [posted.status_code == 409, outcome.outcome == "refused"]
        assert sorted(refused) == [False, True]
    assert await purchasing.sql("SELECT count(*) FROM posted_purchase_receipt") == [(1,)]


async def test_two_identical_posts_at_the_same_moment_are_one_delivery(purchasing: Purchasing) -> None:
    await bought(purchasing)
    answers = await asyncio.gather(
        *(purchasing.post(POST, receiving(10000, "5", before="0"), expect=200) for _ in range(4))
    )
    assert {a["receipt_no"] for a in answers} == {"PR-1001"}
    assert sorted(a["already_posted"] for a in answers) == [False, True, True, True]
    assert (await received(purchasing))[0] == "5"


async def test_the_same_key_posts_once(purchasing: Purchasing) -> None:
    await bought(purchasing)
    key = "post-1"
    first = await purchasing.send("POST", POST, receiving(10000, "2"), key=key)
    again = await purchasing.send("POST", POST, receiving(10000, "2"), key=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert (await received(purchasing))[0] == "2"


async def test_sales_and_a_person_post_different_lines_at_the_same_moment(purchasing: Purchasing) -> None:
    asked = asking(await bought(purchasing), (x.COMPASS, 0, 5))
    await asyncio.gather(
        purchasing.post(POST, receiving(20000, "5"), expect=200), purchasing.deliver_sales_orders(asked)
    )
    assert await received(purchasing) == ["5", "5"]
    numbers = await purchasing.sql("SELECT no FROM posted_purchase_receipt ORDER BY no")
    assert numbers == [("PR-1001",), ("PR-1002",)]


async def test_a_line_without_purchase_order_refuses_the_whole_request(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    asked = asking(SOLD, (x.COMPASS, 0, 1))
    await purchasing.deliver_sales_orders(asked)
    outcome = await purchasing.outcome(asked.posting_requests[0].id)
    assert (outcome.outcome, outcome.errors[0].code) == ("refused", "not-associated-with-purchase-order")


async def test_refused_posts_leave_no_gap_in_receipt_numbers(purchasing: Purchasing) -> None:
    await bought(purchasing)
    await purchasing.problem("POST", POST, receiving(10000, "6"), expect=422)
    await asyncio.gather(
        *(purchasing.send("POST", POST, receiving(20000, q, before="0")) for q in ("6", "1", "7")),
    )
    await purchasing.post(POST, receiving(10000, "1"), expect=200)
    assert await purchasing.sql("SELECT no FROM posted_purchase_receipt ORDER BY no") == [
        ("PR-1001",),
        ("PR-1002",),
    ]


async def test_bc_ds_24_no_invoice_beyond_what_the_customer_was_ever_invoiced(purchasing: Purchasing) -> None:
    sold = await bought(purchasing)
    await purchasing.post(POST, receiving(10000, "5"), expect=200)
    invoice = {
        "invoice": True,
        "vendor_invoice_no": "CW-1",
        "lines": [{"line_no": 10000, "qty_to_invoice": "3"}],
    }
    problem = await purchasing.problem("POST", POST, invoice)
    assert (problem["code"], problem["sales_order_no"]) == ("sales-order-not-invoiced", "S-1001")
    first = msgspec.structs.replace(sold.lines[0], ever_invoiced=x.Decimal(3))
    await purchasing.deliver_sales_orders(
        msgspec.structs.replace(sold, version=2, lines=(first, sold.lines[1]))
    )
    answer = await purchasing.post(POST, invoice, expect=200)
    assert answer == {"receipt_no": None, "invoice_no": "PI-1001", "already_posted": False}
    more = {"invoice": True, "vendor_invoice_no": "CW-2"}
    assert (await purchasing.problem("POST", POST, more))["code"] == "sales-order-not-invoiced"


async def test_bc_ds_24_the_edge_waits_for_a_newer_copy_of_the_sales_order(purchasing: Purchasing) -> None:
    sold = await bought(purchasing)
    await purchasing.post(POST, receiving(10000, "5"), expect=200)
    invoiced = msgspec.structs.replace(sold.lines[0], ever_invoiced=x.Decimal(5))
    newer = msgspec.structs.replace(sold, version=2, lines=(invoiced, sold.lines[1]))
    answer, _ = await asyncio.gather(
        purchasing.post(POST, {"invoice": True}, expect=200), purchasing.deliver_sales_orders(newer)
    )
    assert answer["invoice_no"] == "PI-1001"


async def test_bc_ds_25_receive_and_invoice_at_once_follows_the_setup(purchasing: Purchasing) -> None:
    await bought(purchasing)
    both = {"receive": True, "invoice": True, "vendor_invoice_no": "CW-1"}
    assert (await purchasing.problem("POST", POST, both))["code"] == "sales-order-not-invoiced"
    assert await received(purchasing) == ["0", "0"]
    await purchasing.put(
        "/purchasing-setup", {"allow_purchase_invoice_before_sales_invoice": True}, expect=201
    )
    assert await purchasing.post(POST, both, expect=200) == {
        "receipt_no": "PR-1001",
        "invoice_no": "PI-1001",
        "already_posted": False,
    }
    order = await purchasing.purchase_order("P-1001")
    assert order["status"] == "closed"
    assert await purchasing.sql("SELECT count(*) FROM purchase_link WHERE active") == [(2,)]
    assert [i.no for i in await purchasing.published(PostedPurchaseInvoice)] == ["PI-1001"]


async def test_a_delivery_recorded_before_the_vendor_was_blocked_is_still_answered(
    purchasing: Purchasing,
) -> None:
    await bought(purchasing)
    await purchasing.post(POST, receiving(10000, "5"), expect=200)
    await purchasing.put("/vendors/V10", {"name": "Blocked", "blocked": "all"}, expect=200)
    assert (await purchasing.post(POST, receiving(10000, "5", before="0"), expect=200))["already_posted"]
    assert (await purchasing.problem("POST", POST, receiving(20000, "5")))["code"] == "vendor-blocked"


async def test_bc_ds_22_nothing_is_received_for_a_sales_order_that_was_deleted(
    purchasing: Purchasing,
) -> None:
    """Goods that came before the deletion was known stand on the list of exceptions."""
    sold = await bought(purchasing)
    await purchasing.post(POST, receiving(10000, "5"), expect=200)
    gone = msgspec.structs.replace(sold, version=2, deleted=True, lines=())
    await purchasing.deliver_sales_orders(gone)
    problem = await purchasing.problem("POST", POST, receiving(20000, "5"))
    assert (problem["code"], problem["sales_order_no"]) == ("sales-line-deleted", "S-1001")
    assert (await purchasing.post(POST, receiving(10000, "5", before="0"), expect=200))["already_posted"]
    listed = (await purchasing.get("/exceptions"))["items"]
    assert [(each["code"], each["line_no"]) for each in listed] == [
        ("sales-line-deleted", 10000),
        ("sales-line-deleted", 20000),
    ]
