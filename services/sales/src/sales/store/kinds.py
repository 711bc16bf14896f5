"""Which records sales can look up: its own master data, and its copies of others' records."""

from __future__ import annotations

from typing import Final

from contracts.sales.masters import ChargeCode, Company, Customer, ExchangeRate, PurchasingCode, ShipToAddress
from recordkit.kinds import RecordKinds
from sales.domain.masters import SalesSetup

COPIES: Final = (
    "planning-setup",
    "location",
    "item",
    "catalog-item",
    "stockkeeping-unit",
    "stock",
    "store",
    "vendor",
    "item-vendor",
)

KINDS_OF_SALES: Final = RecordKinds(
    own={
        "company": Company,
        "customer": Customer,
        "ship-to-address": ShipToAddress,
        "purchasing-code": PurchasingCode,
        "charge-code": ChargeCode,
        "sales-setup": SalesSetup,
        "exchange-rate": ExchangeRate,
    },
    copies=COPIES,
)
"""The set-up is not published."""
