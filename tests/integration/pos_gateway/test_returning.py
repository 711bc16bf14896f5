"""Returns over the API: from an invoice of the order, at any store, once (POS-80 to POS-84; B20, B21)."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.channel import ChannelInvoice, ChannelInvoiceLine, ChannelTransaction
from tests.integration.pos_gateway.shop import (
    BUSINESS_DATE,
    Till,
    line,
    needs_approval,
    open_shop,
    picking,
    set_parameters,
    sign_on,
    sold,
)
from tests.integration.pos_gateway.standin import REFUSAL, StandIn
from tests.integration.pos_gateway.test_acts import sweep
from tests.support.service import codes

RACES = 20


async def bought(till: Till, sales: StandIn, returned: str = "0") -> str:
    """Three pieces at 100.00, picked up and on invoice I-1."""
    no = await sold(till)
    await till.carry_out("pickup", no, picking(till, "3", "300.00"))
    await invoice(till, sales, no, returned, version=3)
    return no


async def invoice(till: Till, sales: StandIn, no: str, returned: str, *, version: int) -> None:
    """Sales has invoiced the goods, and so much of them is back."""
    asked = next(order for order in reversed(sales.asked) if order.confirmation_no == no)
    billed = ChannelInvoiceLine(line_no=10000, quantity=Decimal(3), returned_quantity=Decimal(returned))
    said = ChannelTransaction(
        version=version,
        confirmation_no=no,
        transaction_id=asked.transaction_id,
        store_no=till.store_no,
        status="succeeded",
        sales_order_no=no.replace("K-", "S-"),
        invoices=(
            ChannelInvoice(
                invoice_no="I-1", posting_date=date(2026, 3, 12), amount=Decimal(300), lines=(billed,)
            ),
        ),
    )
    await till.gateway.deliver(("channel-transaction", no, said))


def returning(till: Till, quantity: str = "1", refund: str = "100.00", **changes: Any) -> dict[str, Any]:
    lines = [{"line_no": 10000, "quantity": quantity, "reason_code": "DAMAGED"}]
    refunds = [{"method": "cash", "amount": refund}] if refund else []
    return till.act(invoice_no="I-1", lines=lines, refunds=refunds) | changes


async def test_pos_82_goods_come_back_from_their_invoice(waiting: Till, sales: StandIn) -> None:
    """POS-50, POS-80: the rehearsal shows what is given back."""
    no = await bought(waiting, sales)
    rehearsed = await waiting.rehearse("returns", no, returning(waiting, "2", ""))
    body = returning(waiting, "2", "200.00")
    answer = await waiting.carry_out("returns", no, body, version=2)
    again = await waiting.carry_out("returns", no, body, version=2)

    order = answer.json()
    assert (answer.status_code, order["version"]) == (201, 3), answer.text
    assert answer.headers["location"] == f"/v1/customer-orders/{no}"
    assert rehearsed.json()["settlement"]["due"] == order["settlement"]["due"] == "-200.00"
    assert (order["settlement"]["refunded"], order["settlement"]["return_no"]) == ("200.00", f"{no}-2")
    assert order["balance"] == "0.00"
    act = sales.asked[-1].acts[-1]
    assert (act.operation, act.invoice_no, act.lines[0].reason_code) == ("return", "I-1", "DAMAGED")
    assert (again.status_code, again.json()["settlement"]) == (200, order["settlement"])


async def test_b20_bad_returns_are_refused_with_their_codes(waiting: Till, sales: StandIn) -> None:
    no = await bought(waiting, sales, returned="1")

    async def refused(**changes: Any) -> tuple[int, list[str]]:
        answer = await waiting.carry_out("returns", no, returning(waiting) | changes, version=2)
        return answer.status_code, codes(answer)

    asked = {"line_no": 10000, "quantity": "1", "reason_code": "A"}
    assert await refused(lines=[asked | {"quantity": "3"}]) == (422, ["quantity-exceeds-returnable"])
    assert await refused(lines=[asked | {"reason_code": ""}]) == (422, ["reason-required"])
    assert await refused(invoice_no="I-9") == (404, ["unknown-posted-sales-invoice"])
    assert await refused(lines=[]) == (422, ["lines-required"])
    assert await refused(refunds=[]) == (422, ["refund-mismatch"])
    assert await refused(shipping_refund="1.00") == (422, ["shipping-not-refundable"])
    assert await refused(refunds=[{"method": "card", "card_token": "t", "amount": "100.00"}]) == (
        422,
        ["refund-exceeds-payment"],
    )


async def test_b20_what_was_not_handed_over_does_not_come_back(waiting: Till, sales: StandIn) -> None:
    """POS-80: of two lines the invoice has one."""
    answer = await waiting.submit(waiting.order(lines=[line(quantity="3"), line()]))
    no = str(answer.json()["confirmation_no"])
    await waiting.carry_out("pickup", no, picking(waiting, "3", "300.00"))
    await invoice(waiting, sales, no, "0", version=3)
    open_line = [{"line_no": 20000, "quantity": "1", "reason_code": "DAMAGED"}]
    refused = await waiting.carry_out("returns", no, returning(waiting, lines=open_line), version=2)

    assert (refused.status_code, codes(refused)) == (409, ["line-not-invoiced"])


async def test_a_return_needs_an_invoice(till: Till) -> None:
    """POS-80: it is never queued."""
    no = await sold(till)
    answer = await till.carry_out("returns", no, returning(till))

    assert (answer.status_code, codes(answer)) == (409, ["not-synchronized-yet"])


async def test_goods_come_back_at_any_store(waiting: Till, sales: StandIn) -> None:
    """POS-121: other stores neither show the order nor do anything else with it."""
    no = await bought(waiting, sales)
    other = await open_shop(waiting.gateway, asynchronous=False, store_no="S3")
    answer = await other.carry_out("returns", no, returning(other), version=2)
    cancelled = await other.carry_out("cancel", no, other.act(reason="x"), version=3)

    assert answer.status_code == 201, answer.text
    assert cancelled.status_code == 404


async def test_b21_shipping_above_the_ceiling_needs_a_manager(waiting: Till, sales: StandIn) -> None:
    """POS-07, POS-119: the second return counts with the first."""
    await set_parameters(
        waiting.gateway,
        shipping_charge_code="SHIPPING",
        refund_shipping_charges=True,
        maximum_amount_without_approval="20.00",
    )
    worker = {"name": "Kim", "permissions": ["create_order", "pickup_lines", "edit_order", "refund_shipping"]}
    await waiting.gateway.put("/workers/W-S1", worker)
    no = await bought(waiting, sales)
    first = returning(waiting, "1", "112.00", shipping_refund="12.00")
    second = returning(waiting, "1", "108.01", shipping_refund="8.01")
    done = await waiting.carry_out("returns", no, first, version=2)
    await invoice(waiting, sales, no, "1", version=4)
    above = await waiting.carry_out("returns", no, second, version=3)
    rehearsed = await waiting.rehearse("returns", no, second)
    at_it = returning(waiting, "1", "108.00", shipping_refund="8.00")
    exactly = await waiting.carry_out("returns", no, at_it, version=3)

    assert (done.status_code, done.json()["settlement"]["charges_refunded"]) == (201, "12.00"), done.text
    assert (above.status_code, codes(above)) == (403, ["manager-approval-required"])
    (error,) = above.json()["errors"]
    assert (error["ceiling"], error["used"]) == ("20.00", "12.00")
    assert needs_approval(rehearsed) == [("refund_shipping", "8.01", True)]
    assert rehearsed.json()["settlement"]["due"] == "-108.01"
    assert exactly.status_code == 201, exactly.text


async def test_of_two_returns_of_the_same_goods_at_once_one_is_done(waiting: Till, sales: StandIn) -> None:
    """POS-125: twenty rounds; the money goes back once."""
    other = await sign_on(waiting.gateway, number=2)
    for _ in range(RACES):
        no = await bought(waiting, sales)
        before = len(sales.asked)
        answers = await asyncio.gather(
            waiting.carry_out("returns", no, returning(waiting, "3", "300.00"), version=2),
            other.carry_out("returns", no, returning(other, "3", "300.00"), version=2),
        )
        assert sorted(a.status_code for a in answers) in ([201, 409], [201, 412]), [a.text for a in answers]
        assert len(sales.asked) == before + 1


def offline(
    till: Till, no: str, quantity: str = "1", refund: str = "100.00", **changes: Any
) -> dict[str, Any]:
    """A return that the till carried out while it was offline."""
    of_order = {"operation": "return", "confirmation_no": no, "worker_id": "W-S1"}
    of_order["occurred_at"] = "2026-03-02T10:00:00+01:00"
    return returning(till, quantity, refund) | of_order | changes


async def upload(till: Till, *transactions: Any) -> list[dict[str, Any]]:
    body = {"transactions": list(transactions)}
    answer = await till.gateway.send("POST", "/transaction-batches", body, token=till.terminal_token)
    assert answer.status_code in {200, 207}, answer.text
    return list(answer.json()["results"])


async def test_pos_113_a_return_taken_offline_goes_to_sales(waiting: Till, sales: StandIn) -> None:
    """Once, however often it is uploaded."""
    no = await bought(waiting, sales)
    body = offline(waiting, no)
    first, again = await upload(waiting, body, body)
    await sweep(waiting.gateway)
    repeated = await upload(waiting, body)
    order = await waiting.show(no)

    assert (first["status"], first["confirmation_no"], first.get("flags")) == ("created", no, None)
    assert [again["status"], repeated[0]["status"]] == ["duplicate", "duplicate"]
    assert [act.operation for act in sales.asked[-1].acts][-1] == "return"
    assert [(x["method"], x["amount"]) for x in order["refunds"]] == [("cash", "100.00")]
    assert (order["settlement"]["due"], order["errors"]) == ("-100.00", [])


async def test_b24_a_return_under_a_taken_identity_is_kept_beside_it(waiting: Till, sales: StandIn) -> None:
    """POS-112, POS-127: its money counts once the act that is under way has ended. One has an order's identity."""
    no = await bought(waiting, sales)
    body = offline(waiting, no)
    other = body | {"receipt_no": "R-9"}
    of_order = offline(waiting, no, transaction=(await waiting.show(no))["transaction"])
    first, conflict, again, beside = await upload(waiting, body, other, other, of_order)
    await sweep(waiting.gateway)
    await sweep(waiting.gateway)
    (repeated,) = await upload(waiting, other)
    order = await waiting.show(no)

    statuses = [x["status"] for x in (first, conflict, again, beside, repeated)]
    assert statuses == ["created", "conflict", "duplicate", "conflict", "duplicate"]
    for result in (conflict, beside):
        assert (result["confirmation_no"], result["problem"]["code"]) == (no, "duplicate-transaction")
        assert result["problem"]["confirmation_no"] == no
    assert [x["amount"] for x in order["refunds"]] == ["100.00"] * 3
    assert [e["code"] for e in order["errors"]] == ["duplicate-transaction"] * 2
    assert order["balance"] == "200.00"
    path = f"/terminals/{waiting.terminal_no}/journal"
    journal = await waiting.gateway.get(path, token=waiting.token, business_date=BUSINESS_DATE)
    assert Decimal(journal["totals"]["cash"]) == 0, "300 were paid, and given back in three returns"


async def test_pos_113_more_than_can_be_returned_is_kept_and_shown(waiting: Till, sales: StandIn) -> None:
    """POS-127: the money went back, so the order owes it; what no order is known of is kept too."""
    no = await bought(waiting, sales, returned="2")
    above, unknown, unreadable = await upload(
        waiting, offline(waiting, no, "2", "200.00"), offline(waiting, "K-0"), offline(waiting, no, "x")
    )
    order = await waiting.show(no)

    assert [x["status"] for x in (above, unknown, unreadable)] == ["failed", "failed", "rejected"]
    assert [x["flags"] for x in (above, unknown)] == [["unverified"], ["unverified"]]
    assert above["problem"]["code"] == "quantity-exceeds-returnable"
    assert unknown["confirmation_no"] == "K-0"
    assert [e["code"] for e in order["errors"]] == ["quantity-exceeds-returnable"]
    assert ([x["amount"] for x in order["refunds"]], order["balance"]) == (["200.00"], "200.00")


async def test_pos_113_a_return_waits_for_what_sales_does_not_have_yet(waiting: Till, sales: StandIn) -> None:
    """What sales refuses then is kept with its reasons."""
    no = await bought(waiting, sales)
    first, second = await upload(waiting, offline(waiting, no), offline(waiting, no))
    sales.status, sales.body = 409, REFUSAL
    await sweep(waiting.gateway)
    failed = await waiting.show(no)
    sales.status, sales.body = 201, b""
    await sweep(waiting.gateway)
    order = await waiting.show(no)

    assert (first["status"], second["status"], second["flags"]) == ("created", "created", ["unverified"])
    assert [e["code"] for e in failed["errors"]] == ["item-blocked"]
    assert [x["amount"] for x in failed["refunds"]] == ["100.00"]
    assert [x["amount"] for x in order["refunds"]] == ["100.00", "100.00"]


async def test_the_same_return_uploaded_twice_at_once_is_kept_once(waiting: Till, sales: StandIn) -> None:
    """POS-103: twenty rounds."""
    no = await bought(waiting, sales)
    for _ in range(RACES):
        body = offline(waiting, no)
        results = await asyncio.gather(upload(waiting, body), upload(waiting, body))
        assert sorted(x["status"] for (x,) in results) == ["created", "duplicate"]
