"""The records that purchasing can look up: its own master data, and copies of what others own."""

from __future__ import annotations

from typing import Final

from contracts.purchasing.masters import ItemVendor, Vendor
from purchasing.domain.links import LinkedSalesOrder
from purchasing.domain.setup import PurchasingSetup
from recordkit.kinds import RecordKinds

COPIES: Final = ("company", "exchange-rate", "customer", "ship-to-address", "item", "location")

KINDS_OF_PURCHASING: Final = RecordKinds(
    own={"vendor": Vendor, "item-vendor": ItemVendor, "purchasing-setup": PurchasingSetup},
    copies=COPIES,
    # Of sales orders only what links are judged by is read: whole ones are large, and one is read per purchase.
    copies_as={"sales-order": LinkedSalesOrder},
)
