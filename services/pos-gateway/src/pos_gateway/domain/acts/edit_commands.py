"""What tills ask for in an edit of an order or a quote."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    MAX_LINES,
    ItemNoOrBlank,
    LineNo,
    Percent,
    PurchasingCodeOrBlank,
    Text20,
    UnitOfMeasureCodeOrBlank,
)
from contracts.pos import LineQuantity, ShippingCharge, TillAmount
from contracts.values import Model
from pos_gateway.domain.acts.commands import NewAct
from pos_gateway.domain.orders.commands import (
    TENDERS_MAX,
    BalanceCard,
    DepositOverride,
    NewCollector,
    NewFulfilment,
)


class EditLine(Model, frozen=True, kw_only=True):
    """A line that is changed (`line_no`), or a new one; what is left out stays as it is."""

    line_no: LineNo | None = None
    item_no: ItemNoOrBlank | None = None
    type: Annotated[Text20, Meta(description="Only `item` is sold at tills.", examples=["item"])] | None = (
        None
    )
    quantity: LineQuantity | None = None
    unit_price: (
        Annotated[TillAmount, Meta(description="Price of one unit without tax.", examples=["149.00"])] | None
    ) = None
    discount: (
        Annotated[TillAmount, Meta(description="Money off the whole line, without tax.", examples=["10.00"])]
        | None
    ) = None
    tax_pct: Annotated[Percent, Meta(description="Tax in percent.", examples=["19"])] | None = None
    unit_of_measure_code: UnitOfMeasureCodeOrBlank | None = None
    purchasing_code: PurchasingCodeOrBlank | None = None
    fulfilment: NewFulfilment | None = None
    shipping_charge: ShippingCharge | None = None


class EditOrder(NewAct, frozen=True, kw_only=True):
    """What is changed of an order or a quote. Customer, numbers, kind and expiry stay as they are."""

    lines: Annotated[
        tuple[EditLine, ...], Meta(max_length=MAX_LINES, description="Lines that are changed, and new ones.")
    ] = ()
    remove_line_nos: Annotated[
        tuple[LineNo, ...],
        Meta(max_length=MAX_LINES, description="Lines that are not wanted any more.", examples=[[10000]]),
    ] = ()
    fulfilment: (
        Annotated[NewFulfilment, Meta(description="For all lines of which nothing was handed over.")] | None
    ) = None
    shipping_charge: ShippingCharge | None = None
    collector: NewCollector | None = None
    deposit_override: DepositOverride | None = None
    balance_cards: Annotated[
        tuple[BalanceCard, ...],
        Meta(max_length=TENDERS_MAX, description="Cards for the balance, instead of those known."),
    ] = ()
    recalculate: Annotated[
        bool,
        Meta(
            description="Lines get today's prices, or those that are sent; needs the permission.",
            examples=[False],
        ),
    ] = False

    @property
    def names_cards_alone(self) -> bool:
        """Whether it changes nothing but the cards that the balance is taken from."""
        said = (self.lines, self.remove_line_nos, self.fulfilment, self.collector, self.recalculate)
        amounts = (self.shipping_charge, self.deposit_override)
        return bool(self.balance_cards) and not any(said) and all(amount is None for amount in amounts)
