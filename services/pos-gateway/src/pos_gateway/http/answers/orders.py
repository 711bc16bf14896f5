"""A customer order as it is answered: what was agreed, and its progress in sales."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CustomerNo,
    Day,
    LineNo,
    LocationCodeOrBlank,
    No,
    SalesOrderNo,
    Text100,
    TotalQuantity,
    Version,
)
from contracts.pos import (
    AddressCodeOrBlank,
    ConfirmationNo,
    DeliveryMode,
    LineTerms,
    RequestedDate,
    ShippingCode,
    StoreNo,
    TillOrderTerms,
)
from contracts.values import Address, CreatedAt, Model, Problem, UpdatedAt
from domainkit.money import ZERO
from domainkit.structs import extended
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.orders.availability import Shortage
from pos_gateway.domain.orders.captures import CardCapture
from pos_gateway.domain.orders.order import (
    Collector,
    ConfigVersion,
    CustomerOrder,
    DeliveryDate,
    DepositRequired,
    OrderLine,
    ReceiptNoOrBlank,
)
from pos_gateway.domain.orders.order_money import CardHoldAmount, OrderRefund, Override, Settlement
from pos_gateway.domain.orders.payments import has_card
from pos_gateway.domain.orders.quantities import quantities_of
from pos_gateway.domain.orders.stage import Stage, Status
from pos_gateway.domain.setup.configuration import Mode
from pos_gateway.http.answers.settlements import with_decimals
from pos_gateway.use_cases.create_orders import TakenOrder

NOTHING_SHORT: Mapping[int, Shortage] = {}


class FulfilmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How a line reaches the customer."""

    mode: DeliveryMode
    location_code: Annotated[LocationCodeOrBlank, Meta(description="Location that the goods come from.")]
    store_no: Annotated[StoreNo | None, Meta(description="Where the goods are picked up.", examples=["HH1"])]
    address_code: AddressCodeOrBlank | None
    address: Annotated[Address | None, Meta(description="Where the goods are shipped to.")]
    date: RequestedDate | None
    delivery_date: DeliveryDate | None
    delivery_mode: ShippingCode | None


class OrderLineAnswer(LineTerms, frozen=True, kw_only=True, omit_defaults=False):
    """A line of the order, and how much of it is done."""

    type: Annotated[str, Meta(description="Only items are sold at tills.", examples=["item"])] = "item"
    description: Annotated[Text100, Meta(description="What is sold.", examples=["Brass compass"])]
    fulfilment: Annotated[FulfilmentAnswer, Meta(description="How the line reaches the customer.")]
    net: Annotated[Amount, Meta(description="Amount without tax, less the discount.")]
    tax: Annotated[Amount, Meta(description="Tax on the line.", examples=["23.75"])]
    quantity_open: Annotated[TotalQuantity, Meta(description="Still to be handed over or shipped.")]
    quantity_picked_up: Annotated[
        TotalQuantity, Meta(description="Picked up, and what was carried out too.", examples=["0"])
    ]
    quantity_shipped: Annotated[TotalQuantity, Meta(description="Shipped.", examples=["0"])] = ZERO
    quantity_cancelled: Annotated[TotalQuantity, Meta(description="Cancelled.", examples=["0"])] = ZERO
    quantity_invoiced: Annotated[TotalQuantity, Meta(description="Invoiced.", examples=["0"])] = ZERO
    quantity_returned: Annotated[TotalQuantity, Meta(description="Returned.", examples=["0"])] = ZERO
    availability: Annotated[
        Shortage | UnsetType, Meta(description="What is free; only where the line is short.")
    ] = UNSET


class ChargeAnswer(Model, frozen=True, kw_only=True):
    """A charge; without `line_no` it is the whole order's."""

    code: Annotated[No, Meta(description="Charge code.", examples=["SHIPPING"])]
    amount: Annotated[Amount, Meta(description="Amount without tax.", examples=["25.00"])]
    line_no: Annotated[LineNo | None, Meta(description="The line that is charged.", examples=[10000])] = None


class WantedDate(msgspec.Struct, frozen=True):
    """When the customer wants the goods."""

    date: Annotated[Day | None, Meta(description="The earliest date of the lines.", examples=["2026-03-12"])]


class CustomerOrderAnswer(TillOrderTerms, frozen=True, kw_only=True, omit_defaults=False):
    """The whole order. `customer_no` is null and `customer_id` set while only tills know the customer."""

    confirmation_no: Annotated[
        ConfirmationNo | None,
        Meta(
            description="Number under which the till confirmed the order; null in a rehearsal.",
            examples=["K-1"],
        ),
    ]
    receipt_no: ReceiptNoOrBlank | None
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    status: Status
    mode: Annotated[Mode, Meta(description="How the order reaches sales.", examples=["asynchronous"])]
    sales_order_no: Annotated[
        SalesOrderNo | None,
        Meta(description="Number of the sales order, once it is made.", examples=["S-1001"]),
    ]
    sales_quote_no: Annotated[
        str | None,
        Meta(description="Number of the sales quote, if it is a quote.", examples=["SQ-1001"]),
    ] = None
    customer_no: Annotated[
        CustomerNo | None, Meta(description="Number of the customer.", examples=["C-1001"])
    ]
    customer_id: Annotated[
        UUID | None, Meta(description="Stands for a customer without a number.", examples=[EXAMPLE_ID])
    ]
    clock_skew: Annotated[
        bool,
        Meta(
            description="The till's clock differs from the gateway's by more than five minutes.",
            examples=[False],
        ),
    ]
    config_version: ConfigVersion
    config_stale: Annotated[
        bool, Meta(description="The till worked with another configuration.", examples=[False])
    ]
    fulfilment: Annotated[WantedDate, Meta(description="When the customer wants the goods.")]
    lines: Annotated[tuple[OrderLineAnswer, ...], Meta(description="What is ordered.")]
    charges: Annotated[tuple[ChargeAnswer, ...], Meta(description="What is charged besides goods.")]
    deposit_required: DepositRequired
    deposit_paid: Annotated[Amount, Meta(description="What of the deposit was paid.")]
    deposit_available: Annotated[Amount, Meta(description="What of the deposit can still be used.")]
    balance: Annotated[Amount, Meta(description="What is still to be paid.")]
    change: Annotated[Amount, Meta(description="Cash that was given back.", examples=["5.00"])]
    pay_later: Annotated[
        bool, Meta(description="A balance is left and no card is known for it.", examples=[False])
    ]
    card_on_file: Annotated[bool, Meta(description="A card is known for the balance.", examples=[True])]
    card_hold: CardHoldAmount
    captures: Annotated[
        tuple[CardCapture, ...],
        Meta(
            description="What was taken from the card after the order was made, also attempts that were declined: then "
            "the balance stays."
        ),
    ] = ()
    refunds: Annotated[
        tuple[OrderRefund, ...], Meta(description="What was given back after the order was made.")
    ] = ()
    overrides: Annotated[tuple[Override, ...], Meta(description="Departures from the rules.")]
    collector: Annotated[
        Collector | None, Meta(description="The person who may collect the goods for the customer.")
    ]
    expires_at: Annotated[
        datetime | None, Meta(description="When a quote expires.", examples=["2026-04-01T22:00:00Z"])
    ] = None
    errors: Annotated[tuple[Problem, ...], Meta(description="Why sales does not take the order.")]
    settlement: Annotated[Settlement, Meta(description="What the last transaction came to.")]


def present_order(taken: TakenOrder) -> CustomerOrderAnswer:
    """The answer for an order that was just decided or concluded."""
    return order_answer(taken.order, taken.stage, taken.short)


def order_answer(
    order: CustomerOrder,
    stage: Stage,
    short: Mapping[int, Shortage] = NOTHING_SHORT,
    act: TillAct | None = None,
) -> CustomerOrderAnswer:
    """The answer for an order at its stage; `short`: by line number; `act`: whose settlement is shown."""
    money = order.money
    settlement = _settlement(order, stage, act)
    card = has_card(order.balance_cards, order.payments)
    customer_no = order.customer_no or stage.customer_no
    new_customer = order.new_customer
    return extended(
        CustomerOrderAnswer,
        order,
        confirmation_no=order.confirmation_no or None,
        receipt_no=order.receipt_no or None,
        created_at=stage.received_at,
        updated_at=stage.updated_at,
        status=stage.status,
        sales_order_no=stage.sales_order_no or None,
        sales_quote_no=stage.sales_quote_no or None,
        customer_no=customer_no or None,
        customer_id=new_customer.id if new_customer and not customer_no else None,
        fulfilment=WantedDate(order.wanted_date),
        lines=tuple(_line(line, stage, short.get(line.line_no, UNSET)) for line in order.lines),
        charges=_charges(order),
        deposit_paid=money.deposit_paid,
        deposit_available=money.deposit_available,
        balance=order.balance,
        change=settlement.change,
        pay_later=order.balance > 0 and not card,
        card_on_file=card,
        refunds=order.refunds_known,
        errors=(*stage.errors, *_errors_of_acts(stage), *order.errors_of_returns),
        settlement=settlement,
    )


def _settlement(order: CustomerOrder, stage: Stage, act: TillAct | None) -> Settlement:
    """With the documents that sales has posted for it."""
    act_id = act.act_id if act else order.last_act_id
    settlement = with_decimals(act.settlement if act else order.settlement)
    if act_id is None:
        return replace(settlement, invoice_no=stage.invoice_no or None)
    outcome = stage.progress.outcome(act_id) if stage.progress else None
    if outcome is None:
        return settlement
    return replace(
        settlement,
        invoice_no=outcome.invoice_no or None,
        sales_return_order_no=outcome.sales_return_order_no or None,
    )


def _errors_of_acts(stage: Stage) -> tuple[Problem, ...]:
    """Why sales could not carry out acts that travelled with the order."""
    outcomes = stage.progress.acts if stage.progress else ()
    return tuple(problem for outcome in outcomes if outcome.status == "failed" for problem in outcome.errors)


def _line(line: OrderLine, stage: Stage, shortage: Shortage | UnsetType) -> OrderLineAnswer:
    quantities, zero = quantities_of(line, stage), line.net - line.net
    return extended(
        OrderLineAnswer,
        line,
        discount=line.discount + zero,
        shipping_charge=line.shipping_charge + zero,
        fulfilment=_fulfilment(line),
        quantity_open=quantities.open,
        quantity_picked_up=quantities.picked_up,
        quantity_shipped=quantities.shipped,
        quantity_cancelled=quantities.cancelled,
        quantity_invoiced=quantities.invoiced,
        quantity_returned=quantities.returned,
        availability=shortage,
    )


def _fulfilment(line: OrderLine) -> FulfilmentAnswer:
    return FulfilmentAnswer(
        mode=line.mode,
        location_code=line.location_code,
        store_no=line.pickup_store_no or None,
        address_code=line.address_code or None,
        address=line.address,
        date=line.requested_date,
        delivery_date=line.delivery_date,
        delivery_mode=line.delivery_mode or None,
    )


def _charges(order: CustomerOrder) -> tuple[ChargeAnswer, ...]:
    code = order.shipping_charge_code
    charges = [
        ChargeAnswer(code=code, amount=line.shipping_charge, line_no=line.line_no)
        for line in order.lines
        if line.shipping_charge
    ]
    if order.shipping_charge:
        charges.insert(0, ChargeAnswer(code=code, amount=order.shipping_charge))
    return tuple(charges)
