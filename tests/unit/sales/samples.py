"""Values that the rules' tests share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.planning import Item, ItemUnit, Location, PlanningSetup, StockkeepingUnit
from contracts.pos import Store
from contracts.sales import ChargeCode, Company, Customer, PurchasingCode, ShipToAddress
from sales.domain.drafts import NewLine, NewOrder
from sales.domain.headers import new_order
from sales.domain.orders import Order
from sales.domain.references import References

DAY = date(2026, 3, 2)


def item(no: str, **more: Any) -> Item:
    return Item(version=1, no=no, description=f"Item {no}", unit_price=Decimal(10), **more)


REFS = References(
    company=Company(version=1, name="N", currency_code="EUR", time_zone="Europe/Berlin"),
    customers={
        "C1": Customer(version=1, no="C1", name="Anna", city="Konstanz", location_code="NORTH"),
        "C2": Customer(version=1, no="C2", name="Bo", reserve="always"),
    },
    ship_tos={
        "C1/SHED": ShipToAddress(version=1, customer_no="C1", code="SHED", city="Ulm", location_code="SHOP")
    },
    purchasing_codes={
        "SPEC": PurchasingCode(version=1, code="SPEC", special_order=True),
        "DROP": PurchasingCode(version=1, code="DROP", drop_shipment=True),
        "NEUTRAL": PurchasingCode(version=1, code="NEUTRAL"),
    },
    charge_codes={"SHIPPING": ChargeCode(version=1, code="SHIPPING", tax_pct=Decimal(19))},
    items={
        "STOCK": item("STOCK"),
        "SPECIAL": item("SPECIAL", vendor_no="V1", purchasing_code="SPEC"),
        "DROPPED": item("DROPPED", vendor_no="V2", purchasing_code="DROP"),
        "ORPHAN": item("ORPHAN", purchasing_code="SPEC"),
        "SERVICE": item("SERVICE", type="service"),
        "NEVER": item("NEVER", reserve="never"),
        "BOXED": item(
            "BOXED",
            units_of_measure=(ItemUnit(code="BOX", qty_per=Decimal(12)),),
            sales_unit_of_measure="BOX",
        ),
    },
    locations={
        "NORTH": Location(version=1, code="NORTH", outbound_handling_days=2),
        "SHOP": Location(version=1, code="SHOP"),
    },
    stores={
        "ST1": Store(
            version=1, no="ST1", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP"
        )
    },
    stockkeeping_units={
        "SHOP/ORPHAN": StockkeepingUnit(version=1, location_code="SHOP", item_no="ORPHAN", vendor_no="V9")
    },
    planning_setup=PlanningSetup(version=1),
)


def ids() -> Iterator[UUID]:
    return (UUID(int=n) for n in itertools.count(1))


def sold(item_no: str, quantity: str = "5", **more: Any) -> NewLine:
    return NewLine(item_no=item_no, quantity=Decimal(quantity), **more)


def made(*lines: NewLine, **header: Any) -> Order:
    """An open order S-1 of customer C1."""
    draft = NewOrder(**{"no": "S-1", "customer_no": "C1", "lines": lines, **header})
    return new_order(draft, REFS, ids(), DAY)
