"""A customer order as it is answered (contract point 9): what was agreed, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from contracts.pos import Payment, Totals, TransactionIdentity
from contracts.values import Address, Problem
from pos_gateway.domain.availability import Shortage
from pos_gateway.domain.money import ZERO
from pos_gateway.domain.order import (
    Collector,
    CustomerOrder,
    Mode,
    OrderLine,
    Override,
    Settlement,
    Stage,
    Status,
)
from pos_gateway.domain.payments import has_card

Day = date
NOTHING_SHORT: Mapping[int, Shortage] = {}


class FulfilmentView(msgspec.Struct, frozen=True, kw_only=True):
    """How a line reaches the customer; `store_no`: where it is picked up."""

    mode: str
    location_code: str
    store_no: str | None
    address_code: str | None
    address: Address | None
    date: Day | None
    delivery_date: Day | None
    delivery_mode: str | None


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line. `quantity_picked_up` counts what was carried out too."""

    line_no: int
    type: str = "item"
    item_no: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    unit_price: Decimal
    discount: Decimal
    tax_pct: Decimal
    purchasing_code: str
    fulfilment: FulfilmentView
    shipping_charge: Decimal
    net: Decimal
    tax: Decimal
    quantity_open: Decimal
    quantity_picked_up: Decimal
    quantity_shipped: Decimal = ZERO
    quantity_cancelled: Decimal = ZERO
    quantity_invoiced: Decimal = ZERO
    quantity_returned: Decimal = ZERO
    availability: Shortage | UnsetType = UNSET
    """Only where the line is short."""


class ChargeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A charge; without `line_no` it is the header's."""

    code: str
    amount: Decimal
    line_no: int | None = None


class WantedDate(msgspec.Struct, frozen=True):
    """`date`: the earliest of the lines (POS-26)."""

    date: Day | None


class CustomerOrderView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole order. `customer_no` is null and `customer_id` set while the customer is known to tills only."""

    confirmation_no: str | None
    receipt_no: str | None
    version: int
    kind: str
    status: Status
    mode: Mode
    sales_order_no: str | None
    sales_quote_no: str | None = None
    customer_no: str | None
    customer_id: UUID | None
    transaction: TransactionIdentity
    occurred_at: datetime
    received_at: datetime
    clock_skew: bool
    config_version: int
    config_stale: bool
    currency_code: str
    worker_id: str
    fulfilment: WantedDate
    lines: list[LineView]
    charges: list[ChargeView]
    totals: Totals
    deposit_required: Decimal
    deposit_paid: Decimal
    deposit_available: Decimal
    balance: Decimal
    change: Decimal
    pay_later: bool
    card_on_file: bool
    card_hold: Decimal
    payments: tuple[Payment, ...]
    refunds: tuple[Payment, ...] = ()
    overrides: tuple[Override, ...]
    collector: Collector | None
    expires_at: datetime | None = None
    errors: tuple[Problem, ...]
    settlement: Settlement


def view(
    order: CustomerOrder, stage: Stage, short: Mapping[int, Shortage] = NOTHING_SHORT
) -> CustomerOrderView:
    """The answer for an order at its stage; `short`: by line number."""
    settlement = order.settlement
    deposit_paid = settlement.paid - (settlement.due - order.deposit_required)
    balance = order.totals.total - settlement.paid
    card = has_card(order.balance_cards, order.payments)
    customer_no = order.customer_no or stage.customer_no
    new_customer = order.new_customer
    return CustomerOrderView(
        confirmation_no=order.confirmation_no or None,
        receipt_no=order.receipt_no or None,
        version=order.version,
        kind=order.kind,
        status=stage.status,
        mode=order.mode,
        sales_order_no=stage.sales_order_no or None,
        customer_no=customer_no or None,
        customer_id=new_customer.id if new_customer and not customer_no else None,
        transaction=order.transaction,
        occurred_at=order.occurred_at,
        received_at=order.received_at,
        clock_skew=order.clock_skew,
        config_version=order.config_version,
        config_stale=order.config_stale,
        currency_code=order.currency_code,
        worker_id=order.worker_id,
        fulfilment=WantedDate(order.wanted_date),
        lines=[_line(line, short.get(line.line_no, UNSET)) for line in order.lines],
        charges=_charges(order),
        totals=order.totals,
        deposit_required=order.deposit_required,
        deposit_paid=deposit_paid,
        deposit_available=deposit_paid,
        balance=balance,
        change=settlement.change,
        pay_later=balance > 0 and not card,
        card_on_file=card,
        card_hold=order.card_hold,
        payments=order.payments,
        overrides=order.overrides,
        collector=order.collector,
        errors=stage.errors,
        settlement=settlement,
    )


def preview(order: CustomerOrder, short: Mapping[int, Shortage] = NOTHING_SHORT) -> CustomerOrderView:
    """The answer of a dry run: an order without a number, on no way."""
    stage = Stage(status="pending", updated_at=order.received_at)
    return msgspec.structs.replace(view(order, stage, short), confirmation_no=order.receipt_no or None)


def _line(line: OrderLine, shortage: Shortage | UnsetType) -> LineView:
    return LineView(
        line_no=line.line_no,
        item_no=line.item_no,
        description=line.description,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        unit_price=line.unit_price,
        discount=line.discount,
        tax_pct=line.tax_pct,
        purchasing_code=line.purchasing_code,
        fulfilment=FulfilmentView(
            mode=line.mode,
            location_code=line.location_code,
            store_no=line.pickup_store_no or None,
            address_code=line.address_code or None,
            address=line.address,
            date=line.requested_date,
            delivery_date=line.delivery_date,
            delivery_mode=line.delivery_mode or None,
        ),
        shipping_charge=line.shipping_charge,
        net=line.net,
        tax=line.tax,
        quantity_open=line.quantity_open,
        quantity_picked_up=line.quantity - line.quantity_open,
        availability=shortage,
    )


def _charges(order: CustomerOrder) -> list[ChargeView]:
    code = order.shipping_charge_code
    charges = [
        ChargeView(code=code, amount=line.shipping_charge, line_no=line.line_no)
        for line in order.lines
        if line.shipping_charge
    ]
    if order.shipping_charge:
        charges.insert(0, ChargeView(code=code, amount=order.shipping_charge))
    return charges
