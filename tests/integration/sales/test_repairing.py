"""Persons repair transactions of tills, hold, release, resubmit and void them."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from msgspec.structs import replace

from contracts.channel import ChannelOrder
from contracts.values import Problem
from sales.jobs.synchronize_orders import synchronize_orders
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import TILL_LINES, pulled, till_order
from tests.integration.sales.till_acts import act, of_stock, pickup, submit, transaction_of, with_act

FIX = {"payload": {"lines": [{"line_no": 10000, "item_no": "1000"}]}}


def broken(sequence: int) -> ChannelOrder:
    """An order of an item that does not exist."""
    order = of_stock(sequence)
    return replace(order, lines=(replace(order.lines[0], item_no="4711"),))


async def failed(sales: Sales, order: ChannelOrder) -> str:
    """The path of a transaction that failed."""
    await sales.deliver(pulled(order))
    await run(sales)
    assert (await transaction_of(sales, order))["status"] == "failed"
    return f"/channel-transactions/{order.transaction_id}"


async def run(sales: Sales) -> Any:
    return await sales.post("/order-synchronization/run", {})


async def asked(sales: Sales, path: str, act: str, body: Any = None) -> httpx.Response:
    return await sales.send("POST", f"{path}/{act}", body, key=str(uuid4()))


async def test_b14_a_repair_keeps_no_card_number_and_names_what_it_changes(sales: Sales) -> None:
    """POS-101: what was wrong with it is a field of its own in the audit."""
    wrong = Problem(code="deposit-not-paid", detail="10.00 must be paid now", pointer="/payments")
    path = await failed(sales, replace(of_stock(1), errors=(wrong,)))

    card = await sales.send("PATCH", path, {"payload": {"external_reference": "4111 1111 1111 1111"}})
    repaired = await sales.send("PATCH", path, {"payload": {"external_reference": "PROJECT-1"}})

    assert (card.status_code, card.json()["code"]) == (422, "card-number-not-allowed")
    assert "1111" not in card.text + repaired.text
    assert {entry["field"] for entry in repaired.json()["audit"]} == {"external_reference", "errors"}


async def test_a_repaired_transaction_is_made_held_and_released(sales: Sales) -> None:
    """P3, POS-12, POS-101, POS-102: every change is audited; the order is open until a person releases it."""
    order = replace(broken(1), hold_code="CHECK")
    path = await failed(sales, order)
    after = await sales.send("PATCH", path, FIX)
    assert (after.status_code, after.json()["status"]) == (200, "editing"), after.text
    (entry,) = after.json()["audit"]
    assert (entry["field"], entry["line_no"], entry["old"], entry["new"], entry["by"]) == (
        "item_no",
        10000,
        "4711",
        "1000",
        "tester",
    )
    assert await run(sales) == {"succeeded": 0, "failed": 0, "pending": 0}
    assert (await asked(sales, path, "resubmit")).json()["status"] == "pulled"
    assert (await run(sales))["succeeded"] == 1
    made = await sales.get(path)
    assert (made["status"], made["confirmation_no"], made["attempts"]) == ("held", "K-1", 1)
    open_order = await sales.get(f"/sales-orders/{made['sales_order_no']}")
    assert (made["hold_code"], open_order["status"], open_order["hold_code"]) == ("CHECK", "open", "CHECK")
    released = await asked(sales, path, "release")
    assert (released.status_code, released.json()["status"]) == (200, "succeeded")
    released_order = await sales.get(f"/sales-orders/{made['sales_order_no']}")
    assert (released.json()["hold_code"], released_order["status"], released_order["hold_code"]) == (
        "",
        "released",
        "",
    )


async def test_a_dry_run_of_a_repair_changes_nothing(sales: Sales) -> None:
    """POS-101."""
    path = await failed(sales, broken(1))
    before = await sales.get(path)
    rehearsed = await sales.send("PATCH", path, FIX | {"dry_run": True})
    assert (rehearsed.status_code, rehearsed.json()["status"]) == (200, "editing")
    assert await sales.get(path) == before


async def test_a_repair_that_no_order_could_be_made_of_is_refused_with_everything(sales: Sales) -> None:
    """POS-101: nothing of it is kept."""
    path = await failed(sales, broken(1))
    before = await sales.get(path)
    wrong = {"customer_no": "C9", "lines": [{"line_no": 10000, "item_no": "4712"}]}
    refused = await sales.send("PATCH", path, {"payload": wrong})
    assert refused.status_code == 422
    assert {x["code"] for x in refused.json()["errors"]} == {"unknown-customer"} | {"unknown-item"}
    dearer = {"payload": {"lines": [{"line_no": 10000, "item_no": "1000", "unit_price": "11.00"}]}}
    total = await sales.send("PATCH", path, dearer)
    assert (total.status_code, total.json()["errors"][0]["code"]) == (422, "total-mismatch")
    # POS-90: what is prepaid is what the payments say.
    unpaid = await sales.send("PATCH", path, {"payload": {"prepaid_amount": "1.00"}})
    assert (unpaid.status_code, unpaid.json()["code"]) == (422, "total-mismatch")
    identity = await sales.send("PATCH", path, {"payload": {"confirmation_no": "K-2"}})
    assert (identity.status_code, identity.json()["errors"][0]["code"]) == (422, "unknown-field")
    short = await sales.send("PATCH", path, {"payload": {"lines": [{"line_no": 50000, "item_no": "1000"}]}})
    assert {x["pointer"] for x in short.json()["errors"]} == {
        f"/payload/lines/0/{name}" for name in ("quantity", "unit_price", "mode")
    }
    stale = await sales.send("PATCH", path, FIX, headers={"If-Match": '"77"'})
    assert stale.status_code == 412
    assert await sales.get(path) == before


async def test_a_dead_transaction_is_tried_again_when_a_person_asks(sales: Sales) -> None:
    """POS-106: under its confirmation number, with all its attempts."""
    path = await failed(sales, broken(1))
    for _ in range(4):
        await run(sales)
    assert (await sales.get(path))["status"] == "dead"
    again = (await asked(sales, path, "resubmit")).json()
    assert (again["status"], again["attempts"], again["errors"]) == ("pulled", 0, [])
    await run(sales)
    assert (await sales.get(path))["status"] == "failed"


async def test_a_held_transaction_waits_for_its_release(sales: Sales) -> None:
    order = of_stock(1)
    await sales.deliver(pulled(order))
    path = f"/channel-transactions/{order.transaction_id}"
    held = (await asked(sales, path, "hold", {"hold_code": "FRAUD"})).json()
    assert (held["status"], held["hold_code"]) == ("held", "FRAUD")
    await sales.deliver(pulled(with_act(order, pickup(2))))
    assert await run(sales) == {"succeeded": 0, "failed": 0, "pending": 0}
    released = (await asked(sales, path, "release")).json()
    assert (released["status"], released["hold_code"]) == ("pulled", "")
    again = await asked(sales, path, "release")
    assert (again.status_code, again.json()["code"]) == (409, "transaction-not-open")
    assert (await run(sales))["succeeded"] == 1
    assert [x["status"] for x in (await sales.get(path))["acts"]] == ["done"]


async def test_a_void_transaction_is_never_made(sales: Sales) -> None:
    """POS-95."""
    order = of_stock(1)
    await sales.deliver(pulled(order))
    path = f"/channel-transactions/{order.transaction_id}"
    assert (await asked(sales, path, "void")).json()["status"] == "void"
    assert await run(sales) == {"succeeded": 0, "failed": 0, "pending": 0}
    for what in ("void", "hold", "resubmit", "release"):
        refused = await asked(sales, path, what)
        assert (refused.status_code, refused.json()["code"]) == (409, "transaction-not-open")


async def test_what_was_made_is_not_repaired(sales: Sales) -> None:
    """B27, POS-101: patched, resubmitted, held or voided too late; unknown ones do not exist."""
    order = of_stock(1)
    await sales.deliver(pulled(order))
    await run(sales)
    path = f"/channel-transactions/{order.transaction_id}"
    assert (await sales.send("PATCH", path, FIX)).status_code == 409
    unknown = f"/channel-transactions/{uuid4()}"
    assert (await sales.send("PATCH", unknown, FIX)).status_code == 404
    for what in ("resubmit", "hold", "release", "void"):
        refused = await asked(sales, path, what)
        assert (refused.status_code, refused.json()["code"]) == (409, "transaction-not-open")
        assert (await asked(sales, unknown, what)).status_code == 404


async def test_what_another_person_changed_is_looked_at_first(sales: Sales) -> None:
    order = of_stock(1)
    await sales.deliver(pulled(order))
    path = f"/channel-transactions/{order.transaction_id}"
    for what in ("resubmit", "hold", "release", "void"):
        headers = {"If-Match": '"77"'}
        assert (
            await sales.send("POST", f"{path}/{what}", key=str(uuid4()), headers=headers)
        ).status_code == 412


async def test_failed_acts_are_tried_again_when_a_person_asks(sales: Sales) -> None:
    order = of_stock(1)
    await sales.deliver(pulled(order))
    await run(sales)
    await sales.deliver(pulled(with_act(order, pickup(2, "3"))))
    path = f"/channel-transactions/{order.transaction_id}"
    asked_again = await asked(sales, path, "resubmit")
    assert (asked_again.status_code, asked_again.json()["status"]) == (200, "succeeded")
    made = await sales.get(f"/sales-orders/{asked_again.json()['sales_order_no']}")
    await sales.post(f"/sales-orders/{made['no']}/reopen", {})
    await sales.send("PATCH", f"/sales-orders/{made['no']}/lines/10000", {"quantity": "3"})
    await synchronize_orders(sales.database, 100)
    assert [x["status"] for x in (await sales.get(path))["acts"]] == ["done"]


async def test_a_repair_and_a_run_at_once_never_lose_either(sales: Sales) -> None:
    """Twenty rounds: the run makes the order first and the repair is refused, or it finds nothing to make."""
    orders = [of_stock(n) for n in range(1, 21)]
    await sales.deliver(*(pulled(order) for order in orders))
    change = {"payload": {"external_reference": "PO-7"}}
    paths = [f"/channel-transactions/{order.transaction_id}" for order in orders]
    patched, _ = await asyncio.gather(
        asyncio.gather(*(sales.send("PATCH", path, change) for path in paths)),
        synchronize_orders(sales.database, 1),
    )
    for path, answer in zip(paths, patched, strict=True):
        status = (await sales.get(path))["status"]
        assert (answer.status_code, status) in {(200, "editing"), (409, "succeeded")}


async def test_a_cancellation_voids_what_is_held(sales: Sales) -> None:
    order = till_order(1, lines=(replace(TILL_LINES[0], quantity=Decimal(2)),))
    await sales.deliver(pulled(order))
    path = f"/channel-transactions/{order.transaction_id}"
    await asked(sales, path, "hold")
    await sales.deliver(pulled(with_act(order, act("cancel", 2))))
    assert (await sales.get(path))["status"] == "void"


async def test_a_snapshot_of_the_till_does_not_undo_a_repair(sales: Sales) -> None:
    """POS-101: the gateway knows the order as it was before. An edit by it waits for a person."""
    order = replace(broken(1), errors=(Problem(code="unknown-item", detail="no item 4711", pointer=""),))
    path = await failed(sales, order)
    assert (await sales.send("PATCH", path, FIX)).status_code == 200
    picked = with_act(order, pickup(2), prepaid_amount=Decimal(5))
    await sales.deliver(pulled(picked))
    await sales.deliver(pulled(with_act(picked, *picked.acts, act("edit", 3))))
    payload = (await sales.get(path))["payload"]
    assert (payload["lines"][0]["item_no"], "errors" in payload) == ("1000", False)

    await asked(sales, path, "resubmit")
    assert (await run(sales))["succeeded"] == 1
    transaction = await sales.get(path)
    assert [(x["operation"], x["status"]) for x in transaction["acts"]] == [
        ("pickup", "waiting"),
        ("edit", "failed"),
    ]
    assert transaction["acts"][1]["errors"][0]["code"] == "order-repaired"
    edited = await submit(sales, with_act(picked, act("edit", 4), version=9))
    assert (edited.status_code, edited.json()["code"]) == (409, "order-repaired")


async def test_a_till_settles_what_a_person_gave_up(sales: Sales) -> None:
    """POS-95: the order is never made, and the till's cancellation of it is done."""
    order = of_stock(1)
    await sales.deliver(pulled(order))
    path = f"/channel-transactions/{order.transaction_id}"
    await asked(sales, path, "void")
    await sales.deliver(pulled(with_act(order, act("cancel", 2))))
    transaction = await sales.get(path)
    assert (transaction["status"], [x["status"] for x in transaction["acts"]]) == ("void", ["done"])
