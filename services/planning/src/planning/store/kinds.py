"""The records that planning looks up: its own master data, and its copies of others'."""

from __future__ import annotations

from typing import Any, Final

from contracts.planning.masters import Location
from planning.domain.masters.catalog_items import CatalogCard, published_catalog_item
from planning.domain.masters.items import ItemCard, published_item
from planning.domain.masters.setup import Setup, published_setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard, published_unit
from planning.domain.masters.worksheets import Worksheet
from recordkit.kinds import RecordKinds

ITEM: Final = "item"
CATALOG_ITEM: Final = "catalog-item"
LOCATION: Final = "location"
STOCKKEEPING_UNIT: Final = "stockkeeping-unit"
SETUP: Final = "planning-setup"
WORKSHEET: Final = "requisition-worksheet"

COPIES: Final = ("company", "exchange-rate", "purchasing-code", "vendor", "item-vendor")

KINDS_OF_PLANNING: Final = RecordKinds(
    own={
        ITEM: ItemCard,
        CATALOG_ITEM: CatalogCard,
        LOCATION: Location,
        STOCKKEEPING_UNIT: StockkeepingUnitCard,
        SETUP: Setup,
        WORKSHEET: Worksheet,
    },
    copies=COPIES,
)

PUBLISHED: Final[dict[str, Any]] = {
    ITEM: published_item,
    CATALOG_ITEM: published_catalog_item,
    STOCKKEEPING_UNIT: published_unit,
    SETUP: published_setup,
}
"""Kinds of which other services see less than planning keeps. Locations are published as they are."""
