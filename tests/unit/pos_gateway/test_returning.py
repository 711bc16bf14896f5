"""POS-50 to POS-53, POS-80 to POS-84: goods come back, and money with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine, ChannelInvoice, ChannelInvoiceLine, LineProgress
from contracts.refusals import Refusal
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.commands import ReturnGoods
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.returning import decide_return
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import SalesProgress, Stage
from tests.unit.pos_gateway.samples import (
    NOW,
    TODAY,
    act_context,
    approving,
    decide,
    line,
    new_act,
    new_order,
    reasons,
    settings,
)

D = Decimal
REFUNDS_SHIPPING = settings(refund_shipping_charges=True, maximum_amount_without_approval=D("20.00"))
MAY = replace(
    REFUNDS_SHIPPING,
    worker=replace(
        REFUNDS_SHIPPING.worker, permissions=(*REFUNDS_SHIPPING.worker.permissions, "refund_shipping")
    ),
)


def an_order(*lines: dict[str, Any], **changes: Any) -> CustomerOrder:
    """Paid in full."""
    wanted = lines or (line(price="33.34", quantity="3", discount="0.02", tax_pct="19"),)
    return decide(new_order(*wanted, **changes))


def invoiced(*invoices: tuple[str, str, str], line_no: int = 10000) -> Stage:
    """Invoices of a line: their numbers, what they bill, and what of it came back."""
    made = tuple(
        ChannelInvoice(
            invoice_no=no,
            posting_date=TODAY,
            amount=D(0),
            lines=(ChannelInvoiceLine(line_no=line_no, quantity=D(quantity), returned_quantity=D(returned)),),
        )
        for no, quantity, returned in invoices
    )
    total = sum((D(quantity) for _, quantity, _ in invoices), D(0))
    progress = LineProgress(
        line_no=line_no,
        quantity_received=D(0),
        quantity_shipped=total,
        quantity_invoiced=total,
        quantity_returned=sum((D(returned) for *_, returned in invoices), D(0)),
        quantity_cancelled=D(0),
    )
    return Stage(
        status="fulfilled",
        progress=SalesProgress(lines=(progress,), invoices=made),
        received_at=NOW,
        updated_at=NOW,
    )


def give_back(
    order: CustomerOrder,
    stage: Stage,
    quantity: str = "1",
    *,
    back: str | None = None,
    context: ActContext | None = None,
    **changes: Any,
) -> Acted:
    lines = [{"line_no": 10000, "quantity": quantity, "reason_code": "DAMAGED"}]
    body: dict[str, Any] = {"invoice_no": "SI-1", "lines": lines}
    if back is not None:
        body["refunds"] = [{"method": "cash", "amount": back}]
    return decide_return(order, stage, new_act(ReturnGoods, **body | changes), context or act_context())


def test_what_is_returned_is_given_back_with_its_tax() -> None:
    """POS-50, POS-82."""
    acted = give_back(an_order(), invoiced(("SI-1", "3", "0")), "2", back="79.34")
    settlement = acted.act.settlement

    assert settlement.total == settlement.due == D("-79.34")
    assert (settlement.refunded, settlement.return_no) == (D("79.34"), "K-1-1")
    assert acted.act.lines == (ActLine(line_no=10000, quantity=D(2), reason_code="DAMAGED"),)
    assert acted.act.invoice_no == "SI-1"
    assert acted.order.money.credited == D("79.34")


def test_parts_of_an_invoice_line_add_up_to_it() -> None:
    """POS-53: three returns of one piece each give back 119.00, whatever the rounding."""
    parts = ["39.66", "39.68", "39.66"]
    for returned, back in enumerate(parts):
        give_back(an_order(), invoiced(("SI-1", "3", str(returned))), back=back)

    assert sum(map(D, parts)) == D("119.00")


def test_goods_of_a_second_invoice_are_worth_what_it_bills() -> None:
    """POS-53: the second piece was billed at 33.34 and 6.34."""
    stage = invoiced(("SI-0", "1", "0"), ("SI-1", "1", "0"), ("SI-2", "1", "0"))

    assert give_back(an_order(), stage, back="39.68").act.settlement.due == D("-39.68")


@pytest.mark.parametrize(("quantity", "returned"), [("4", "0"), ("2", "2")])
def test_b20_no_more_comes_back_than_was_invoiced(quantity: str, returned: str) -> None:
    """POS-81, POS-125."""
    with pytest.raises(Refusal) as refusal:
        give_back(an_order(), invoiced(("SI-1", "3", returned)), quantity, back="0.01")

    (violation, *_) = refusal.value.violations
    assert (violation.code, violation.members["available"]) == (
        "quantity-exceeds-returnable",
        D(3) - D(returned),
    )


def test_b20_everything_that_is_wrong_is_said_at_once() -> None:
    """POS-80, POS-81."""
    order = an_order(line(quantity="3"), line())
    wrong = [
        {"line_no": 10000, "quantity": "1"},
        {"line_no": 10000, "quantity": "1", "reason_code": "A"},
        {"line_no": 20000, "quantity": "1", "reason_code": "A"},
        {"line_no": 5, "quantity": "1", "reason_code": "A"},
    ]
    with pytest.raises(Refusal) as refusal:
        give_back(order, invoiced(("SI-1", "3", "0")), lines=wrong)
    with pytest.raises(Refusal) as nothing:
        give_back(order, invoiced(("SI-1", "3", "0")), lines=[])

    assert sorted(reasons(refusal.value)) == [
        ("duplicate-line", "/lines/1/line_no"),
        ("line-not-invoiced", "/lines/2/line_no"),
        ("reason-required", "/lines/0/reason_code"),
        ("unknown-line", "/lines/3/line_no"),
    ]
    assert reasons(nothing.value) == [("lines-required", "/lines")]


def test_b20_an_invoice_of_another_order_is_not_found() -> None:
    with pytest.raises(Refusal) as refusal:
        give_back(an_order(), invoiced(("SI-7", "3", "0")))

    assert refusal.value.code == "unknown-posted-sales-invoice"


def shipped_order(quantity: str = "5", charge: str = "25.00") -> CustomerOrder:
    """Five pieces at 10.00, shipped for 25.00."""
    cards = [{"card_token": "t"}]
    wanted = line("ship", "10.00", quantity=quantity, shipping_charge=charge)
    return an_order(wanted, balance_cards=cards)


def test_a_charge_of_a_line_comes_back_in_proportion() -> None:
    """POS-52: 15.00 for three of five pieces, with 19 % tax."""
    acted = give_back(
        shipped_order(),
        invoiced(("SI-1", "5", "0")),
        "3",
        back="47.85",
        context=act_context(REFUNDS_SHIPPING),
    )

    assert acted.act.charges_refunded == (ActCharge(charge_code="SHIP", amount=D("15.00"), tax_pct=D(19)),)
    assert acted.act.settlement.charges_refunded == D("15.00")
    assert acted.order.money.charges_refunded == D("15.00")


def test_charges_stay_where_the_company_gives_none_back() -> None:
    """POS-06."""
    acted = give_back(shipped_order(), invoiced(("SI-1", "5", "0")), "3", back="30.00")
    with pytest.raises(Refusal) as refusal:
        give_back(shipped_order(), invoiced(("SI-1", "5", "0")), shipping_refund="1.00")

    assert acted.act.charges_refunded == ()
    assert reasons(refusal.value) == [("shipping-not-refundable", "/shipping_refund")]


def test_more_shipping_may_be_given_back_than_was_paid() -> None:
    """POS-08: up to the ceiling."""
    order = an_order(line(price="10.00"))
    acted = give_back(
        order,
        invoiced(("SI-1", "1", "0")),
        back="33.80",
        context=act_context(MAY),
        shipping_refund="20.00",
    )

    assert acted.act.settlement.due == D("-33.80")
    assert acted.act.overrides == ()


@pytest.mark.parametrize(("used", "refund"), [("0", "20.01"), ("15.00", "5.01")])
def test_b21_above_the_ceiling_of_all_returns_a_manager_approves(used: str, refund: str) -> None:
    """POS-07, POS-83, choice 1: a return split in small ones does not get around it."""
    order = an_order(line(price="10.00"))
    order = replace(order, money_sums=replace(order.money, charges_refunded=D(used)))
    stage, back = invoiced(("SI-1", "1", "0")), str(D("10.00") + (D(refund) * D("1.19")).quantize(D("0.01")))
    approvals = approving("refund_shipping", refund, order)

    with pytest.raises(Refusal) as refusal:
        give_back(order, stage, back=back, context=act_context(MAY), shipping_refund=refund)
    approved = give_back(
        order, stage, back=back, context=act_context(MAY, approvals=approvals), shipping_refund=refund
    )

    (violation,) = refusal.value.violations
    assert violation.code == "manager-approval-required"
    assert (violation.members["ceiling"], violation.members["used"]) == (D("20.00"), D(used))
    assert approved.act.overrides[0].approved_by == "W9"


def test_a_worker_without_the_permission_needs_a_manager_below_it_too() -> None:
    """POS-116."""
    with pytest.raises(Refusal) as refusal:
        give_back(
            an_order(line(price="10.00")),
            invoiced(("SI-1", "1", "0")),
            back="11.19",
            context=act_context(REFUNDS_SHIPPING),
            shipping_refund="1.00",
        )

    assert reasons(refusal.value) == [("manager-approval-required", "/shipping_refund")]


def test_a_shipping_refund_needs_a_code_to_be_posted_under() -> None:
    """POS-04."""
    no_code = replace(MAY, parameters=replace(MAY.parameters, shipping_charge_code=""))
    with pytest.raises(Refusal) as refusal:
        give_back(
            an_order(line()),
            invoiced(("SI-1", "1", "0")),
            context=act_context(no_code),
            shipping_refund="1.00",
        )

    assert reasons(refusal.value) == [("charge-code-not-configured", "/shipping_refund")]
