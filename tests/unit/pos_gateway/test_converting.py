"""POS-57, POS-58, B16: a quote becomes one order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.planning.masters import Item, ItemUnit
from contracts.refusals import Refusal
from domainkit.references import ReferenceData
from pos_gateway.domain.acts.commands import Conversion, ConvertQuote
from pos_gateway.domain.acts.converting import QuoteToConvert, check_convertible, converted, order_of_quote
from pos_gateway.domain.orders.create_order import decide_order
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.domain.setup.records import Worker
from pos_gateway.domain.terminals.sessions import TillSession
from tests.unit.pos_gateway.samples import NOW, TODAY, context, decide, line, new_act, new_order, settings

D = Decimal
STAGE = Stage(status="synchronized", sales_quote_no="SQ-1", received_at=NOW, updated_at=NOW)
MAY_RECALCULATE = Worker(id="W1", permissions=("recalculate",))
NOVICE = Worker(id="W1")
NOTHING_KNOWN = ReferenceData({}, NOW)
DEAR = Item(
    version=1, no="1000", unit_price=D("12.00"), units_of_measure=(ItemUnit(code="BOX", qty_per=D(10)),)
)


def a_quote(**changes: Any) -> CustomerOrder:
    """One piece at 100.00 to pick up, one shipped with a charge; it holds until today."""
    lines = (line(discount="5.00"), line("ship", "20.00"))
    body = {"kind": "quote", "expiry_date": TODAY, "shipping_charge": "10.00"} | changes
    worker = settings().worker
    may = replace(
        settings(), worker=replace(worker, permissions=(*worker.permissions, "change_quote_expiry"))
    )
    return decide(new_order(*lines, **body), may)


def asked(day: date = TODAY, **changes: Any) -> ConvertQuote:
    new = new_act(Conversion, **changes)
    new = replace(new, transaction=replace(new.transaction, business_date=day))
    session = TillSession(store_no="S1", terminal_no="T1", worker_id="W1")
    return ConvertQuote("K-1", new, session, "asynchronous")


def refusal_of(  # noqa: PLR0913 - each is another state
    quote: CustomerOrder,
    stage: Stage = STAGE,
    wanted: ConvertQuote | None = None,
    *,
    in_progress: bool = False,
    mode: Mode = "asynchronous",
    store_no: str = "S1",
    worker: Worker = MAY_RECALCULATE,
) -> str:
    convert = replace(wanted or asked(), mode=mode)
    convert = replace(convert, session=replace(convert.session, store_no=store_no))
    try:
        check_convertible(QuoteToConvert(quote, stage, in_progress), convert, worker)
    except Refusal as refusal:
        return refusal.code
    return ""


def test_the_order_has_the_lines_and_prices_of_the_quote() -> None:
    """POS-57: they are agreed; the deposit is asked for now."""
    quote = a_quote()
    new = order_of_quote(quote, STAGE, asked(), NOTHING_KNOWN)
    order = decide_order(
        new, replace(context(settings(default_deposit_pct=D(10)), dry_run=True), quote_no="K-1")
    )

    assert (order.totals.total, order.quote_no) == (quote.totals.total, "K-1")
    assert (order.deposit_required, quote.deposit_required) == (D("12.69"), 0)
    assert (new.kind, new.customer_no) == ("customer_order", "C1")
    assert [(x.unit_price, x.discount) for x in new.lines] == [(D("100.00"), D("5.00")), (D("20.00"), 0)]
    assert new.shipping_charge == D("10.00")


def test_an_expired_quote_is_converted_at_todays_prices_alone() -> None:
    """POS-58, choice 4; B16."""
    quote, later = a_quote(), date(2026, 3, 3)

    assert refusal_of(quote) == ""
    assert refusal_of(quote, wanted=asked(later)) == "quote-expired"
    assert refusal_of(quote, wanted=asked(later, reprice=True), worker=NOVICE) == ""


def test_pos_58_before_it_expires_the_prices_of_a_quote_are_left_with_a_permission_alone() -> None:
    """POS-116: repricing is recalculating."""
    wanted = asked(reprice=True)

    assert refusal_of(a_quote(), wanted=wanted, worker=NOVICE) == "permission-missing"
    assert refusal_of(a_quote(), wanted=wanted) == ""
    assert refusal_of(a_quote(), worker=NOVICE) == ""


def test_todays_price_is_the_items_in_the_lines_unit() -> None:
    """POS-58: discounts that were agreed are gone; without a price of the item the quoted one stays."""
    quote = a_quote()
    in_boxes = replace(quote, lines=(replace(quote.lines[0], unit_of_measure_code="BOX"), *quote.lines[1:]))
    known = ReferenceData({Item: {"1000": DEAR}}, NOW)

    def prices(of: CustomerOrder, references: ReferenceData) -> list[Decimal]:
        new = order_of_quote(of, STAGE, asked(reprice=True), references)
        assert all(not x.discount for x in new.lines)
        return [x.unit_price for x in new.lines]

    assert prices(quote, known) == [D("12.00"), D("12.00")]
    assert prices(in_boxes, known) == [D("120.00"), D("12.00")]
    assert prices(quote, NOTHING_KNOWN) == [D("100.00"), D("20.00")]


def test_a_day_that_has_passed_since_the_quote_is_today() -> None:
    """POS-26: a date before the business date would be refused."""
    new = order_of_quote(a_quote(), STAGE, asked(date(2026, 3, 20), reprice=True), NOTHING_KNOWN)

    assert [x.fulfilment.date for x in new.lines if x.fulfilment] == [date(2026, 3, 20)] * 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("closed", "already-converted"),
        ("cancelled", "already-cancelled"),
        ("void", "order-void"),
        ("submitting", "not-synchronized-yet"),
        ("pulled", ""),
        ("failed", ""),
    ],
)
def test_b16_a_quote_that_is_done_is_not_converted(status: str, code: str) -> None:
    assert refusal_of(converted(a_quote(), "K-2"), replace(STAGE, status=status)) == code


def test_only_quotes_of_the_store_are_converted() -> None:
    """POS-57, POS-121."""
    order = decide(new_order(line()))

    assert refusal_of(order) == "not-a-quote"
    elsewhere = a_quote()
    elsewhere = replace(
        elsewhere,
        lines=tuple(replace(x, pickup_store_no="S2" if x.mode == "pickup" else "") for x in elsewhere.lines),
    )
    assert refusal_of(elsewhere, store_no="S2") == "order-of-other-store"


def test_a_quote_waits_for_another_act_and_for_sales() -> None:
    """POS-67: where the till waits for sales, sales knows the quote."""
    unknown = replace(STAGE, sales_quote_no="", status="pulled")

    assert refusal_of(a_quote(), in_progress=True) == "act-in-progress"
    assert refusal_of(a_quote(), unknown, mode="synchronous") == "not-synchronized-yet"
    assert refusal_of(a_quote(), unknown) == ""


def test_a_conversion_gives_nothing_back() -> None:
    """POS-55: a quote took no money."""
    back = asked(refunds=[{"method": "cash", "amount": "1.00"}])

    assert refusal_of(a_quote(), wanted=back) == "refund-mismatch"
