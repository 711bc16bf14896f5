"""Taking receipts back and closing lines short, by purchasing's users and for sales."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import msgspec

from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange, RequestedChangeLine, UndoDecision
from contracts.values import Problem
from eventkit.ids import new_id
from tests.integration.purchasing.rig import Purchasing
from tests.integration.purchasing.test_drop_shipments import SOLD, bought
from tests.unit.purchasing import examples as x

ORDER = "/purchase-orders/P-1001"
UNDO = "/posted-purchase-receipts/PR-1001/undo"


async def received(purchasing: Purchasing, line_no: int = 10000, quantity: str = "3") -> UUID:
    """A drop shipment of 5 of which 3 were posted in purchasing; the posting's id."""
    await bought(purchasing)
    await post(purchasing, line_no, quantity)
    return (await purchasing.last_order("P-1001")).lines[0].receipts[0].posting_id


async def post(purchasing: Purchasing, line_no: int, quantity: str) -> Any:
    lines = [{"line_no": line_no, "qty_to_receive": quantity}]
    return await purchasing.post(f"{ORDER}/post", {"receive": True, "lines": lines})


async def line_now(purchasing: Purchasing, index: int = 0) -> Any:
    return (await purchasing.purchase_order("P-1001"))["lines"][index]


async def own_order(purchasing: Purchasing) -> None:
    """An order P-1001 for our own stock, received whole."""
    lines = [{"item_no": "1100", "quantity": 5}, {"item_no": "1200", "quantity": 2}]
    await purchasing.post("/purchase-orders", {"vendor_no": "V10", "location_code": "NORTH", "lines": lines})
    await purchasing.post(f"{ORDER}/post", {"receive": True})


async def test_e8_what_is_taken_back_of_a_receipt_is_a_change_of_it(purchasing: Purchasing) -> None:
    """Each act raises the receipt's version and moves it to the end of what changed since (E8)."""
    await own_order(purchasing)
    path = "/posted-purchase-receipts/PR-1001"
    before = await purchasing.get(path)
    await purchasing.post("/purchase-orders", {"vendor_no": "V10", "location_code": "NORTH"})
    await purchasing.post("/purchase-orders/P-1002/lines", {"item_no": "1100", "quantity": 1})
    await purchasing.post("/purchase-orders/P-1002/post", {"receive": True}, expect=200)
    await purchasing.post(UNDO, {"lines": [10000]})
    after = await purchasing.get(path)
    assert (before["version"], after["version"]) == (1, 2)
    assert before["created_at"] == before["updated_at"] == after["created_at"] < after["updated_at"]
    since = before["updated_at"].replace("+", "%2B")
    changed = await purchasing.get(f"/posted-purchase-receipts?updated_since={since}")
    assert [(one["no"], one["version"]) for one in changed["items"]] == [("PR-1002", 1), ("PR-1001", 2)]
    read = await purchasing.send("GET", path)
    assert read.headers["etag"] == '"2"'
    assert (await purchasing.send("GET", path, headers={"If-None-Match": '"2"'})).status_code == 304
    stale = await purchasing.send("POST", UNDO, {}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")


async def test_bc_so_35_a_receipt_of_own_stock_is_taken_back_at_once(purchasing: Purchasing) -> None:
    await own_order(purchasing)
    assert await purchasing.refused("POST", UNDO, {"lines": [99]}) == (422, ["unknown-line"])
    answer = await purchasing.post(UNDO, {"lines": [10000]})
    assert answer == {"receipt_no": "PR-1001", "purchase_order_no": "P-1001"}
    assert [r.undone for r in (await purchasing.last_order("P-1001")).lines[0].receipts] == [True]
    assert (await line_now(purchasing))["quantity_received"] == "0"
    await purchasing.post(UNDO)
    document = await purchasing.get("/posted-purchase-receipts/PR-1001")
    assert [line["undone"] for line in document["lines"]] == [True, True]
    assert await purchasing.refused("POST", UNDO, {}) == (409, ["already-undone"])
    assert (await purchasing.refused("POST", UNDO.replace("PR-1001", "NONE"), {}))[0] == 404
    assert (await post(purchasing, 10000, "5"))["receipt_no"] == "PR-1002"


async def test_bc_ds_38_an_invoiced_receipt_stays(purchasing: Purchasing) -> None:
    await own_order(purchasing)
    await purchasing.post(f"{ORDER}/post", {"receive": False, "invoice": True, "vendor_invoice_no": "V-1"})
    assert await purchasing.refused("POST", UNDO, {}) == (409, ["already-invoiced", "already-invoiced"])


def deciding(id_: UUID, version: int, *errors: Problem) -> SalesOrder:
    decision = UndoDecision(id=id_, purchase_order_no="P-1001", errors=errors)
    return msgspec.structs.replace(SOLD, version=version, undo_decisions=(decision,))


async def test_bc_ds_38_a_linked_receipt_is_taken_back_once_sales_agrees(purchasing: Purchasing) -> None:
    posting_id = await received(purchasing)
    operation = await purchasing.post(UNDO)
    assert (operation["kind"], operation["status"]) == ("undo-receipt", "running")
    (asked,) = (await purchasing.last_order("P-1001")).undo_requests
    assert [(line.sales_line_id, line.posting_id) for line in asked.lines] == [(x.COMPASS, posting_id)]
    assert await purchasing.refused("POST", UNDO, {}) == (409, ["change-pending"])
    invoice = {"receive": False, "invoice": True, "vendor_invoice_no": "V-1"}
    await purchasing.put("/purchasing-setup", {"allow_purchase_invoice_before_sales_invoice": True})
    assert (await purchasing.refused("POST", f"{ORDER}/post", invoice))[1] == ["posting-under-way"]
    for version in (5, 6):
        await purchasing.deliver_sales_orders(deciding(asked.id, version))
    ended = await purchasing.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["result"]["receipt_no"]) == ("succeeded", "PR-1001")
    order = await purchasing.last_order("P-1001")
    assert ([r.undone for r in order.lines[0].receipts], order.undo_requests) == ([True], ())
    assert (await purchasing.get("/posted-purchase-receipts/PR-1001"))["lines"][0]["undone"] is True


async def test_bc_so_35_a_receipt_whose_goods_have_left_stays(purchasing: Purchasing) -> None:
    await received(purchasing)
    operation = await purchasing.post(UNDO)
    (asked,) = (await purchasing.last_order("P-1001")).undo_requests
    await purchasing.deliver_sales_orders(
        deciding(asked.id, 5, Problem(code="already-shipped", detail="gone"))
    )
    ended = await purchasing.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "already-shipped")
    assert (await line_now(purchasing))["quantity_received"] == "3"


async def delete_sale(purchasing: Purchasing, version: int = 5) -> None:
    gone = msgspec.structs.replace(SOLD, version=version, deleted=True, lines=())
    await purchasing.deliver_sales_orders(gone)


async def test_bc_ds_38_an_undo_ends_although_the_sales_order_is_deleted_meanwhile(
    purchasing: Purchasing,
) -> None:
    """No answer comes from a deleted order, and nothing depends on the receipt: it is taken back."""
    await received(purchasing)
    operation = await purchasing.post(UNDO)
    assert operation["status"] == "running"
    for version in (5, 6):
        await delete_sale(purchasing, version)
    ended = await purchasing.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["result"]["receipt_no"]) == ("succeeded", "PR-1001")
    order = await purchasing.last_order("P-1001")
    assert ([r.undone for r in order.lines[0].receipts], order.undo_requests) == ([True], ())
    assert (await purchasing.get("/posted-purchase-receipts/PR-1001"))["lines"][0]["undone"] is True


async def test_bc_ds_38_an_undo_asks_no_sales_order_that_is_deleted(purchasing: Purchasing) -> None:
    await received(purchasing)
    await delete_sale(purchasing)
    answer = await purchasing.post(UNDO, expect=200)
    assert answer["receipt_no"] == "PR-1001"
    assert (await line_now(purchasing))["quantity_received"] == "0"


async def test_bc_ds_38_of_undo_and_deletion_of_the_sale_at_once_neither_hangs(
    purchasing: Purchasing,
) -> None:
    """Twenty times: whichever comes first, the receipt is taken back and no operation stays running."""
    await bought(purchasing)
    for i in range(20):
        # The same sale again, so that one purchase serves all rounds.
        await purchasing.deliver_sales_orders(msgspec.structs.replace(SOLD, version=10 + 2 * i))
        receipt = (await post(purchasing, 10000, "1"))["receipt_no"]
        answer, _ = await asyncio.gather(
            purchasing.send("POST", f"/posted-purchase-receipts/{receipt}/undo", {}),
            delete_sale(purchasing, 11 + 2 * i),
        )
        assert answer.status_code in {200, 202}
        order = await purchasing.last_order("P-1001")
        assert (order.lines[0].quantity_received, order.undo_requests) == (0, ())
    running = await purchasing.sql("SELECT id FROM operation WHERE status = 'running'")
    assert running == []


def asking_for(kind: str, *posting_ids: UUID, version: int = 5) -> SalesOrder:
    line = RequestedChangeLine(sales_line_id=x.COMPASS, posting_ids=posting_ids)
    change = RequestedChange(id=new_id(), kind=kind, lines=(line,))
    return msgspec.structs.replace(SOLD, version=version, requested_changes=(change,))


async def test_bc_ds_38_sales_gets_the_receipt_of_its_shipment_taken_back(purchasing: Purchasing) -> None:
    asked = asking_for("undo_shipment", await received(purchasing))
    await purchasing.deliver_sales_orders(asked)
    await purchasing.deliver_sales_orders(msgspec.structs.replace(asked, version=6))
    outcome = await purchasing.outcome(asked.requested_changes[0].id)
    assert (outcome.kind, outcome.outcome, outcome.sales_order_no) == (
        "requested_change",
        "changed",
        "S-1001",
    )
    assert (await line_now(purchasing))["quantity_received"] == "0"
    assert (await purchasing.get("/posted-purchase-receipts/PR-1001"))["lines"][0]["undone"] is True
    again = asking_for(
        "undo_shipment",
        *(r.posting_id for r in (await purchasing.last_order("P-1001")).lines[0].receipts),
        version=7,
    )
    await purchasing.deliver_sales_orders(again)
    refused = await purchasing.outcome(again.requested_changes[0].id)
    assert [p.code for p in refused.errors] == ["already-undone"]


async def test_bc_ds_38_of_two_undos_from_both_sides_at_once_that_of_sales_is_done(
    purchasing: Purchasing,
) -> None:
    """Sales refuses what purchasing asks while its own request is pending; purchasing does not refuse it in turn."""
    posting_id = await received(purchasing)
    operation = await purchasing.post(UNDO)
    (pending,) = (await purchasing.last_order("P-1001")).undo_requests
    asked = asking_for("undo_shipment", posting_id)
    refusal = UndoDecision(
        id=pending.id,
        purchase_order_no="P-1001",
        errors=(Problem(code="change-pending", detail="sales takes it back"),),
    )
    await purchasing.deliver_sales_orders(asked)
    assert (await purchasing.outcome(asked.requested_changes[0].id)).outcome == "changed"
    await purchasing.deliver_sales_orders(
        msgspec.structs.replace(asked, version=6, undo_decisions=(refusal,))
    )
    ended = await purchasing.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "change-pending")
    order = await purchasing.last_order("P-1001")
    assert (order.lines[0].quantity_received, order.undo_requests) == (0, ())
    assert (await purchasing.get("/posted-purchase-receipts/PR-1001"))["version"] == 2


async def test_g4_sales_gets_a_line_closed_short(purchasing: Purchasing) -> None:
    await received(purchasing)
    asked = asking_for("close_short")
    await purchasing.deliver_sales_orders(asked)
    outcome = await purchasing.outcome(asked.requested_changes[0].id)
    assert [(line.quantity, line.quantity_received) for line in outcome.changed_lines] == [(3, 3)]
    line = await line_now(purchasing)
    assert (line["quantity"], line["outstanding_quantity"]) == ("3", "0")
    assert (await purchasing.last_order("P-1001")).lines[0].closed_short


async def test_a_change_of_a_line_without_a_purchase_is_refused(purchasing: Purchasing) -> None:
    await purchasing.deliver_sales_orders(SOLD)
    asked = asking_for("close_short")
    await purchasing.deliver_sales_orders(asked)
    outcome = await purchasing.outcome(asked.requested_changes[0].id)
    assert [p.code for p in outcome.errors] == ["not-associated-with-purchase-order"]


async def test_g4_a_purchase_order_is_closed_short(purchasing: Purchasing) -> None:
    await received(purchasing)
    path = f"{ORDER}/close-short"
    assert await purchasing.refused("POST", path, {"lines": [99]}) == (422, ["unknown-line"])
    closed = await purchasing.post(path)
    assert [line["quantity"] for line in closed["lines"]] == ["3", "0"]
    assert await purchasing.refused("POST", path, {}) == (409, ["nothing-outstanding"])
    assert (await purchasing.refused("POST", path.replace("P-1001", "NONE"), {}))[0] == 404


async def test_g4_of_close_short_and_receipt_at_once_each_counts_once(purchasing: Purchasing) -> None:
    """Twenty times: what was received before is ordered still, what comes after is refused."""
    for i in range(20):
        no = f"R-{i}"
        lines = [{"item_no": "1100", "quantity": 5}]
        await purchasing.post(
            "/purchase-orders", {"no": no, "vendor_no": "V10", "location_code": "NORTH", "lines": lines}
        )
        answers = await asyncio.gather(
            purchasing.send(
                "POST",
                f"/purchase-orders/{no}/post",
                {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": 2}]},
            ),
            purchasing.send("POST", f"/purchase-orders/{no}/close-short", {}),
        )
        (line,) = (await purchasing.purchase_order(no))["lines"]
        assert Counter(a.status_code for a in answers) in (Counter({200: 2}), Counter({200: 1, 422: 1}))
        assert (line["quantity"], line["outstanding_quantity"]) == (line["quantity_received"], "0")


async def test_bc_ds_38_of_undo_and_invoice_at_once_one_wins(purchasing: Purchasing) -> None:
    """Twenty times: a receipt is invoiced or taken back, never both."""
    for i in range(20):
        no = f"R-{i}"
        lines = [{"item_no": "1100", "quantity": 5}]
        await purchasing.post(
            "/purchase-orders", {"no": no, "vendor_no": "V10", "location_code": "NORTH", "lines": lines}
        )
        receipt = (await purchasing.post(f"/purchase-orders/{no}/post", {"receive": True}))["receipt_no"]
        invoice = {"receive": False, "invoice": True, "vendor_invoice_no": no}
        answers = await asyncio.gather(
            purchasing.send("POST", f"/posted-purchase-receipts/{receipt}/undo", {}),
            purchasing.send("POST", f"/purchase-orders/{no}/post", invoice),
        )
        assert Counter(a.status_code for a in answers) == {200: 1, 409: 1}
        (line,) = (await purchasing.purchase_order(no))["lines"]
        assert line["quantity_received"] == line["quantity_invoiced"]
