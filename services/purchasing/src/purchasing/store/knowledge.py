"""What a batch of decisions needs to know: own records and copies, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import text

from contracts.topics import KINDS
from eventkit.copies import decoder
from eventkit.transaction import Queryable, fetch, json_rows
from purchasing.domain.known import Known
from purchasing.domain.links import WantedOrder
from purchasing.store.masters import ITEM_VENDOR, VENDOR, item_vendor_no

WANTED = """
SELECT kind, no, own FROM json_to_recordset(CAST(:rows AS json)) AS r(kind text, no text, own boolean)
"""

OF_WANTED = """
SELECT c.kind, c.no, c.body FROM wanted w
JOIN copy c ON c.kind = w.kind AND c.no = w.no WHERE NOT w.own AND c.body IS NOT NULL
UNION ALL
SELECT m.kind, m.no, m.body FROM wanted w
JOIN master m ON m.kind = w.kind AND m.no = w.no WHERE w.own AND NOT m.deleted
UNION ALL
SELECT kind, no, body FROM (SELECT kind, no, body FROM copy WHERE kind = 'company' AND body IS NOT NULL LIMIT 1) one
"""

LOAD = text(f"WITH wanted AS MATERIALIZED ({WANTED}) {OF_WANTED}")

_wanted_order = msgspec.json.Decoder(WantedOrder)


class Needs:
    """Collects what will be looked up; numbers that are blank are not."""

    def __init__(self) -> None:
        self._masters: set[tuple[str, str]] = set()
        self._copies: set[tuple[str, str]] = set()

    def vendor(self, no: str) -> None:
        """A vendor."""
        self._masters.add((VENDOR, no))

    def item(self, vendor_no: str, item_no: str) -> None:
        """An item, and the vendor's catalogue entry of it."""
        self._masters.add((ITEM_VENDOR, item_vendor_no(vendor_no, item_no)))
        self._copies.add(("item", item_no))

    def item_alone(self, item_no: str) -> None:
        """An item, whoever sells it."""
        self._copies.add(("item", item_no))

    def customer(self, no: str, ship_to_code: str = "") -> None:
        """A customer, and one of its addresses."""
        if no:
            self._copies.add(("customer", no))
        if no and ship_to_code:
            self._copies.add(("ship-to-address", f"{no}/{ship_to_code}"))

    def location(self, code: str) -> None:
        """A location."""
        if code:
            self._copies.add(("location", code))

    def sales_order(self, no: str) -> None:
        """What a sales order wants bought."""
        self._copies.add(("sales-order", no))

    async def load(self, where: Queryable, now: datetime) -> Known:
        """Everything collected, as far as it exists. The company is always there, if this service knows it."""
        return known_of(await fetch(where, LOAD, rows=self.rows()), now)

    def rows(self) -> str:
        """What was collected as the parameter of `WANTED`."""
        pairs = [(kind, no, False) for kind, no in sorted(self._copies)]
        pairs += [(kind, no, True) for kind, no in sorted(self._masters)]
        return json_rows({"kind": kind, "no": no, "own": own} for kind, no, own in pairs)


def known_of(rows: Iterable[Any], now: datetime) -> Known:
    """What the rows (kind, number, body) of `OF_WANTED` say."""
    known = Known(today=now.date())
    for kind, no, body in rows:
        if kind == "sales-order":
            known.sales_orders[no] = _wanted_order.decode(body)
            continue
        record = decoder(KINDS[kind]).decode(body)
        if not record.deleted:
            _keep(known, kind, no, record, now)
    return known


def _keep(known: Known, kind: str, no: str, record: Any, now: datetime) -> None:
    if kind == "company":
        known.company = record
        known.today = now.astimezone(ZoneInfo(record.time_zone)).date()
    elif kind == "item-vendor":
        known.item_vendors[record.vendor_no, record.item_no] = record
    elif kind == "ship-to-address":
        known.ship_to_addresses[record.customer_no, record.code] = record
    else:
        getattr(known, _BY_NO[kind])[no] = record


_BY_NO = {
    "vendor": "vendors",
    "item": "items",
    "customer": "customers",
    "location": "locations",
    "sales-order": "sales_orders",
}
"""Kinds that are known by their number alone, and where."""
