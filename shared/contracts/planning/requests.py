"""What planning asks purchasing for, and the promises that it gives sales."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    CodeOrBlank,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    Day,
    ExternalReference,
    Factor,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNo,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    Text50,
    Text100,
    UnitOfMeasureCode,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
)
from contracts.planning.fields import DropShipment, Nonstock, RequisitionLineId, SalesLineId, SpecialOrder
from contracts.values import Address, Model, SalesLineRef, Snapshot


class ProcuredLineTerms(Model, frozen=True, kw_only=True):
    """What a requisition line and the line of a purchase request share; quantities in `unit_of_measure_code`."""

    item_no: ItemNo
    description: Annotated[Text100, Meta(description="What it is.", examples=["Climbing rope 60 m"])] = ""
    quantity: Annotated[QuantityOrZero, Meta(description="How much to buy.", examples=["2"])]
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    qty_per_unit_of_measure: Annotated[
        Factor, Meta(description="Base units in one unit of the line.", examples=["1"])
    ] = Decimal(1)
    location_code: LocationCodeOrBlank = ""
    purchasing_code: PurchasingCodeOrBlank = ""
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False
    nonstock: Nonstock = False


class PurchaseRequestLine(ProcuredLineTerms, frozen=True, kw_only=True):
    """One requisition line that shall become one purchase line."""

    requisition_line_id: RequisitionLineId
    unit_of_measure_code: UnitOfMeasureCode
    expected_receipt_date: Annotated[
        Day | None, Meta(description="When the goods are needed.", examples=["2026-03-20"])
    ] = None
    requested_receipt_date: Annotated[
        Day | None, Meta(description="When they shall arrive.", examples=["2026-03-19"])
    ] = None
    sales: Annotated[
        SalesLineRef | None, Meta(description="The sales line that the purchase serves, if it serves one.")
    ] = None
    replaces_received: Annotated[
        bool,
        Meta(
            description="Goods of the line were given to another sale: a purchase of it that is here gives way.",
            examples=[False],
        ),
    ] = False


class Reschedule(Model, frozen=True, kw_only=True):
    """A purchase line that planning wants on another day, in another quantity, or not at all."""

    requisition_line_id: RequisitionLineId
    purchase_order_no: PurchaseOrderNo
    purchase_order_line_no: LineNo
    sales: Annotated[
        SalesLineRef | None, Meta(description="The sales line that the purchase line serves.")
    ] = None
    original_due_date: Annotated[
        Day, Meta(description="When the purchase line was to come, as planning knew it.")
    ]
    due_date: Annotated[Day, Meta(description="When the goods are needed now.", examples=["2026-03-20"])]
    original_quantity: (
        Annotated[
            QuantityOrZero,
            Meta(
                description="What was still to come, in base units, as planning knew it; null: it does not matter."
            ),
        ]
        | None
    ) = None
    quantity: (
        Annotated[
            QuantityOrZero,
            Meta(
                description="What shall come, in base units; 0: nothing, the line is cancelled. Null: what was to come."
            ),
        ]
        | None
    ) = None


class PromisedLine(Model, frozen=True, kw_only=True):
    """The day that is promised for a sales line, and the requisition line that buys what is missing for it."""

    sales_line_id: SalesLineId
    sales_order_line_no: LineNo
    shipment_date: Annotated[Day, Meta(description="When the goods leave.", examples=["2026-03-30"])]
    requisition_line_id: Annotated[
        UUID | None, Meta(description="What buys the missing quantity; null: nothing.", examples=[EXAMPLE_ID])
    ] = None


class OrderPromise(Snapshot, frozen=True, kw_only=True):
    """A person promises dates to the customer: sales puts them on its lines, all or none; key: `id`.

    Sales decides it once and says so in its order (`promise_decisions`).
    """

    id: Annotated[UUID, Meta(description="Id of the promise, and of its operation.", examples=[EXAMPLE_ID])]
    sales_order_no: SalesOrderNo
    lines: Annotated[tuple[PromisedLine, ...], Meta(description="The promised lines.")]


class PurchaseRequest(Snapshot, frozen=True, kw_only=True):
    """Planning asks purchasing to make one purchase order; key: `id`. It is decided once (fence: purchase_request).

    Its lines agree in all grouping keys. With `reschedule` it has no lines: a line of an order shall change.
    """

    id: Annotated[UUID, Meta(description="Id of the request.", examples=[EXAMPLE_ID])]
    run_id: Annotated[
        UUID | None, Meta(description="The carry-out run, if a person started one.", examples=[EXAMPLE_ID])
    ] = None
    vendor_no: VendorNo
    order_date: Annotated[Day, Meta(description="When to order.", examples=["2026-03-12"])]
    sell_to_customer_no: CustomerNoOrBlank = ""
    ship_to_code: Annotated[
        CodeOrBlank, Meta(description="Code of the customer's ship-to address.", examples=["HUT"])
    ] = ""
    ship_to: Annotated[Address, Meta(description="Where the vendor shall ship to.")] = Address()
    location_code: LocationCodeOrBlank = ""
    currency_code: CurrencyCodeOrBlank = ""
    purchasing_code: PurchasingCodeOrBlank = ""
    your_reference: Annotated[
        Text50, Meta(description="The customer's reference on the sales order.", examples=["PO 4711"])
    ] = ""
    external_reference: ExternalReference = ""
    lines: Annotated[
        tuple[PurchaseRequestLine, ...], Meta(description="What shall be bought, one line each.")
    ] = ()
    reschedule: Reschedule | None = None
