"""Taking shipments back, and lines closed short."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseOrder, UndoRequest, UndoRequestLine
from contracts.purchasing.outcomes import ChangedLine, RequestOutcome
from contracts.sales.orders import SalesOrder
from contracts.values import Posting, Problem
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import DROP, SPECIAL, STOCK, line_of, purchase, purchase_line, receipt

SHIP = {"ship": True, "invoice": False}


async def shipped(sales: Sales, order: Any, *lines: dict[str, Any]) -> str:
    body = SHIP | ({"lines": list(lines)} if lines else {})
    return str((await sales.post(f"/sales-orders/{order['no']}/post", body))["shipment_no"])


def undoing(shipment_no: str) -> str:
    return f"/posted-sales-shipments/{shipment_no}/undo"


async def line_now(sales: Sales, order: Any) -> Any:
    return line_of(await sales.get(f"/sales-orders/{order['no']}"))


async def dropped(sales: Sales) -> tuple[Any, Posting, str]:
    """A drop shipment of 10 of which purchasing has posted 4."""
    order = await sales.released(DROP)
    came = receipt("4")
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, came, kind="drop_shipment")))
    (listed,) = (await sales.get("/posted-sales-shipments", sales_order_no=order["no"]))["items"]
    return order, came, listed["no"]


def changed(
    order: Any, request_id: str, *errors: Problem, received: str = "0"
) -> tuple[str, str, RequestOutcome]:
    line = ChangedLine(
        sales_line_id=UUID(line_of(order)["id"]),
        quantity=receipt(received).quantity,
        quantity_received=receipt(received).quantity,
    )
    outcome = RequestOutcome(
        version=1,
        request_id=UUID(request_id),
        kind="requested_change",
        outcome="refused" if errors else "changed",
        sales_order_no=order["no"],
        errors=errors,
        changed_lines=() if errors else (line,),
    )
    return "request-outcome", request_id, outcome


async def test_bc_so_35_a_shipment_of_stock_is_taken_back_at_once(sales: Sales) -> None:
    order = await sales.released(STOCK)
    no = await shipped(sales, order)
    answer = await sales.post(undoing(no))
    assert answer == {"shipment_no": no, "sales_order_no": order["no"]}
    line = await line_now(sales, order)
    assert (line["quantity_shipped"], line["outstanding_quantity"]) == ("0", "4")
    document = await sales.get(f"/posted-sales-shipments/{no}")
    assert [each["undone"] for each in document["lines"]] == [True]
    (posting,) = (await sales.published(SalesOrder, order["no"]))[-1].lines[0].postings
    assert posting.undone
    assert await sales.refused("POST", undoing(no), {}) == (409, ["already-undone"])
    assert await sales.refused("POST", undoing(no), {"lines": [10000]}) == (409, ["already-undone"])
    assert await shipped(sales, order) != no, "it can be shipped again"


async def test_bc_ds_38_an_invoiced_shipment_stays(sales: Sales) -> None:
    order = await sales.released(STOCK)
    no = await shipped(sales, order, {"line_no": 10000, "qty_to_ship": 3})
    later = await shipped(sales, order, {"line_no": 10000, "qty_to_ship": 1})
    invoice = {"invoice": True, "lines": [{"line_no": 10000, "qty_to_invoice": 2}]}
    await sales.post(f"/sales-orders/{order['no']}/post", invoice)
    assert await sales.refused("POST", undoing(no), {}) == (409, ["already-invoiced"])
    await sales.post(undoing(later))
    assert (await line_now(sales, order))["quantity_shipped"] == "3"


async def test_only_lines_of_the_shipment_are_taken_back(sales: Sales) -> None:
    order = await sales.released(STOCK, STOCK)
    no = await shipped(sales, order)
    assert await sales.refused("POST", undoing(no), {"lines": [99]}) == (422, ["unknown-line"])
    assert (await sales.refused("POST", undoing(no), {"lines": []}))[0] == 422
    assert (await sales.refused("POST", undoing("NONE"), {}))[0] == 404
    stale = await sales.send("POST", undoing(no), {}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    await sales.post(undoing(no), {"lines": [20000]})
    document = await sales.get(f"/posted-sales-shipments/{no}")
    assert [each["undone"] for each in document["lines"]] == [False, True]
    await sales.post(undoing(no))
    assert (await line_now(sales, order))["quantity_shipped"] == "0"


async def test_bc_so_35_a_special_order_gets_its_grant_back(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, receipt("3"))))
    no = await shipped(sales, order, {"line_no": 10000, "qty_to_ship": 3})
    await sales.post(undoing(no))
    rows = await sales.sql("SELECT granted, shipped FROM line_sourcing")
    assert [tuple(row) for row in rows] == [(3, 0)]
    await shipped(sales, order, {"line_no": 10000, "qty_to_ship": 3})


async def test_bc_ds_38_a_drop_shipment_is_taken_back_once_purchasing_has_agreed(sales: Sales) -> None:
    order, came, no = await dropped(sales)
    operation = await sales.post(undoing(no))
    assert (operation["kind"], operation["status"]) == ("undo-shipment", "running")
    (asked,) = (await sales.published(SalesOrder, order["no"]))[-1].requested_changes
    assert (asked.kind, asked.lines[0].posting_ids) == ("undo_shipment", (came.posting_id,))
    shown = await line_now(sales, order)
    assert (shown["sourcing"]["change_pending"], shown["quantity_shipped"]) == (True, "4")
    post = f"/sales-orders/{order['no']}/post"
    assert await sales.refused("POST", post, {"invoice": True}) == (409, ["change-pending"])
    assert await sales.refused("POST", undoing(no), {}) == (409, ["change-pending"])
    await sales.deliver(changed(order, operation["id"]))
    await sales.deliver(changed(order, operation["id"]))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["result"]["shipment_no"]) == ("succeeded", no)
    assert (await line_now(sales, order))["quantity_shipped"] == "0"
    await sales.deliver(purchase("P-1", 2, purchase_line(order, 10000, came, kind="drop_shipment")))
    assert (await line_now(sales, order))["quantity_shipped"] == "0", "its receipt ships nothing again"


async def test_bc_ds_38_purchasing_s_refusal_leaves_the_shipment(sales: Sales) -> None:
    order, _, no = await dropped(sales)
    operation = await sales.post(undoing(no))
    await sales.deliver(changed(order, operation["id"], Problem(code="already-invoiced", detail="billed")))
    ended = await sales.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("refused", "already-invoiced")
    line = await line_now(sales, order)
    assert (line["quantity_shipped"], line["sourcing"]["change_pending"]) == ("4", False)


def wishing(
    order: Any, version: int, *receipts: Posting, kind: str
) -> tuple[tuple[str, str, PurchaseOrder], UUID]:
    """Purchasing wants the receipts back."""
    name, no, bought = purchase("P-1", version, purchase_line(order, 10000, *receipts, kind=kind))
    request = UndoRequest(
        id=uuid4(),
        lines=tuple(
            UndoRequestLine(
                sales_order_no=order["no"],
                sales_line_id=UUID(line_of(order)["id"]),
                posting_id=each.posting_id,
            )
            for each in receipts
        ),
    )
    return (name, no, replace(bought, undo_requests=(request,))), request.id


async def decision_of(sales: Sales, order: Any) -> Any:
    (decided,) = (await sales.published(SalesOrder, order["no"]))[-1].undo_decisions
    return decided


async def test_bc_ds_38_sales_takes_its_shipment_back_for_purchasing(sales: Sales) -> None:
    order, came, no = await dropped(sales)
    event, id_ = wishing(order, 2, came, kind="drop_shipment")
    await sales.deliver(event)
    decided = await decision_of(sales, order)
    assert (decided.id, decided.purchase_order_no, decided.errors) == (id_, "P-1", ())
    assert (await line_now(sales, order))["quantity_shipped"] == "0"
    assert (await sales.get(f"/posted-sales-shipments/{no}"))["lines"][0]["undone"] is True


async def test_bc_ds_38_an_invoiced_drop_shipment_is_not_taken_back_for_purchasing(sales: Sales) -> None:
    order, came, _ = await dropped(sales)
    await sales.post(f"/sales-orders/{order['no']}/post", {"invoice": True})
    await sales.deliver(wishing(order, 2, came, kind="drop_shipment")[0])
    assert [p.code for p in (await decision_of(sales, order)).errors] == ["already-invoiced"]
    assert (await line_now(sales, order))["quantity_shipped"] == "4"


async def test_bc_so_35_the_grant_of_goods_that_are_here_is_handed_back(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    came = receipt("5")
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, came)))
    await sales.deliver(wishing(order, 2, came, kind="special_order")[0])
    assert (await decision_of(sales, order)).errors == ()
    refused = await sales.refused("POST", f"/sales-orders/{order['no']}/post", SHIP)
    assert refused == (409, ["quantity-exceeds-received"])
    gone = purchase_line(order, 10000, replace(came, undone=True))
    await sales.deliver(purchase("P-1", 3, gone))
    assert (await line_now(sales, order))["sourcing"]["state"] == "ordered"


async def test_bc_so_35_goods_that_have_left_are_not_handed_back(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    came = receipt("5")
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, came)))
    await shipped(sales, order, {"line_no": 10000, "qty_to_ship": 1})
    await sales.deliver(wishing(order, 2, came, kind="special_order")[0])
    assert [p.code for p in (await decision_of(sales, order)).errors] == ["already-shipped"]


async def test_bc_ds_38_of_undo_and_invoice_at_once_one_wins(sales: Sales) -> None:
    """Twenty times: a shipment is invoiced or taken back, never both."""
    for _ in range(20):
        order = await sales.released(STOCK)
        no = await shipped(sales, order)
        answers = await asyncio.gather(
            sales.send("POST", undoing(no), {}),
            sales.send("POST", f"/sales-orders/{order['no']}/post", {"invoice": True}),
        )
        assert Counter(a.status_code for a in answers) == {200: 1, 409: 1}
        line = await line_now(sales, order)
        assert line["quantity_shipped"] == line["quantity_invoiced"]


def closing(order: Any) -> str:
    return f"/sales-orders/{order['no']}/lines/10000/close-short"


async def test_g4_a_bought_line_is_closed_short_by_purchasing_s_answer(sales: Sales) -> None:
    """BC-DS-39."""
    order, _, _ = await dropped(sales)
    operation = await sales.post(closing(order))
    (asked,) = (await sales.published(SalesOrder, order["no"]))[-1].requested_changes
    assert (asked.kind, str(asked.id)) == ("close_short", operation["id"])
    assert await sales.refused("POST", closing(order)) == (409, ["change-pending"])
    await sales.deliver(changed(order, operation["id"], received="4"))
    assert (await sales.get(f"/operations/{operation['id']}"))["status"] == "succeeded"
    line = await line_now(sales, order)
    assert (line["quantity"], line["outstanding_quantity"]) == ("4", "0")
    assert await sales.refused("POST", closing(order)) == (409, ["line-completely-shipped"])


async def test_g4_a_purchase_line_closed_short_lowers_the_sale(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    came = receipt("2")
    await sales.deliver(purchase("P-1", 1, purchase_line(order, 10000, came)))
    bought = replace(purchase_line(order, 10000, came, quantity="2"), closed_short=True)
    for version in (2, 3):
        await sales.deliver(purchase("P-1", version, bought))
        line = await line_now(sales, order)
        assert (line["quantity"], line["outstanding_quantity"]) == ("2", "2"), (
            "what came can still be shipped"
        )
    await shipped(sales, order)


async def test_g4_a_line_of_stock_is_closed_short_at_once(sales: Sales) -> None:
    order = await sales.released(STOCK)
    await shipped(sales, order, {"line_no": 10000, "qty_to_ship": 1})
    response = await sales.send("POST", closing(order), {}, headers={"Prefer": "wait=5"})
    assert (response.status_code, response.json()["line_no"]) == (200, 10000)
    assert (await line_now(sales, order))["quantity"] == "1"


async def test_g4_a_line_that_is_not_bought_yet_cannot_be_closed_short(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    assert await sales.refused("POST", closing(order)) == (409, ["not-associated-with-purchase-order"])
    assert (await sales.refused("POST", closing(order).replace("10000", "90000")))[0] == 404
