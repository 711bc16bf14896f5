"""Return orders: what a line takes from its invoice, and what is received and credited."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.refusals import Refusal
from sales.domain.posting.commands import LineToPost, PostingOptions
from sales.domain.posting.credit_memos import Credit, credit_memo_of, with_credit
from sales.domain.posting.documents import PostedInvoice, PostedInvoiceLine
from sales.domain.returns.commands import NewReturnLine, NewReturnOrder, ReturnLineChanges
from sales.domain.returns.invoice_terms import changes_with_invoice_terms, with_invoice_terms
from sales.domain.returns.posting import PostedReturn, post_return
from sales.domain.returns.return_order import POSTED, ReturnOrder, new_return
from tests.unit.sales import samples as x


def invoice_line(line_no: int = 10000, item_no: str = "STOCK", **more: Any) -> PostedInvoiceLine:
    return PostedInvoiceLine(
        line_no=line_no,
        item_no=item_no,
        quantity=Decimal(5),
        unit_of_measure_code="PCS",
        unit_price=Decimal(10),
        unit_cost=more.pop("unit_cost", Decimal(6)),
        amount=more.pop("amount", Decimal(50)),
        tax_amount=Decimal("9.50"),
        location_code="NORTH",
        **more,
    )


def invoice(*lines: PostedInvoiceLine, **more: Any) -> PostedInvoice:
    given_ = {"no": "SI-1", "customer_no": "C1", "currency_code": "EUR", "posting_date": x.DAY, **more}
    return PostedInvoice(**given_, lines=lines or (invoice_line(),))


def back(quantity: str | None = None, **more: Any) -> NewReturnLine:
    of_invoice = {"posted_invoice_no": "SI-1", "posted_invoice_line_no": 10000}
    return NewReturnLine(**{**of_invoice, "quantity": Decimal(quantity) if quantity else None, **more})


def returned(*lines: NewReturnLine, of: PostedInvoice | None = None, **header: Any) -> ReturnOrder:
    new = NewReturnOrder(**{"no": "SR-1", "customer_no": "C1", "lines": lines, **header})
    return new_return(with_invoice_terms(new, {"SI-1": of or invoice()}), x.context())


def post(order: ReturnOrder, of: PostedInvoice | None = None, **wanted: Any) -> PostedReturn:
    return post_return(order, PostingOptions(**wanted), {"SI-1": of or invoice()}, x.context(), x.NOW)


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        act()
    return [violation.code for violation in refusal.value.violations]


def test_bc_sd_17_a_line_takes_item_price_and_location_from_its_invoice() -> None:
    line = returned(back()).lines[0]
    assert (line.item_no, line.quantity, line.unit_price, line.unit_cost) == ("STOCK", 5, 10, 6)
    assert (line.location_code, line.posted_invoice_no, line.purchasing_code) == ("NORTH", "SI-1", "")


def test_bc_sd_17_what_comes_back_is_received_and_credited() -> None:
    posted = post(returned(back("2")))
    (line,) = posted.memo.lines
    assert (line.quantity, line.amount, line.tax_amount, line.unit_cost) == (2, 20, Decimal("3.80"), 6)
    assert line.receipt is not None
    assert (line.receipt.quantity, line.location_code) == (2, "NORTH")
    assert posted.invoices["SI-1"].lines[0].left_to_credit == 3
    assert (posted.order.status, posted.memo.posted_invoice_no) == (POSTED, "SI-1")


def test_bc_sd_17_no_more_is_credited_than_was_invoiced() -> None:
    assert refused(lambda: post(returned(back("6")))) == ["quantity-exceeds-invoiced"]
    assert refused(lambda: post(returned(back("3"), back("3")))) == ["quantity-exceeds-invoiced"]
    rest = with_credit(invoice(), 10000, Decimal(4))
    assert refused(lambda: post(returned(back("2")), rest)) == ["quantity-exceeds-invoiced"]


def test_bc_sd_17_the_return_of_a_drop_shipment_says_where_it_comes_back_to() -> None:
    dropped = invoice(invoice_line(drop_shipment=True, purchasing_code="DROP"))
    assert refused(lambda: post(returned(back("2"), of=dropped), dropped)) == ["location-required"]
    posted = post(returned(back("2", location_code="SHOP"), of=dropped), dropped)
    assert posted.memo.lines[0].location_code == "SHOP"
    located = returned(back("2"), of=dropped, location_code="SHOP")
    assert located.lines[0].location_code == "SHOP"


def test_bc_sd_17_every_line_names_a_line_of_an_invoice_of_its_customer() -> None:
    free = returned(NewReturnLine(item_no="STOCK", quantity=Decimal(1)))
    assert refused(lambda: post(free)) == ["posted-invoice-required"]
    assert refused(lambda: post(returned(back()), invoice(customer_no="C2"))) == ["customer-mismatch"]
    assert refused(lambda: post(returned(back()), invoice(currency_code="USD"))) == ["currency-mismatch"]
    assert refused(lambda: post(returned())) == ["nothing-to-post"]


def test_bc_sd_17_what_is_credited_is_what_was_invoiced() -> None:
    assert refused(lambda: post(returned(back("2", unit_price=Decimal(11))))) == ["price-mismatch"]
    assert refused(lambda: post(returned(back("2", item_no="SERVICE")))) == ["item-mismatch"]
    assert refused(lambda: post(returned(back("2", unit_of_measure_code="BOX", item_no="BOXED")))) == [
        "item-mismatch",
        "unit-mismatch",
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (back(posted_invoice_no="SI-9"), "unknown-posted-sales-invoice"),
        (back(posted_invoice_line_no=99), "unknown-line"),
        (back(posted_invoice_line_no=None), "posted-invoice-required"),
    ],
)
def test_bad_input_an_invoice_line_that_does_not_exist(line: NewReturnLine, code: str) -> None:
    assert refused(lambda: returned(line)) == [code]


def test_another_invoice_line_brings_its_price_along() -> None:
    of = invoice(invoice_line(), invoice_line(20000, unit_cost=Decimal(7)))
    changes = ReturnLineChanges(posted_invoice_no="SI-1", posted_invoice_line_no=20000)
    assert changes_with_invoice_terms(changes, {"SI-1": of}).unit_cost == 7


def test_a_return_order_is_posted_whole_and_once() -> None:
    part = (LineToPost(line_no=10000, qty_to_ship=Decimal(1)),)
    assert refused(lambda: post(returned(back("2")), lines=part)) == ["quantity-mismatch"]
    assert refused(lambda: post(returned(back("2")), lines=())) == ["nothing-to-post"]
    done = replace(returned(back()), status=POSTED, credit_memo_no="SC-1")
    assert refused(lambda: post(done)) == ["already-credited"]


def test_bc_md_11_a_blocked_item_can_come_back() -> None:
    of = invoice(invoice_line(item_no="BLOCKED"))
    assert post(returned(back(), of=of), of).memo.amount == 50


def test_a_return_order_has_no_discount_of_its_own() -> None:
    assert refused(lambda: returned(back(), invoice_discount_amount=Decimal(1))) == ["out-of-range"]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 10_000))
def test_credits_of_all_parts_of_a_line_are_what_was_invoiced(parts: list[int], cents: int) -> None:
    line = replace(
        invoice_line(amount=Decimal(cents) / 100), quantity=Decimal(sum(parts)), tax_amount=Decimal(7) / 100
    )
    of, amount, tax = invoice(line), Decimal(0), Decimal(0)
    for part in parts:
        memo = credit_memo_of([Credit(invoice=of, line=of.lines[0], quantity=Decimal(part))], x.DAY)
        amount, tax = amount + memo.amount, tax + memo.tax_amount
        of = with_credit(of, 10000, Decimal(part))
    assert (amount, tax) == (line.amount, line.tax_amount)
