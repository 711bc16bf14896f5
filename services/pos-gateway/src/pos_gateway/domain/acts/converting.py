"""Decides which quotes become orders, and as what (POS-57, POS-58; B16)."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal, conflict, forbidden, invalid
from domainkit.money import ZERO
from domainkit.references import ReferenceData
from domainkit.structs import extended
from pos_gateway.domain.acts.commands import ConvertQuote
from pos_gateway.domain.orders.commands import NewAddress, NewCollector, NewFulfilment, NewLine, NewOrder
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.permissions import refuse_missing
from pos_gateway.domain.orders.prices import price_today
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.records import RECALCULATE, Worker

QUOTE = "quote"
ORDER = "customer_order"
CLOSED = "closed"


class QuoteToConvert(msgspec.Struct, frozen=True):
    """A quote under lock. `in_progress`: sales is being asked for an act on it."""

    order: CustomerOrder
    stage: Stage
    in_progress: bool


def check_convertible(found: QuoteToConvert, asked: ConvertQuote, worker: Worker) -> None:
    """Refuse what does not become an order, with the reason that concerns the till first.

    Whether the quote has expired is judged by the business date: a till's day can be longer than a calendar's.
    """
    no = asked.confirmation_no
    quote = found.order
    if quote.transaction.store_no != asked.session.store_no:
        raise forbidden("order-of-other-store", f"{no} is a quote of store {quote.transaction.store_no}")
    if quote.kind != QUOTE:
        raise conflict("not-a-quote", f"{no} is an order already", confirmation_no=no)
    _check_state(found, asked.mode)
    business_date = asked.new.transaction.business_date
    expired = quote.expiry_date is not None and business_date > quote.expiry_date
    if expired and not asked.new.reprice:
        detail = f"{no} expired on {quote.expiry_date}; convert it with reprice, at today's prices"
        raise conflict("quote-expired", detail, confirmation_no=no, expiry_date=quote.expiry_date)
    if asked.new.reprice and not expired:
        # Its prices are locked (POS-58): to leave them is to recalculate it.
        refuse_missing({RECALCULATE: "/reprice"}, worker)
    if asked.new.refunds:
        raise invalid("refund-mismatch", "a quote took no money", pointer="/refunds", required=ZERO)


def _check_state(found: QuoteToConvert, mode: str) -> None:
    no, stage = found.order.confirmation_no, found.stage
    if stage.status == "cancelled":
        raise conflict("already-cancelled", f"{no} is cancelled", confirmation_no=no)
    if stage.status == "void":
        raise conflict("order-void", f"{no} was voided in the back office", confirmation_no=no)
    if stage.status == CLOSED:
        made = found.order.converted_into
        raise conflict("already-converted", f"{no} has become order {made}", confirmation_no=made)
    if found.in_progress:
        refusal = conflict("act-in-progress", f"sales is being asked for another act on {no}; ask again")
        raise Refusal(*refusal.violations, retry_after_s=1)
    # Sales makes the order while the till waits, so it must know the quote that the order closes.
    if stage.status == "submitting" or (mode == "synchronous" and not stage.synchronized):
        detail = f"sales does not have {no} yet; ask again when it is synchronized"
        raise conflict("not-synchronized-yet", detail, confirmation_no=no)


def order_of_quote(
    quote: CustomerOrder, stage: Stage, asked: ConvertQuote, references: ReferenceData
) -> NewOrder:
    """The order as a till would ask for it: the quote's customer, lines and prices, with the money of today."""
    new = asked.new
    customer_no = quote.customer_no or stage.customer_no
    return NewOrder(
        transaction=new.transaction,
        occurred_at=new.occurred_at,
        external_reference=new.external_reference or quote.external_reference,
        kind=ORDER,
        receipt_no=new.receipt_no,
        customer_no=customer_no or None,
        customer_id=quote.new_customer.id if quote.new_customer and not customer_no else None,
        lines=tuple(_line(line, quote, asked, references) for line in quote.lines),
        shipping_charge=quote.shipping_charge or None,
        collector=extended(NewCollector, quote.collector) if quote.collector else None,
        deposit_override=new.deposit_override,
        payments=new.payments,
        balance_cards=new.balance_cards,
        totals=new.totals,
        approval_ids=new.approval_ids,
    )


def _line(line: OrderLine, quote: CustomerOrder, asked: ConvertQuote, references: ReferenceData) -> NewLine:
    """Prices stay as they were quoted, unless the till asks for today's (choice 4)."""
    price, discount = line.unit_price, line.discount
    if asked.new.reprice:
        day = asked.new.transaction.business_date
        price, discount = price_today(line, quote.currency_code, day, references), ZERO
    return NewLine(
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        unit_price=price,
        discount=discount,
        tax_pct=line.tax_pct,
        purchasing_code=line.purchasing_code or None,
        shipping_charge=_or_none(line.shipping_charge),
        fulfilment=_fulfilment(line, asked),
    )


def _fulfilment(line: OrderLine, asked: ConvertQuote) -> NewFulfilment:
    """As quoted; a day that has passed since then is today."""
    today = asked.new.transaction.business_date
    return NewFulfilment(
        mode=line.mode,
        address_code=line.address_code or None,
        address=extended(NewAddress, line.address) if line.address else None,
        store_no=line.pickup_store_no or None,
        location_code=line.location_code if line.mode == "ship" else None,
        date=max(line.requested_date, today) if line.requested_date else None,
        delivery_date=max(line.delivery_date, today) if line.delivery_date else None,
        delivery_mode=line.delivery_mode or None,
    )


def _or_none(amount: Decimal) -> Decimal | None:
    return amount or None


def converted(quote: CustomerOrder, order_no: str) -> CustomerOrder:
    """The quote once it has become an order; it stays, closed."""
    return replace(quote, version=quote.version + 1, converted_into=order_no)
