"""A small company: two vendors, a special-order item of each, a drop-shipment item, one location."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.purchasing.orders import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome, SkippedLine
from contracts.sales.masters import Company, PurchasingCode
from contracts.sales.orders import LineDemand, SalesLine, SalesOrder
from contracts.values import Address, Posting, SalesLineRef
from tests.integration.planning.rig import Planning

SHIP_TO = Address(name="Anna Berg", address="Seeweg 4", city="Konstanz", post_code="78462")


async def open_company(planning: Planning, **setup: Any) -> None:
    """Copies and masters as they stand before the first order."""
    await planning.deliver(
        ("company", "COMPANY", Company(version=1, name="K", currency_code="EUR", time_zone="Europe/Berlin")),
        ("purchasing-code", "SPEC", PurchasingCode(version=1, code="SPEC", special_order=True)),
        ("purchasing-code", "DROP", PurchasingCode(version=1, code="DROP", drop_shipment=True)),
        ("vendor", "V10", Vendor(version=1, no="V10", name="Compass Works", lead_time_days=7)),
        ("vendor", "V20", Vendor(version=1, no="V20", name="Kayaks")),
        (
            "item-vendor",
            "V10/1100",
            ItemVendor(version=1, vendor_no="V10", item_no="1100", direct_unit_cost=Decimal(80)),
        ),
    )
    await planning.put("/locations/NORTH", {"name": "North", "address": "Dock 3", "inbound_handling_days": 1})
    await planning.put("/items/1000", {"description": "Rope"})
    await planning.put("/items/1100", {"vendor_no": "V10", "purchasing_code": "SPEC", "lead_time_days": 5})
    await planning.put("/items/1200", {"vendor_no": "V20", "purchasing_code": "DROP"})
    if setup:
        await planning.put("/planning-setup", setup)
    await planning.forget_published()


def sales_line(no: int, item_no: str, quantity: str = "2", **fields: Any) -> SalesLine:
    """A line; 1100 is a special order, 1200 a drop shipment, everything else stock."""
    flags: dict[str, Any] = {}
    if item_no in {"1100", "1200"}:
        drop = item_no == "1200"
        flags = {
            "purchasing_code": "DROP" if drop else "SPEC",
            "drop_shipment": drop,
            "special_order": not drop,
            "demand": LineDemand(generation=1, quantity=Decimal(quantity), released=True),
        }
    return SalesLine(
        **{
            "id": uuid4(),
            "line_no": no,
            "item_no": item_no,
            "quantity": Decimal(quantity),
            "unit_of_measure_code": "PCS",
            "location_code": "NORTH",
            "shipment_date": date(2026, 3, 20),
            **flags,
            **fields,
        }
    )


def sales_order(no: str, *lines: SalesLine, version: int = 1, **fields: Any) -> SalesOrder:
    return SalesOrder(
        **{
            "version": version,
            "no": no,
            "status": "released",
            "customer_no": "C100",
            "order_date": date(2026, 3, 1),
            "ship_to": SHIP_TO,
            "lines": lines,
            **fields,
        }
    )


def mixed_order(no: str, **fields: Any) -> SalesOrder:
    """Three lines: stock, special order, drop shipment."""
    return sales_order(
        no, sales_line(10000, "1000"), sales_line(20000, "1100"), sales_line(30000, "1200"), **fields
    )


def order_for(request: PurchaseRequest, no: str, version: int = 1, **fields: Any) -> PurchaseOrder:
    """The purchase order that purchasing makes of a request."""
    return PurchaseOrder(
        **{
            "version": version,
            "no": no,
            "status": "open",
            "vendor_no": request.vendor_no,
            "purchase_request_id": request.id,
            "order_date": request.order_date,
            "sell_to_customer_no": request.sell_to_customer_no,
            "lines": tuple(
                PurchaseLine(
                    id=uuid4(),
                    line_no=(i + 1) * 10000,
                    item_no=line.item_no,
                    quantity=line.quantity,
                    unit_of_measure_code=line.unit_of_measure_code,
                    qty_per_unit_of_measure=line.qty_per_unit_of_measure,
                    location_code=line.location_code,
                    expected_receipt_date=line.expected_receipt_date,
                    requisition_line_id=line.requisition_line_id,
                    link=link_of(line.sales, drop=line.drop_shipment) if line.sales else None,
                )
                for i, line in enumerate(request.lines)
            ),
            **fields,
        }
    )


def without_lines(order: PurchaseOrder, version: int) -> PurchaseOrder:
    """The purchase order after its lines were deleted: they stay in it, unlinked."""
    gone = tuple(
        replace(line, deleted=True, link=replace(line.link, active=False) if line.link else None)
        for line in order.lines
    )
    return replace(order, version=version, lines=gone)


def link_of(sales: SalesLineRef, *, drop: bool = False, active: bool = True) -> PurchaseLink:
    kind = "drop_shipment" if drop else "special_order"
    return PurchaseLink(link_id=uuid4(), kind=kind, sales=sales, active=active)


def foreign_order(
    no: str, order: SalesOrder, line: SalesLine, generation: int, **fields: Any
) -> PurchaseOrder:
    """A purchase order that took the line by purchasing's own *get sales order*."""
    sales = SalesLineRef(
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        generation=generation,
        customer_no=order.customer_no,
    )
    return PurchaseOrder(
        version=1,
        no=no,
        status="open",
        vendor_no="V10",
        order_date=date(2026, 3, 2),
        lines=(
            PurchaseLine(
                id=uuid4(),
                line_no=10000,
                item_no=line.item_no,
                quantity=line.quantity,
                unit_of_measure_code="PCS",
                location_code=line.location_code,
                link=link_of(sales, drop=line.drop_shipment),
            ),
        ),
        **fields,
    )


def posting(quantity: str, **fields: Any) -> Posting:
    return Posting(
        posting_id=fields.pop("posting_id", None) or uuid4(),
        quantity=Decimal(quantity),
        posting_date=date(2026, 3, 10),
        document_no="D-1",
        **fields,
    )


def outcome(request: PurchaseRequest, result: str, **fields: Any) -> tuple[str, str, RequestOutcome]:
    """Purchasing's decision as an event."""
    found = RequestOutcome(
        version=1, request_id=request.id, kind="purchase_request", outcome=result, **fields
    )
    return "request-outcome", str(request.id), found


def skipped(request: PurchaseRequest, by: str) -> tuple[SkippedLine, ...]:
    return tuple(
        SkippedLine(
            requisition_line_id=line.requisition_line_id,
            sales_line_id=line.sales.sales_line_id if line.sales else UUID(int=0),
            code="already-associated-with-purchase-order",
            purchase_order_no=by,
            detail=f"already on purchase order {by}",
        )
        for line in request.lines
    )


def purchase_into_stock(no: str, quantity: str, day: date, **fields: Any) -> PurchaseOrder:
    """An open purchase order of item 1000 that comes to NORTH on a day, for no sales line."""
    line = PurchaseLine(
        id=uuid4(),
        line_no=10000,
        item_no="1000",
        quantity=Decimal(quantity),
        unit_of_measure_code="PCS",
        location_code="NORTH",
        expected_receipt_date=day,
        **fields,
    )
    return PurchaseOrder(
        version=1,
        no=no,
        vendor_no="V20",
        order_date=date(2026, 3, 1),
        status="open",
        currency_code="EUR",
        lines=(line,),
    )
