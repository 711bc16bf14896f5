"""Everything that decisions look up, in one round trip: own masters and copies of others'."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text

from contracts.topics import KINDS
from contracts.values import Snapshot
from eventkit.transaction import Queryable, fetch
from sales.domain.masters import COMPANY_NO, SETUP_NO, SalesSetup
from sales.domain.references import References, living
from sales.store.masters import DECODERS as MASTER_DECODERS

# All purchasing codes come along: a line may take its item's, and there are few.
LOAD = text("""
SELECT kind, no, body FROM master
WHERE kind = 'purchasing-code' AND NOT deleted
UNION ALL
SELECT m.kind, m.no, m.body
FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[])) AS r(kind, no) JOIN master m USING (kind, no)
UNION ALL
SELECT c.kind, c.no, c.body
FROM unnest(CAST(:copy_kinds AS text[]), CAST(:copy_nos AS text[])) AS r(kind, no) JOIN copy c USING (kind, no)
WHERE c.body IS NOT NULL
""")

RATES = text("""
SELECT DISTINCT ON (body ->> 'currency_code') body ->> 'currency_code', body ->> 'rate'
FROM master
WHERE kind = 'exchange-rate' AND NOT deleted AND body ->> 'currency_code' = ANY(CAST(:currencies AS text[]))
  AND CAST(body ->> 'date' AS date) <= :day
ORDER BY body ->> 'currency_code', body ->> 'date' DESC
""")

PLANNING_SETUP_NO = "SETUP"
COPY_DECODERS = {
    kind: msgspec.json.Decoder(KINDS[kind].model)
    for kind in ("item", "location", "store", "stockkeeping-unit", "planning-setup")
}
DECODERS: dict[str, msgspec.json.Decoder[Any]] = {**MASTER_DECODERS, **COPY_DECODERS}

S = TypeVar("S", bound=Snapshot)


class Wanted:
    """What a batch of commands will look up; numbers that are empty are left out."""

    def __init__(self) -> None:
        self._masters: set[tuple[str, str]] = {("company", COMPANY_NO), ("sales-setup", SETUP_NO)}
        self._copies: set[tuple[str, str]] = {("planning-setup", PLANNING_SETUP_NO)}
        self.currencies: set[str] = set()

    def customer(self, no: str, ship_to_code: str = "") -> None:
        """A customer, and one of his addresses."""
        self._masters.add(("customer", no))
        if ship_to_code:
            self._masters.add(("ship-to-address", f"{no}/{ship_to_code}"))

    def charge(self, code: str) -> None:
        """A charge code."""
        if code:
            self._masters.add(("charge-code", code))

    def item(self, no: str, location_code: str = "") -> None:
        """An item, and what is special about it at a location."""
        if no:
            self._copies.add(("item", no))
            self._copies.add(("stockkeeping-unit", f"{location_code}/{no}"))

    def location(self, code: str) -> None:
        """A location."""
        if code:
            self._copies.add(("location", code))

    def store(self, no: str) -> None:
        """A shop."""
        if no:
            self._copies.add(("store", no))

    def keys(self) -> dict[str, list[str]]:
        """The parameters of the one query."""
        masters, copies = sorted(self._masters), sorted(self._copies)
        return {
            "kinds": [kind for kind, _ in masters],
            "nos": [no for _, no in masters],
            "copy_kinds": [kind for kind, _ in copies],
            "copy_nos": [no for _, no in copies],
        }


async def load(where: Queryable, wanted: Wanted, day: date | None = None) -> References:
    """What is known of all that is wanted; `day` is the one whose exchange rates count."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in DECODERS}
    for kind, no, body in await fetch(where, LOAD, **wanted.keys()):
        found[kind][no] = DECODERS[kind].decode(body)
    refs = References(
        company=_only(found["company"]),
        setup=_only(found["sales-setup"]) or SalesSetup(version=0),
        customers=living(found["customer"]),
        ship_tos=living(found["ship-to-address"]),
        purchasing_codes=living(found["purchasing-code"]),
        charge_codes=living(found["charge-code"]),
        items=living(found["item"]),
        locations=living(found["location"]),
        stores=living(found["store"]),
        stockkeeping_units=living(found["stockkeeping-unit"]),
        planning_setup=_only(found["planning-setup"]),
    )
    return await _with_rates(where, refs, wanted.currencies, day)


def _only(found: dict[str, S]) -> S | None:
    return next(iter(living(found).values()), None)


async def _with_rates(
    where: Queryable, refs: References, currencies: Iterable[str], day: date | None
) -> References:
    """Rates are read only where somebody sells in a foreign currency."""
    used = {*currencies, *(c.currency_code for c in refs.customers.values())}
    foreign = sorted(used - {"", refs.home_currency})
    if not foreign or not refs.home_currency or day is None:
        return refs
    rows = await fetch(where, RATES, currencies=foreign, day=day)
    return msgspec.structs.replace(refs, rates={currency: Decimal(rate) for currency, rate in rows})
