"""What a batch of decisions needs to know of master data: own records and copies, in two statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.topics import KINDS
from eventkit.copies import decoder
from eventkit.transaction import Transaction, json_rows
from purchasing.domain.known import Known
from purchasing.store.masters import ITEM_VENDOR, VENDOR, item_vendor_no

_PAIRS = "json_to_recordset(CAST(:rows AS json)) AS r(kind text, no text)"

LOAD_MASTERS = text(f"""
SELECT m.kind, m.no, m.body FROM {_PAIRS} JOIN master m ON m.kind = r.kind AND m.no = r.no AND NOT m.deleted
""")

LOAD_COPIES = text(f"""
SELECT c.kind, c.no, c.body FROM {_PAIRS} JOIN copy c ON c.kind = r.kind AND c.no = r.no AND c.body IS NOT NULL
UNION ALL
SELECT kind, no, body FROM (SELECT kind, no, body FROM copy WHERE kind = 'company' AND body IS NOT NULL LIMIT 1) one
""")


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

    async def load(self, where: Transaction | AsyncConnection, now: datetime) -> Known:
        """Everything collected, as far as it exists. The company is always there, if this service knows it."""
        conn = where.conn if isinstance(where, Transaction) else where
        found = await _fetch(conn, LOAD_COPIES, self._copies)
        if self._masters:
            found += await _fetch(conn, LOAD_MASTERS, self._masters)
        return _known(found, now)


async def _fetch(conn: AsyncConnection, statement: Any, pairs: set[tuple[str, str]]) -> list[Any]:
    rows = json_rows({"kind": kind, "no": no} for kind, no in sorted(pairs))
    return list((await conn.execute(statement, {"rows": rows})).all())


def _known(rows: list[Any], now: datetime) -> Known:
    known = Known(
        today=now.date(),
        vendors={},
        item_vendors={},
        items={},
        customers={},
        ship_to_addresses={},
        locations={},
    )
    for kind, no, body in rows:
        record = decoder(KINDS[kind]).decode(body)
        if record.deleted:
            continue
        match kind:
            case "company":
                known.company = record
                known.today = now.astimezone(ZoneInfo(record.time_zone)).date()
            case "vendor":
                known.vendors[no] = record
            case "item-vendor":
                known.item_vendors[record.vendor_no, record.item_no] = record
            case "item":
                known.items[no] = record
            case "customer":
                known.customers[no] = record
            case "ship-to-address":
                known.ship_to_addresses[record.customer_no, record.code] = record
            case "location":
                known.locations[no] = record
    return known
