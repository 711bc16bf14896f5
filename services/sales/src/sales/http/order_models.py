"""Requests about sales orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.values import Address
from httpkit.fields import (
    AddressInput,
    Code10,
    Code10OrBlank,
    CurrencyCodeOrBlank,
    Date,
    Flag,
    Input,
    LineNo,
    Money,
    No20,
    Percent,
    Quantity,
    QuantityOrZero,
    Text50,
    Text100,
)
from sales.domain.drafts import HeaderChanges, LineChanges, NewLine, NewOrder, PostLine, PostOrder
from sales.http.fields import sent

Reserve = Literal["never", "optional", "always"]
ShippingAdvice = Literal["partial", "complete"]
Automation = Literal["", "manual", "requisition", "purchase_order"]
MAX_LINES = 1000


class LineInput(Input):
    """A line to make. What is left out comes from the item and the order's header."""

    type: Literal["item", "comment", "charge"] = "item"
    item_no: No20 | None = None
    charge_code: No20 | None = None
    description: Text100 | None = None
    quantity: Quantity | None = None
    unit_of_measure_code: Code10 | None = None
    unit_price: Money | None = None
    line_discount_pct: Percent | None = None
    tax_pct: Percent | None = None
    unit_cost: Money | None = None
    location_code: Code10OrBlank | None = None
    shipment_date: Date | None = None
    purchasing_code: Code10OrBlank | None = None
    drop_shipment: Flag | None = None
    reserve: Reserve | None = None
    qty_to_ship: QuantityOrZero | None = None
    qty_to_invoice: QuantityOrZero | None = None

    def draft(self) -> NewLine:
        """The line as the rules take it."""
        return NewLine(**self.model_dump(exclude_none=True))


class OrderInput(Input):
    """An order to make; `no` is given by the series unless the caller sends one."""

    no: No20 | None = None
    customer_no: No20
    order_date: Date | None = None
    requested_delivery_date: Date | None = None
    ship_to_code: Code10OrBlank | None = None
    ship_to: AddressInput | None = None
    location_code: Code10OrBlank | None = None
    currency_code: CurrencyCodeOrBlank | None = None
    external_document_no: Text50 = ""
    your_reference: Text50 = ""
    reserve: Reserve | None = None
    shipping_advice: ShippingAdvice | None = None
    procurement_automation: Automation = ""
    lines: Annotated[tuple[LineInput, ...], Field(max_length=MAX_LINES)] = ()

    def draft(self) -> NewOrder:
        """The order as the rules take it."""
        header: dict[str, Any] = self.model_dump(exclude_none=True, exclude={"lines", "ship_to"})
        ship_to = Address(**self.ship_to.model_dump()) if self.ship_to else None
        return NewOrder(**header, ship_to=ship_to, lines=tuple(line.draft() for line in self.lines))


class OrderPatch(Input):
    """Changes of an order's header; what is left out stays."""

    customer_no: No20 = ""
    order_date: Date | None = None
    requested_delivery_date: Date | None = None
    ship_to_code: Code10OrBlank = ""
    ship_to: AddressInput | None = None
    location_code: Code10OrBlank = ""
    currency_code: CurrencyCodeOrBlank = ""
    external_document_no: Text50 = ""
    your_reference: Text50 = ""
    reserve: Reserve = "optional"
    shipping_advice: ShippingAdvice = "partial"
    procurement_automation: Automation = ""

    def changes(self, no: str) -> HeaderChanges:
        """The changes as the rules take them: null is "not given", but for the requested delivery date."""
        given = {
            name: value
            for name, value in sent(self).items()
            if value is not None or name == "requested_delivery_date"
        }
        return HeaderChanges(no=no, **given)


class LinePatch(Input):
    """Changes of a line; what is left out stays, null gives the default again where there is one."""

    item_no: No20 = ""
    charge_code: No20 = ""
    description: Text100 = ""
    quantity: Quantity = Decimal(0)
    unit_of_measure_code: Code10 = ""
    unit_price: Money = Decimal(0)
    line_discount_pct: Percent = Decimal(0)
    tax_pct: Percent = Decimal(0)
    unit_cost: Money = Decimal(0)
    location_code: Code10OrBlank = ""
    shipment_date: Date | None = None
    purchasing_code: Code10OrBlank = ""
    drop_shipment: Flag = False
    reserve: Reserve = "optional"
    qty_to_ship: QuantityOrZero | None = None
    qty_to_invoice: QuantityOrZero | None = None

    def changes(self) -> LineChanges:
        """The changes as the rules take them."""
        return LineChanges(**sent(self))


class PostLineInput(Input):
    """A line to post; `posted_before` is the shipped total that the caller saw (drop shipments)."""

    line_no: LineNo
    qty_to_ship: QuantityOrZero | None = None
    qty_to_invoice: QuantityOrZero | None = None
    posted_before: QuantityOrZero | None = None


class PostInput(Input):
    """What to post; without lines the lines' own quantities hold."""

    ship: Flag = False
    invoice: Flag = False
    posting_date: Date | None = None
    lines: Annotated[tuple[PostLineInput, ...], Field(max_length=MAX_LINES)] = ()

    def draft(self, no: str) -> PostOrder:
        """The post as the rules take it."""
        return PostOrder(
            no=no,
            ship=self.ship,
            invoice=self.invoice,
            posting_date=self.posting_date,
            lines=tuple(PostLine(**line.model_dump()) for line in self.lines),
        )


class NothingInput(Input):
    """An act without parameters."""
