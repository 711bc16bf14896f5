"""Request bodies."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.purchasing import ItemVendor, PriceBreak, Vendor
from contracts.values import Address
from httpkit.fields import (
    AddressInput,
    Code10OrBlank,
    CurrencyCodeOrBlank,
    Date,
    Days,
    Flag,
    Input,
    LineNo,
    Money,
    No20,
    No20OrBlank,
    NonNegative,
    Percent,
    Quantity,
    QuantityOrZero,
    Text50,
    Text100,
)
from purchasing.domain.get_sales_order import GetSalesOrder
from purchasing.domain.order_header import HeaderChange, OrderDraft
from purchasing.domain.order_lines import LineChange, LineDraft
from purchasing.domain.orders import MAX_LINES
from purchasing.domain.posting import PostLine, PostOrder
from purchasing.domain.setup import PurchasingSetup

PRICE_BREAKS_MAX = 100

_LEFT_OUT: Any = None
"""Default of fields that may be left out and not be null; only what was sent is looked at."""

_ZERO = Decimal(0)


class VendorInput(AddressInput):
    name: Annotated[Text100, Field(min_length=1)]
    email: Text100 = ""
    currency_code: CurrencyCodeOrBlank = ""
    blocked: Literal["", "payment", "all"] = ""
    privacy_blocked: Flag = False
    lead_time_days: Days = 0
    grouping_policy: Literal["standard", "per_sales_order", "merge_special_orders"] = "standard"
    location_code: Code10OrBlank = ""
    shipment_method_code: Code10OrBlank = ""
    over_receipt_pct: Percent = _ZERO

    def vendor(self, no: str) -> Vendor:
        return Vendor(version=0, no=no, **self.model_dump())


class PriceBreakInput(Input):
    minimum_quantity: NonNegative = _ZERO
    direct_unit_cost: Money
    line_discount_pct: Percent = _ZERO
    from_date: Date | None = None
    to_date: Date | None = None


class ItemVendorInput(Input):
    vendor_item_no: Text50 = ""
    direct_unit_cost: Money = _ZERO
    minimum_quantity: NonNegative = _ZERO
    unit_of_measure_code: Code10OrBlank = ""
    lead_time_days: Days | None = None
    currency_code: CurrencyCodeOrBlank = ""
    price_breaks: Annotated[tuple[PriceBreakInput, ...], Field(max_length=PRICE_BREAKS_MAX)] = ()

    def entry(self, vendor_no: str, item_no: str) -> ItemVendor:
        fields = self.model_dump(exclude={"price_breaks"})
        breaks = tuple(PriceBreak(**b.model_dump()) for b in self.price_breaks)
        return ItemVendor(version=0, vendor_no=vendor_no, item_no=item_no, price_breaks=breaks, **fields)


class SetupInput(Input):
    allow_purchase_invoice_before_sales_invoice: Flag = False

    def setup(self) -> PurchasingSetup:
        return PurchasingSetup(version=0, **self.model_dump())


class LineInput(Input):
    item_no: No20
    quantity: Quantity
    description: Text100 | None = None
    unit_of_measure_code: Code10OrBlank | None = None
    direct_unit_cost: Money | None = None
    line_discount_pct: Percent | None = None
    location_code: Code10OrBlank | None = None
    expected_receipt_date: Date | None = None
    requested_receipt_date: Date | None = None

    def draft(self) -> LineDraft:
        return LineDraft(**self.model_dump())


class LinePatch(Input):
    item_no: No20 = _LEFT_OUT
    quantity: Quantity = _LEFT_OUT
    description: Text100 = _LEFT_OUT
    unit_of_measure_code: Annotated[Code10OrBlank, Field(min_length=1)] = _LEFT_OUT
    direct_unit_cost: Money = _LEFT_OUT
    line_discount_pct: Percent = _LEFT_OUT
    location_code: Code10OrBlank = _LEFT_OUT
    expected_receipt_date: Date | None = None
    requested_receipt_date: Date | None = None
    confirmed_quantity: QuantityOrZero | None = None
    confirmed_date: Date | None = None

    def change(self) -> LineChange:
        return LineChange(**self.model_dump(exclude_unset=True))


class OrderInput(Input):
    vendor_no: No20
    no: No20OrBlank = ""
    sell_to_customer_no: No20OrBlank = ""
    ship_to_code: Code10OrBlank = ""
    ship_to: AddressInput | None = None
    location_code: Code10OrBlank | None = None
    currency_code: CurrencyCodeOrBlank = ""
    order_date: Date | None = None
    your_reference: Text50 = ""
    shipment_method_code: Code10OrBlank | None = None
    lines: Annotated[tuple[LineInput, ...], Field(max_length=MAX_LINES)] = ()

    def draft(self) -> OrderDraft:
        fields = self.model_dump(exclude={"ship_to", "lines"})
        ship_to = Address(**self.ship_to.model_dump()) if self.ship_to is not None else None
        return OrderDraft(ship_to=ship_to, lines=tuple(line.draft() for line in self.lines), **fields)


class OrderPatch(Input):
    vendor_no: No20 = _LEFT_OUT
    sell_to_customer_no: No20OrBlank = _LEFT_OUT
    ship_to_code: Code10OrBlank = _LEFT_OUT
    ship_to: AddressInput = _LEFT_OUT
    location_code: Code10OrBlank = _LEFT_OUT
    currency_code: CurrencyCodeOrBlank = _LEFT_OUT
    order_date: Date = _LEFT_OUT
    your_reference: Text50 = _LEFT_OUT
    shipment_method_code: Code10OrBlank = _LEFT_OUT

    def change(self) -> HeaderChange:
        return HeaderChange(**self.model_dump(exclude_unset=True))


class GetSalesOrderInput(Input):
    kind: Literal["drop_shipment", "special_order"]
    sales_order_no: No20

    def wish(self, no: str) -> GetSalesOrder:
        return GetSalesOrder(no=no, **self.model_dump())


class ShipmentInput(Input):
    carrier: Text50 = ""
    tracking_no: Text50 = ""


class PostLineInput(Input):
    line_no: LineNo
    qty_to_receive: QuantityOrZero | None = None
    qty_to_invoice: QuantityOrZero | None = None
    posted_before: QuantityOrZero | None = None


class PostInput(Input):
    receive: Flag = False
    invoice: Flag = False
    posting_date: Date | None = None
    vendor_invoice_no: Text50 = ""
    shipment: ShipmentInput | None = None
    lines: Annotated[tuple[PostLineInput, ...], Field(max_length=MAX_LINES)] | None = None

    def wish(self, no: str) -> PostOrder:
        shipment = self.shipment or ShipmentInput()
        return PostOrder(
            no=no,
            lines=tuple(PostLine(**line.model_dump()) for line in self.lines) if self.lines else None,
            **shipment.model_dump(),
            **self.model_dump(exclude={"shipment", "lines"}),
        )
