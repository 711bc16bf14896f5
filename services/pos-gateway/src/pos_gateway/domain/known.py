"""What the gateway knows of others' master data while it decides: its own copies; nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from contracts.planning import Item, StockLevel
from contracts.pos import NewCustomer
from contracts.sales import ChargeCode, Customer, PurchasingCode, ShipToAddress
from contracts.values import Model


class TillCustomer(Model, frozen=True, kw_only=True):
    """A customer made at a till; `customer_no` is empty until sales has given a number (POS-99)."""

    customer: NewCustomer
    customer_no: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Copies by number; what does not exist, or is deleted, is absent."""

    customers: Mapping[str, Customer] = {}
    ship_to_addresses: Mapping[str, ShipToAddress] = {}
    """By `<customer>/<code>`."""
    items: Mapping[str, Item] = {}
    purchasing_codes: Mapping[str, PurchasingCode] = {}
    charge_codes: Mapping[str, ChargeCode] = {}
    stock: Mapping[str, StockLevel] = {}
    """By `<item>/<location>`."""
    till_customers: Mapping[UUID, TillCustomer] = {}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of them an order needs: (kind of copy, number), and ids of customers made at tills."""

    copies: frozenset[tuple[str, str]] = frozenset()
    till_customers: frozenset[UUID] = frozenset()
