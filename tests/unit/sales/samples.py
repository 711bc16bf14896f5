"""Values that the rules' tests share, and typed builders of requests and orders."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from contracts.planning.masters import Item, ItemUnit, Location, PlanningSetup, StockkeepingUnit
from contracts.pos import Store
from contracts.sales.masters import ChargeCode, Company, Customer, PurchasingCode, ShipToAddress
from contracts.values import Model
from domainkit.postings import BilledPosting
from domainkit.references import COMPANY_NO, ReferenceData
from sales.domain.orders.commands import NewSalesLine, NewSalesOrder
from sales.domain.orders.context import OrderContext, Sourcings
from sales.domain.orders.creation import new_order
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order
from sales.domain.sourcing import Sourcing, SupplyLink

DAY: Final = date(2026, 3, 2)
NOW: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


def item(no: str, **more: Any) -> Item:
    return Item(version=1, no=no, description=f"Item {no}", unit_price=Decimal(10), **more)


COMPANY: Final = Company(version=1, name="N", currency_code="EUR", time_zone="Europe/Berlin")
BOXES: Final = (ItemUnit(code="BOX", qty_per=Decimal(12)),)
ITEMS: Final = (
    item("STOCK"),
    item("SPECIAL", vendor_no="V1", purchasing_code="SPEC"),
    item("DROPPED", vendor_no="V2", purchasing_code="DROP"),
    item("ORPHAN", purchasing_code="SPEC"),
    item("SERVICE", type="service"),
    item("NEVER", reserve="never"),
    item("BLOCKED", blocked=True),
    item("BOXED", units_of_measure=BOXES, sales_unit_of_measure="BOX"),
)
FOUND: Final[dict[type[Any], dict[str, Any]]] = {
    Company: {COMPANY_NO: COMPANY},
    Customer: {
        "C1": Customer(version=1, no="C1", name="Anna", city="Konstanz", location_code="NORTH"),
        "C2": Customer(version=1, no="C2", name="Bo", reserve="always"),
        "C3": Customer(version=1, no="C3", name="Cy", blocked="ship"),
    },
    ShipToAddress: {
        "C1/SHED": ShipToAddress(version=1, customer_no="C1", code="SHED", city="Ulm", location_code="SHOP")
    },
    PurchasingCode: {
        "SPEC": PurchasingCode(version=1, code="SPEC", special_order=True),
        "DROP": PurchasingCode(version=1, code="DROP", drop_shipment=True),
        "NEUTRAL": PurchasingCode(version=1, code="NEUTRAL"),
    },
    ChargeCode: {
        "SHIPPING": ChargeCode(version=1, code="SHIPPING", description="Shipping", tax_pct=Decimal(19))
    },
    Item: {each.no: each for each in ITEMS},
    Location: {
        "NORTH": Location(version=1, code="NORTH", outbound_handling_days=2),
        "SHOP": Location(version=1, code="SHOP"),
    },
    Store: {
        "ST1": Store(
            version=1, no="ST1", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP"
        )
    },
    StockkeepingUnit: {
        "SHOP/ORPHAN": StockkeepingUnit(version=1, location_code="SHOP", item_no="ORPHAN", vendor_no="V9")
    },
    PlanningSetup: {"SETUP": PlanningSetup(version=1)},
}
REFERENCES: Final = ReferenceData(FOUND, NOW)


def references(**records: Model) -> ReferenceData:
    """The same with further or other records, under their numbers."""
    found = REFERENCES
    for no, record in records.items():
        found = found.with_records(type(record), {no: record})
    return found


def context(sourcings: Sourcings | None = None, found: ReferenceData = REFERENCES) -> OrderContext:
    """A decision's context whose ids are counted from 1."""
    counter = itertools.count(1)
    return OrderContext(references=found, new_id=lambda: UUID(int=next(counter)), sourcings=sourcings or {})


def sold(item_no: str, quantity: str = "5", **more: Any) -> NewSalesLine:
    return NewSalesLine(item_no=item_no, quantity=Decimal(quantity), **more)


def made(*lines: NewSalesLine, found: ReferenceData = REFERENCES, **header: Any) -> Order:
    """An open order S-1 of customer C1."""
    new = NewSalesOrder(**{"no": "S-1", "customer_no": "C1", "lines": lines, **header})
    return new_order(new, context(found=found))


def shipped(line: Line, quantity: str = "5") -> Line:
    """The line after a shipment."""
    posting = BilledPosting(posting_id=line.id, quantity=Decimal(quantity), posting_date=DAY)
    return Line(**{n: getattr(line, n) for n in line.__struct_fields__} | {"postings": (posting,)})


def linked(order: Order, received: str = "0") -> dict[UUID, Sourcing]:
    """Every flagged line on a purchase order of its own."""
    return {line.id: link_of(order, line, received) for line in order.lines if line.flagged}


def link_of(order: Order, line: Line, received: str = "0") -> Sourcing:
    link = SupplyLink(link_id=line.id, generation=1, purchase_order_no="P-1", purchase_order_line_no=10000)
    return Sourcing(
        sales_line_id=line.id,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        special_order=line.special_order,
        granted=Decimal(received),
        links=(link,),
    )
