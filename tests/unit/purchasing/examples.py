"""Values that the tests of purchasing's rules start from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from contracts.keys import item_vendor_no
from contracts.planning.masters import Item, ItemUnit, Location
from contracts.planning.requests import PurchaseRequest, PurchaseRequestLine
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.purchasing.orders import PurchaseLink
from contracts.sales.masters import Company, Customer, ExchangeRate, ShipToAddress
from contracts.sales.orders import LineDemand, SalesLine, SalesOrder
from contracts.values import Address, SalesLineRef
from domainkit.parties import address_of
from domainkit.references import COMPANY_NO, ReferenceData
from purchasing.domain.orders.order import Line, Order, Receipt
from purchasing.domain.orders.posted_receipts import Delivery
from purchasing.domain.orders.receipts import ReceivingContext
from purchasing.domain.setup import SETUP_NO, PurchasingSetup

TODAY: Final = date(2026, 3, 2)
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROPE, COMPASS, KAYAK = UUID(int=101), UUID(int=102), UUID(int=103)
SHIP_TO: Final = Address(
    name="Anna Berg", address="Seeweg 4", city="Konstanz", post_code="78462", country_code="DE"
)
_ids = itertools.count(1_000_000)


def new_id() -> UUID:
    return UUID(int=next(_ids))


def ids(start: int) -> Iterator[UUID]:
    return (UUID(int=n) for n in itertools.count(start))


def item(no: str, **changed: object) -> Item:
    units = (ItemUnit(code="PCS", qty_per=Decimal(1)), ItemUnit(code="BOX", qty_per=Decimal(6)))
    values: dict[str, object] = {
        "description": f"Item {no}",
        "units_of_measure": units,
        "last_direct_cost": Decimal(7),
    }
    return Item(version=1, no=no, **{**values, **changed})  # type: ignore[arg-type]


COMPANY: Final = Company(
    version=1, name="Northsea", currency_code="EUR", time_zone="Europe/Berlin", city="Kiel"
)
VENDOR: Final = Vendor(version=1, no="V10", name="Compass Works", lead_time_days=5)
CUSTOMER: Final = Customer(version=1, no="C100", name="Anna Berg", city="Konstanz")
LOCATION: Final = Location(version=1, code="NORTH", name="Warehouse North", city="Hamburg")
ITEMS: Final = tuple(item(no) for no in ("1000", "1100", "1200"))


def references(  # noqa: PLR0913 - one argument per kind of record
    *,
    vendors: Iterable[Vendor] = (VENDOR,),
    items: Iterable[Item] = ITEMS,
    entries: Iterable[ItemVendor] = (),
    customers: Iterable[Customer] = (CUSTOMER,),
    addresses: Iterable[ShipToAddress] = (),
    locations: Iterable[Location] = (LOCATION,),
    setup: PurchasingSetup | None = None,
) -> ReferenceData:
    """What is known on `TODAY`."""
    found: dict[type, dict[str, object]] = {
        Company: {COMPANY_NO: COMPANY},
        Vendor: {vendor.no: vendor for vendor in vendors},
        Item: {item.no: item for item in items},
        ItemVendor: {item_vendor_no(entry.vendor_no, entry.item_no): entry for entry in entries},
        Customer: {customer.no: customer for customer in customers},
        ShipToAddress: {f"{address.customer_no}/{address.code}": address for address in addresses},
        Location: {location.code: location for location in locations},
        PurchasingSetup: {} if setup is None else {SETUP_NO: setup},
    }
    return ReferenceData(found, NOW)


def context(
    found: ReferenceData | None = None, sales_orders: Mapping[str, SalesOrder] | None = None
) -> ReceivingContext:
    return ReceivingContext(
        references=found or references(), new_id=new_id, by="tester", sales_orders=sales_orders or {}
    )


def rated(
    found: ReferenceData | None = None, currency_code: str = "USD", rate: str = "0.80"
) -> ReferenceData:
    """The same with an exchange rate."""
    record = ExchangeRate(version=1, currency_code=currency_code, date=date(2026, 1, 1), rate=Decimal(rate))
    return (found or references()).with_records(ExchangeRate, {f"{currency_code}/2026-01-01": record})


def catalogue(**changed: object) -> ItemVendor:
    values: dict[str, object] = {"vendor_item_no": "BC-9", "direct_unit_cost": Decimal(80)}
    return ItemVendor(version=1, vendor_no="V10", item_no="1100", **{**values, **changed})  # type: ignore[arg-type]


def ref(sales_line_id: UUID = COMPASS, generation: int = 1, order_no: str = "S-1001") -> SalesLineRef:
    return SalesLineRef(
        sales_order_no=order_no,
        sales_order_line_no=20000,
        sales_line_id=sales_line_id,
        generation=generation,
        customer_no="C100",
    )


def request_line(
    item_no: str = "1100", sales: SalesLineRef | None = None, **changed: object
) -> PurchaseRequestLine:
    values: dict[str, object] = {
        "requisition_line_id": new_id(),
        "item_no": item_no,
        "quantity": Decimal(2),
        "unit_of_measure_code": "PCS",
        "location_code": "NORTH",
        "purchasing_code": "SPEC",
        "special_order": True,
        "sales": sales or ref(),
    }
    return PurchaseRequestLine(**{**values, **changed})  # type: ignore[arg-type]


def request(*lines: PurchaseRequestLine, **changed: object) -> PurchaseRequest:
    values: dict[str, object] = {
        "id": new_id(),
        "vendor_no": "V10",
        "order_date": TODAY,
        "sell_to_customer_no": "C100",
        "location_code": "NORTH",
        "your_reference": "Anniversary",
        "lines": lines or (request_line(),),
    }
    return PurchaseRequest(version=1, **{**values, **changed})  # type: ignore[arg-type]


def line(kind: str = "", *, quantity: int = 5, sales_line_id: UUID = COMPASS, line_no: int = 10000) -> Line:
    link = PurchaseLink(link_id=new_id(), kind=kind, sales=ref(sales_line_id)) if kind else None
    return Line(
        id=new_id(),
        line_no=line_no,
        item_no="1100",
        quantity=Decimal(quantity),
        unit_of_measure_code="PCS",
        direct_unit_cost=Decimal(7),
        location_code="NORTH",
        link=link,
    )


def order(*lines: Line, no: str = "P-1001", **changed: object) -> Order:
    values: dict[str, object] = {
        "version": 1,
        "vendor_no": "V10",
        "vendor_name": "Compass Works",
        "sell_to_customer_no": "C100",
        "location_code": "NORTH",
        "currency_code": "EUR",
        "order_date": TODAY,
        "lines": lines,
    }
    return Order(no=no, **{**values, **changed})  # type: ignore[arg-type]


def delivery(origin: str = "purchasing") -> Delivery:
    return Delivery(
        document_id=new_id(), posting_date=TODAY, posted_at=NOW, posted_by="tester", origin=origin
    )


def receipt(quantity: Decimal) -> Receipt:
    return Receipt(
        posting_id=new_id(),
        quantity=quantity,
        posting_date=TODAY,
        order_version=2,
        document_id=new_id(),
    )


def receiving_address() -> Address:
    """The address of the location of the examples."""
    return address_of(LOCATION)


def sales_line(sales_line_id: UUID, line_no: int, kind: str = "", **changed: object) -> SalesLine:
    values: dict[str, object] = {
        "item_no": "1100",
        "description": "Brass compass",
        "quantity": Decimal(5),
        "unit_of_measure_code": "PCS",
        "unit_price": Decimal("149.00"),
        "location_code": "NORTH",
        "shipment_date": date(2026, 3, 10),
        "purchasing_code": {"special_order": "SPEC", "drop_shipment": "DROP"}.get(kind, ""),
        "drop_shipment": kind == "drop_shipment",
        "special_order": kind == "special_order",
        "demand": LineDemand(generation=1, quantity=Decimal(5), released=True) if kind else None,
    }
    return SalesLine(id=sales_line_id, line_no=line_no, **{**values, **changed})  # type: ignore[arg-type]


def sales_order(*lines: SalesLine, **changed: object) -> SalesOrder:
    values: dict[str, object] = {
        "version": 1,
        "no": "S-1001",
        "status": "released",
        "customer_no": "C100",
        "customer_name": "Anna Berg",
        "order_date": TODAY,
        "ship_to": SHIP_TO,
        "location_code": "NORTH",
        "currency_code": "USD",
        "your_reference": "Anniversary",
        "lines": lines,
    }
    return SalesOrder(**{**values, **changed})  # type: ignore[arg-type]
