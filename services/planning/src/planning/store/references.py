"""Everything that decisions look up: own masters and copies of others', in one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import text

from contracts.topics import KINDS
from eventkit.transaction import Queryable, fetch, json_rows
from planning.domain.masters import (
    SETUP_NO,
    ItemCard,
    LocationCard,
    Setup,
    StockkeepingUnitCard,
)
from planning.domain.references import References

COMPANY_NO: Final = "COMPANY"
DEMAND: Final = "demand"

# One statement over own masters and the kit's table of copies, with the vendors that follow from items and
# stockkeeping units: a decision's latency is its round trips.
LOOK_UP = text("""
WITH r AS MATERIALIZED (
    SELECT DISTINCT kind, no FROM json_to_recordset(CAST(:rows AS json)) AS r(kind text, no text)
), m AS MATERIALIZED (
    SELECT kind, no, body FROM r JOIN master USING (kind, no)
), supplier AS MATERIALIZED (
    SELECT DISTINCT body ->> 'vendor_no' AS vendor_no,
           CASE kind WHEN 'item' THEN no ELSE body ->> 'item_no' END AS item_no
    FROM m WHERE kind IN ('item', 'stockkeeping-unit') AND body ->> 'vendor_no' <> ''
), wanted AS (
    SELECT kind, no FROM r
    UNION SELECT 'vendor', vendor_no FROM supplier
    UNION SELECT 'item-vendor', vendor_no || '/' || item_no FROM supplier
)
SELECT kind, no, body FROM m
UNION ALL
SELECT c.kind, c.no, c.body FROM wanted JOIN copy c USING (kind, no) WHERE c.body IS NOT NULL
UNION ALL
SELECT 'demand', sales_order_no, NULL FROM demand_order WHERE sales_order_no = ANY(CAST(:sales_orders AS text[]))
""")

MODELS: Final[Mapping[str, type[Any]]] = {
    "item": ItemCard,
    "location": LocationCard,
    "stockkeeping-unit": StockkeepingUnitCard,
    "planning-setup": Setup,
    "company": KINDS["company"].model,
    "vendor": KINDS["vendor"].model,
    "item-vendor": KINDS["item-vendor"].model,
    "purchasing-code": KINDS["purchasing-code"].model,
}
_DECODERS = {kind: msgspec.json.Decoder(model) for kind, model in MODELS.items()}

Found = dict[str, dict[str, Any]]


class Wanted:
    """What a batch of decisions will look up; empty numbers are left out."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = {("planning-setup", SETUP_NO), ("company", COMPANY_NO)}

    def item(self, item_no: str, location_code: str) -> None:
        """An item, the location, and what is special about the item there."""
        self._keys |= {
            ("item", item_no),
            ("location", location_code),
            ("stockkeeping-unit", f"{location_code}/{item_no}"),
        }

    def purchasing_code(self, code: str) -> None:
        """A purchasing code."""
        self._keys.add(("purchasing-code", code))

    def vendor(self, vendor_no: str, item_no: str) -> None:
        """A vendor and the item in his catalogue."""
        if vendor_no:
            self._keys |= {("vendor", vendor_no), ("item-vendor", f"{vendor_no}/{item_no}")}

    def pairs(self) -> list[tuple[str, str]]:
        """(kind, number) of all."""
        return [(kind, no) for kind, no in self._keys if no]


async def load(where: Queryable, wanted: Wanted) -> References:
    """What is known of all that is wanted, and of the vendors that follow from it."""
    return (await load_with_demands(where, wanted, ()))[0]


async def load_with_demands(
    where: Queryable, wanted: Wanted, sales_orders: Iterable[str]
) -> tuple[References, set[str]]:
    """In the same round trip: which of these sales orders have a demand, to be locked before it is read."""
    found: Found = {kind: {} for kind in MODELS}
    demands: set[str] = set()
    rows = json_rows({"kind": kind, "no": no} for kind, no in wanted.pairs())
    for kind, no, body in await fetch(where, LOOK_UP, rows=rows, sales_orders=list(sales_orders)):
        if kind == DEMAND:
            demands.add(no)
        else:
            found[kind][no] = _DECODERS[kind].decode(body)
    return _references(found), demands


def _references(found: Found) -> References:
    return References(
        setup=found["planning-setup"].get(SETUP_NO, Setup()),
        company=found["company"].get(COMPANY_NO),
        items=found["item"],
        locations=found["location"],
        units=found["stockkeeping-unit"],
        vendors=found["vendor"],
        catalogue=found["item-vendor"],
        purchasing_codes=found["purchasing-code"],
    )
