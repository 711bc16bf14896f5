"""What callers ask of sales orders: the requests that the rules decide on.

In a new document None means "not given", in changes UNSET does.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from contracts import fields
from contracts.sales.fields import (
    ChargeCodeNoOrBlank,
    DropShipment,
    ExternalDocumentNo,
    LineDescription,
    LineDiscountPct,
    OrderDate,
    ProcurementAutomation,
    RequestedDeliveryDate,
    Reserve,
    SalesLineType,
    ShipmentDate,
    ShippingAdvice,
    ShipToCodeOrBlank,
    TaxPct,
    YourReference,
)
from contracts.sales.orders import SalesOrderTerms
from contracts.values import Address
from domainkit.changes import AddressChanges, Changes
from sales.domain.posting.commands import QtyToInvoice, QtyToShip

ItemNo = Annotated[fields.ItemNo, Meta(description="The item to sell.")]
CatalogEntryNo = Annotated[
    fields.No,
    Meta(
        description="Catalog item to sell, on a new line without an item; the line makes an item of it.",
        examples=["CAT-1001"],
    ),
]
SoldQuantity = Annotated[fields.Quantity, Meta(description="What is sold, in the line's unit.")]
UnitPrice = Annotated[
    fields.SignedMoney,
    Meta(
        description="Price of one unit without tax; the item's by default. Only a charge's may be negative.",
        examples=["12.50"],
    ),
]
UnitCost = Annotated[
    fields.Money,
    Meta(description="Cost of one unit in the company's currency; the item's by default.", examples=["7.00"]),
]
UnitOfMeasureCode = Annotated[
    fields.UnitOfMeasureCode, Meta(description="Unit of measure; the item's sales unit by default.")
]
PurchasingCodeOrBlank = Annotated[
    fields.PurchasingCodeOrBlank,
    Meta(description="Purchasing code; the item's by default, empty for none."),
]


class NewSalesLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line to add. What is left out comes from the item and the order's header."""

    type: SalesLineType = "item"
    item_no: ItemNo | None = None
    catalog_entry_no: CatalogEntryNo | None = None
    charge_code: (
        Annotated[
            fields.No, fields.names("charge-code"), Meta(description="The charge.", examples=["SHIPPING"])
        ]
        | None
    ) = None
    description: LineDescription | None = None
    quantity: SoldQuantity | None = None
    unit_of_measure_code: UnitOfMeasureCode | None = None
    unit_price: UnitPrice | None = None
    line_discount_pct: LineDiscountPct | None = None
    line_discount_amount: fields.LineDiscountAmount | None = None
    tax_pct: TaxPct | None = None
    unit_cost: UnitCost | None = None
    location_code: fields.LocationCodeOrBlank | None = None
    shipment_date: ShipmentDate | None = None
    purchasing_code: PurchasingCodeOrBlank | None = None
    drop_shipment: DropShipment | None = None
    reserve: Reserve | None = None
    qty_to_ship: QtyToShip | None = None
    qty_to_invoice: QtyToInvoice | None = None


class TillLine(NewSalesLine, frozen=True, kw_only=True):
    """A line of a till's order: its number is kept."""

    line_no: int


class NewSalesOrder(SalesOrderTerms, frozen=True, kw_only=True):
    """An order to make. What is left out comes from the customer, the alternate address or the company."""

    no: (
        Annotated[
            fields.No,
            Meta(description="Number of the order; the next of the series by default.", examples=["S-1001"]),
        ]
        | None
    ) = None
    order_date: OrderDate | None = None
    ship_to_code: ShipToCodeOrBlank | None = None
    ship_to: Address | None = None
    location_code: fields.LocationCodeOrBlank | None = None
    currency_code: fields.CurrencyCodeOrBlank | None = None
    reserve: Reserve | None = None
    shipping_advice: ShippingAdvice | None = None
    lines: Annotated[
        tuple[NewSalesLine, ...],
        fields.new_lines("What is sold; lines can be added later."),
    ] = ()


class HeaderChanges(Changes, frozen=True, kw_only=True):
    """Changes of an order's header; what is left out stays."""

    customer_no: fields.CustomerNo | UnsetType = UNSET
    order_date: OrderDate | UnsetType | None = UNSET
    requested_delivery_date: RequestedDeliveryDate | UnsetType | None = UNSET
    ship_to_code: ShipToCodeOrBlank | UnsetType = UNSET
    ship_to: AddressChanges | UnsetType | None = UNSET
    location_code: fields.LocationCodeOrBlank | UnsetType = UNSET
    currency_code: fields.CurrencyCodeOrBlank | UnsetType = UNSET
    external_document_no: ExternalDocumentNo | UnsetType = UNSET
    your_reference: YourReference | UnsetType = UNSET
    external_reference: fields.ExternalReference | UnsetType = UNSET
    reserve: Reserve | UnsetType = UNSET
    shipping_advice: ShippingAdvice | UnsetType = UNSET
    procurement_automation: ProcurementAutomation | UnsetType = UNSET
    invoice_discount_amount: fields.InvoiceDiscountAmount | UnsetType = UNSET

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent. Null clears the delivery date; elsewhere it means "not given"."""
        sent = super().given()
        return {n: v for n, v in sent.items() if v is not None or n == "requested_delivery_date"}


class LineChanges(Changes, frozen=True, kw_only=True):
    """Changes of a line; what is left out stays, null sets the default again where there is one."""

    type: SalesLineType | UnsetType = UNSET
    item_no: ItemNo | UnsetType = UNSET
    catalog_entry_no: CatalogEntryNo | UnsetType = UNSET
    charge_code: ChargeCodeNoOrBlank | UnsetType = UNSET
    description: LineDescription | UnsetType = UNSET
    quantity: SoldQuantity | UnsetType = UNSET
    unit_of_measure_code: UnitOfMeasureCode | UnsetType = UNSET
    unit_price: UnitPrice | UnsetType = UNSET
    line_discount_pct: LineDiscountPct | UnsetType = UNSET
    line_discount_amount: fields.LineDiscountAmount | UnsetType | None = UNSET
    tax_pct: TaxPct | UnsetType = UNSET
    unit_cost: UnitCost | UnsetType = UNSET
    location_code: fields.LocationCodeOrBlank | UnsetType = UNSET
    shipment_date: ShipmentDate | UnsetType | None = UNSET
    purchasing_code: PurchasingCodeOrBlank | UnsetType = UNSET
    drop_shipment: DropShipment | UnsetType = UNSET
    reserve: Reserve | UnsetType = UNSET
    qty_to_ship: QtyToShip | UnsetType | None = UNSET
    qty_to_invoice: QtyToInvoice | UnsetType | None = UNSET


class LineChangeWanted(Changes, frozen=True, kw_only=True):
    """What shall become of a line whose purchase may be under way; what is left out stays."""

    quantity: (
        Annotated[fields.QuantityOrZero, Meta(description="What is sold; 0 cancels what is outstanding.")]
        | UnsetType
    ) = UNSET
    ship_to: AddressChanges | UnsetType = UNSET
    ship_to_code: ShipToCodeOrBlank | UnsetType = UNSET
    shipment_date: ShipmentDate | UnsetType = UNSET
    location_code: fields.LocationCodeOrBlank | UnsetType = UNSET


class RequestLineChange(msgspec.Struct, frozen=True):
    """Change a line together with its purchase, or refuse it with the reason."""

    no: str
    line_no: int
    wanted: LineChangeWanted


class ChangeHeader(msgspec.Struct, frozen=True):
    """Change the header of an order."""

    no: str
    changes: HeaderChanges


class AddLine(msgspec.Struct, frozen=True):
    """Add a line at the end of an open order."""

    no: str
    line: NewSalesLine


class ChangeLine(msgspec.Struct, frozen=True):
    """Change the given fields of a line."""

    no: str
    line_no: int
    changes: LineChanges


class DeleteLine(msgspec.Struct, frozen=True):
    """Take a line off an open order."""

    no: str
    line_no: int


class DeleteOrder(msgspec.Struct, frozen=True):
    """Delete an open order without postings."""

    no: str


class ReleaseOrder(msgspec.Struct, frozen=True):
    """Release an order, which starts the procurement of its flagged lines."""

    no: str
    preview: bool = False
    """Answer what would be bought instead of the order."""


class ReopenOrder(msgspec.Struct, frozen=True):
    """Open an order for edits again."""

    no: str


class CancelOrder(msgspec.Struct, frozen=True):
    """Cancel an order, or what is still outstanding of it."""

    no: str
    remaining: bool = False


class MakeOrder(msgspec.Struct, frozen=True):
    """Make an order of the quote `no`; the quote is closed."""

    no: str
