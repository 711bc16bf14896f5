"""Values that the tests of planning's rules start from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from contracts.planning.masters import Location
from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.purchasing.orders import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.masters import Company, PurchasingCode
from contracts.sales.orders import LineDemand, SalesLine, SalesOrder
from contracts.values import Address, Problem, SalesLineRef
from domainkit.decisions import DecisionContext
from domainkit.references import COMPANY_NO, ReferenceData
from planning.domain.demand.rows import OrderDemand
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import SETUP_NO, Setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.requisitions.lines import RequisitionLine

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE: Final = date(2026, 3, 20)
COMPANY: Final = Company(version=1, name="K", currency_code="EUR", time_zone="UTC", address="Head office")
ROPE: Final = ItemCard(no="1100", vendor_no="V10", last_direct_cost=Decimal(70))
KAYAK: Final = ItemCard(no="1200", vendor_no="V20")
NORTH: Final = Location(version=1, code="NORTH", name="North", address="Dock 3", inbound_handling_days=1)
SPEC: Final = PurchasingCode(version=1, code="SPEC", special_order=True)
DROP: Final = PurchasingCode(version=1, code="DROP", drop_shipment=True)
EMPTY: Final = OrderDemand(sales_order_no="S-1")
COMING: Final = PurchaseLine(
    id=UUID(int=7),
    line_no=10000,
    item_no="1100",
    quantity=Decimal(8),
    unit_of_measure_code="PCS",
    location_code="NORTH",
    expected_receipt_date=DUE,
)


def vendor(no: str = "V10", **fields: Any) -> Vendor:
    return Vendor(version=1, no=no, **{"lead_time_days": 7, **fields})


def offer(vendor_no: str = "V10", item_no: str = "1100", **fields: Any) -> ItemVendor:
    return ItemVendor(version=1, vendor_no=vendor_no, item_no=item_no, **fields)


def references(  # noqa: PLR0913 - one per kind of record
    *,
    items: Iterable[ItemCard] = (ROPE, KAYAK),
    locations: Iterable[Location] = (NORTH,),
    vendors: Iterable[Vendor] = (vendor("V10"), vendor("V20")),
    codes: Iterable[PurchasingCode] = (SPEC, DROP),
    units: Iterable[StockkeepingUnitCard] = (),
    offers: Iterable[ItemVendor] = (),
    setup: Setup | None = None,
    deleted: Iterable[tuple[type[Any], str]] = (),
) -> ReferenceData:
    """A small company: a special order's item and a drop shipment's, each with its vendor, and one location."""
    found: Mapping[type[Any], Mapping[str, Any]] = {
        Company: {COMPANY_NO: COMPANY},
        Setup: {SETUP_NO: setup} if setup is not None else {},
        ItemCard: {item.no: item for item in items},
        Location: {location.code: location for location in locations},
        Vendor: {one.no: one for one in vendors},
        PurchasingCode: {code.code: code for code in codes},
        StockkeepingUnitCard: {unit.no: unit for unit in units},
        ItemVendor: {f"{one.vendor_no}/{one.item_no}": one for one in offers},
    }
    return ReferenceData(found, NOW, deleted=frozenset(deleted))


def context(found: ReferenceData | None = None) -> DecisionContext:
    return DecisionContext(references=found if found is not None else references(), new_id=uuid4)


def sales_line(  # noqa: PLR0913 - what the rules look at
    line_no: int = 10000,
    *,
    drop: bool = False,
    generation: int = 1,
    quantity: int = 2,
    released: bool = True,
    location_code: str = "NORTH",
    shipped: int = 0,
) -> SalesLine:
    """A flagged line: a special order, or a drop shipment."""
    return SalesLine(
        id=UUID(int=line_no),
        line_no=line_no,
        item_no="1200" if drop else "1100",
        quantity=Decimal(quantity),
        quantity_shipped=Decimal(shipped),
        location_code=location_code,
        shipment_date=DUE,
        planned_delivery_date=date(2026, 3, 22),
        purchasing_code="DROP" if drop else "SPEC",
        drop_shipment=drop,
        special_order=not drop,
        demand=LineDemand(generation=generation, quantity=Decimal(quantity), released=released),
    )


def sales_order(
    *lines: SalesLine,
    no: str = "S-1",
    status: str = "released",
    automation: str = "",
    ship_to: Address | None = None,
    your_reference: str = "",
    external_reference: str = "",
) -> SalesOrder:
    return SalesOrder(
        version=1,
        no=no,
        status=status,
        customer_no="C1",
        order_date=date(2026, 3, 1),
        ship_to=ship_to or Address(),
        your_reference=your_reference,
        external_reference=external_reference,
        procurement_automation=automation,
        lines=lines,
    )


def requisition_line(**fields: Any) -> RequisitionLine:
    """An open line that serves line 10000 of S-1 as a special order."""
    return RequisitionLine(
        **{
            "id": uuid4(),
            "version": 1,
            "worksheet": "DEFAULT",
            "status": "open",
            "item_no": "1100",
            "quantity": Decimal(2),
            "vendor_no": "V10",
            "sell_to_customer_no": "C1",
            "location_code": "NORTH",
            "purchasing_code": "SPEC",
            "special_order": not fields.get("drop_shipment", False),
            "sales_order_no": "S-1",
            "sales_order_line_no": 10000,
            "sales_line_id": UUID(int=10000),
            "generation": 1,
            "due_date": DUE,
            "receipt_date": DUE,
            "order_date": date(2026, 3, 10),
            **fields,
        }
    )


def plain_line(**fields: Any) -> RequisitionLine:
    """An open line that serves no sales order."""
    unlinked: dict[str, Any] = {
        "special_order": False,
        "purchasing_code": "",
        "sell_to_customer_no": "",
        "sales_order_no": "",
        "sales_order_line_no": None,
        "sales_line_id": None,
        "generation": 0,
    }
    return requisition_line(**unlinked | fields)


def bought(request: PurchaseRequest, *, active: bool = True) -> PurchaseOrder:
    """The purchase order that purchasing makes of a request; inactive: after its lines were deleted."""
    lines = tuple(
        PurchaseLine(
            id=uuid4(),
            line_no=10000 * (i + 1),
            item_no=line.item_no,
            quantity=line.quantity,
            unit_of_measure_code="PCS",
            requisition_line_id=line.requisition_line_id,
            link=link(line.sales, drop=line.drop_shipment, active=active) if line.sales else None,
        )
        for i, line in enumerate(request.lines)
    )
    return purchase_order(*lines, vendor_no=request.vendor_no)


def link(sales: SalesLineRef, *, drop: bool = False, active: bool = True) -> PurchaseLink:
    kind = "drop_shipment" if drop else "special_order"
    return PurchaseLink(link_id=uuid4(), kind=kind, sales=sales, active=active)


def purchase_order(*lines: PurchaseLine, no: str = "P-1", vendor_no: str = "V10") -> PurchaseOrder:
    return PurchaseOrder(
        version=1, no=no, status="open", vendor_no=vendor_no, order_date=date(2026, 3, 2), lines=lines
    )


def linked_by_others(line: SalesLine, generation: int) -> PurchaseOrder:
    """A purchase order that took the sales line by purchasing's own *get sales order*."""
    sales = SalesLineRef(
        sales_order_no="S-1", sales_order_line_no=line.line_no, sales_line_id=line.id, generation=generation
    )
    purchase_line = PurchaseLine(
        id=uuid4(),
        line_no=10000,
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code="PCS",
        link=link(sales),
    )
    return purchase_order(purchase_line, no="P-9")


def refused(request: PurchaseRequest, *errors: Problem) -> RequestOutcome:
    return RequestOutcome(
        version=1, request_id=request.id, kind="purchase_request", outcome="refused", errors=errors
    )


def states(demand: OrderDemand) -> dict[tuple[int, int], str]:
    """(line, generation) → state."""
    return {(row.sales_order_line_no, row.generation): row.state for row in demand.rows.values()}


def only_line(demand: OrderDemand) -> RequisitionLine:
    (line,) = demand.lines.values()
    return line
